using System.Security.Cryptography;

namespace EksNode.Host.Hashing;

/// <summary>
/// SHA-256 and HMAC-SHA-256 for signatures. .NET takes them from OpenSSL, whose loading is a third of the time that
/// <c>eksnode token</c> may take; a signature hashes a few kilobytes. So they are computed by <see cref="Sha256"/>, except where the
/// kernel is in FIPS mode: there the validated module, OpenSSL, must do it.
/// </summary>
/// <remarks>FIPS 180-4 and FIPS 198-1.</remarks>
public static class SigningHash
{
    private const string KernelFips = "/proc/sys/crypto/fips_enabled";

    /// <summary>Whether the kernel is in FIPS mode.</summary>
    internal static bool KernelInFipsMode { get; } = ReadFips();

    /// <summary>The hash of some bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> data) => KernelInFipsMode ? SHA256.HashData(data) : HashHere(data, []);

    /// <summary>The keyed hash of some bytes.</summary>
    public static byte[] Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) =>
        KernelInFipsMode ? HMACSHA256.HashData(key, data) : MacHere(key, data);

    /// <summary>The keyed hash, computed here whatever the kernel says.</summary>
    internal static byte[] MacHere(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        Span<byte> padded = stackalloc byte[Sha256.BlockLength];
        padded.Clear();
        if (key.Length > padded.Length)
        {
            HashHere(key, []).CopyTo(padded);
        }
        else
        {
            key.CopyTo(padded);
        }

        Span<byte> inner = stackalloc byte[Sha256.BlockLength];
        Span<byte> outer = stackalloc byte[Sha256.BlockLength];
        for (var i = 0; i < padded.Length; i++)
        {
            inner[i] = (byte)(padded[i] ^ 0x36);
            outer[i] = (byte)(padded[i] ^ 0x5c);
        }

        var mac = HashHere(outer, HashHere(inner, data));
        CryptographicOperations.ZeroMemory(padded);
        CryptographicOperations.ZeroMemory(inner);
        CryptographicOperations.ZeroMemory(outer);
        return mac;
    }

    /// <summary>The hash of two runs of bytes, one after the other, computed here whatever the kernel says.</summary>
    internal static byte[] HashHere(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var hash = new Sha256();
        hash.Add(first);
        hash.Add(second);
        return hash.Finish();
    }

    private static bool ReadFips()
    {
        try
        {
            return File.Exists(KernelFips) && File.ReadAllText(KernelFips).StartsWith('1');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is there and does not tell: then the validated module is the safe answer.
            return true;
        }
    }
}
