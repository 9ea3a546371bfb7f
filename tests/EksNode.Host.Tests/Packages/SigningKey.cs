namespace EksNode.Host.Tests.Packages;

/// <summary>A key of OpenPGP that signs packages and indexes; gone with its agent when it is disposed of.</summary>
internal sealed class SigningKey : IDisposable
{
    // The agent's socket is in there, whose path may have 107 characters.
    private readonly string home = Directory.CreateTempSubdirectory("ek-").FullName;

    public SigningKey()
    {
        TestProgram.Run("gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", Name, "rsa2048", "sign", "never");
        PublicKey = Path.Combine(home, "public.asc");
        TestProgram.Run("gpg", "--homedir", home, "--armor", "--output", PublicKey, "--export");
    }

    public const string Name = "test@example.com";

    public string PublicKey { get; }

    public void SignPackages(params string[] files) =>
        TestProgram.Run("rpmsign", ["--define", "_gpg_name " + Name, "--define", "_gpg_path " + home, "--define", "__gpg /usr/bin/gpg", "--addsign", .. files]);

    public void SignIndex(string file, string signed) =>
        TestProgram.Run("gpg", "--homedir", home, "--batch", "--yes", "--clearsign", "--output", signed, file);

    public void Dispose()
    {
        TestProgram.Run("gpgconf", "--homedir", home, "--kill", "gpg-agent");
        Directory.Delete(home, recursive: true);
    }
}
