using System.Text;
using EksNode.Host.Tests.Packages;

namespace EksNode.Host.Tests.Downloads;

/// <summary>A home of gpg with keys of publishers; gone with its agent when it is disposed of.</summary>
internal sealed class OpenPgpHome : IDisposable
{
    // The agent's socket is in there, whose path may have 107 characters.
    private readonly string home = Directory.CreateTempSubdirectory("ek-").FullName;

    /// <summary>Why a test is skipped: what this machine lacks; null: nothing.</summary>
    public static string? Missing => Array.Find(["gpg", "gpgv", "gpgconf"], p => !File.Exists("/usr/bin/" + p)) is { } missing ? $"{missing} is not installed" : null;

    /// <summary>Makes a key that signs, at a time.</summary>
    /// <returns>Its fingerprint.</returns>
    public string Make(string name, string end = "never", string? at = null)
    {
        Run(at, "--quick-generate-key", name, "ed25519", "sign", end);
        return Fingerprint(name);
    }

    /// <summary>Makes a key that does not sign itself, but has a subkey that does.</summary>
    /// <returns>The fingerprint of the primary key.</returns>
    public string MakeWithSubkey(string name)
    {
        Run(null, "--quick-generate-key", name, "ed25519", "cert", "never");
        var fingerprint = Fingerprint(name);
        AddSubkey(fingerprint);
        return fingerprint;
    }

    /// <summary>Adds a subkey that signs.</summary>
    public void AddSubkey(string fingerprint, string end = "never", string? at = null) => Run(at, "--quick-add-key", fingerprint, "ed25519", "sign", end);

    /// <summary>Gives a key another end.</summary>
    public void Expire(string fingerprint, string end, string? at = null) => Run(at, "--quick-set-expire", fingerprint, end);

    /// <summary>Revokes a key, with the certificate that gpg made beside it.</summary>
    public void Revoke(string fingerprint)
    {
        var revocation = Path.Combine(home, "openpgp-revocs.d", fingerprint + ".rev");
        // gpg has a colon before it, so that nobody imports it by mistake.
        File.WriteAllText(revocation, File.ReadAllText(revocation).Replace(":-----BEGIN", "-----BEGIN", StringComparison.Ordinal));
        Run(null, "--import", revocation);
    }

    /// <summary>A detached signature, armored.</summary>
    /// <param name="content">What is signed.</param>
    /// <param name="signers">Who signs.</param>
    /// <param name="at">When, as gpg writes it: <c>20200101T000000</c>; null: now.</param>
    /// <param name="hash">The hash.</param>
    public string Sign(byte[] content, string[] signers, string? at = null, string hash = "SHA256")
    {
        var (file, signature) = (Path.Combine(home, "file"), Path.Combine(home, "file.asc"));
        File.WriteAllBytes(file, content);
        Run(at, ["--yes", "--digest-algo", hash, .. signers.SelectMany(s => new[] { "--local-user", s }), "--armor", "--output", signature, "--detach-sign", file]);
        return File.ReadAllText(signature);
    }

    /// <summary>The public keys of some, armored in one block.</summary>
    public string Keys(params string[] names) => Run(null, ["--armor", "--export", .. names]);

    /// <summary>The public key of somebody, not armored.</summary>
    public byte[] Key(string name)
    {
        var path = Path.Combine(home, "key");
        Run(null, "--yes", "--output", path, "--export", name);
        return File.ReadAllBytes(path);
    }

    /// <summary>Takes public keys in.</summary>
    /// <returns>The fingerprints of all primary keys that are there then.</returns>
    public string[] Import(byte[] keys)
    {
        var path = Path.Combine(home, "keys");
        File.WriteAllBytes(path, keys);
        Run(null, "--import", path);
        var lines = Run(null, "--with-colons", "--list-keys").Split('\n').Where(l => l.StartsWith("pub:", StringComparison.Ordinal) || l.StartsWith("fpr:", StringComparison.Ordinal)).ToList();
        // The fingerprint of a primary key follows it; those of subkeys follow others.
        return [.. lines.Index().Where(l => l.Item.StartsWith("pub:", StringComparison.Ordinal)).Select(l => lines[l.Index + 1].Split(':')[9])];
    }

    /// <summary>Keys in armor as RFC 9580 asks for at least: without a header or a checksum.</summary>
    public static string Armored(byte[] keys) =>
        $"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{Convert.ToBase64String(keys, Base64FormattingOptions.InsertLineBreaks).Replace("\r", "", StringComparison.Ordinal)}\n-----END PGP PUBLIC KEY BLOCK-----\n";

    /// <summary>The packets of a key, each with its tag (RFC 9580, 4.2).</summary>
    public static List<(int Tag, byte[] Bytes)> Packets(byte[] key)
    {
        List<(int, byte[])> packets = [];
        for (var at = 0; at < key.Length;)
        {
            // gpg writes the old form of headers: the tag, and how many bytes the length has.
            Assert.Equal(0x80, key[at] & 0xC0);
            var size = 1 << (key[at] & 3);
            var length = 0;
            for (var i = 1; i <= size; i++)
            {
                length = (length << 8) | key[at + i];
            }

            packets.Add(((key[at] >> 2) & 15, key[at..(at + 1 + size + length)]));
            at += 1 + size + length;
        }

        return packets;
    }

    public void Dispose()
    {
        TestProgram.Run("gpgconf", "--homedir", home, "--kill", "gpg-agent");
        Directory.Delete(home, recursive: true);
    }

    private string Fingerprint(string name) =>
        Run(null, "--with-colons", "--list-keys", name).Split('\n').First(l => l.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];

    private string Run(string? at, params string[] arguments) => TestProgram.Run(
        "gpg",
        ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", .. at is null ? [] : new[] { "--faked-system-time", at + "!" }, .. arguments]);
}
