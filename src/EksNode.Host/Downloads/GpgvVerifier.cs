using EksNode.Host.Files;
using EksNode.Host.Processes;

namespace EksNode.Host.Downloads;

/// <summary>
/// Verifies a signature of OpenPGP with gpgv. The keys may come from anywhere: gpgv checks that each is bound to its primary key, and only a primary key that is
/// known by its fingerprint counts.
/// </summary>
/// <param name="path">The path of gpgv.</param>
/// <param name="deadline">How long it may take.</param>
internal sealed class GpgvVerifier(string path, TimeSpan deadline)
{
    // It is no folder, so that nothing in it could be read: neither keys nor settings.
    private const string Home = "/dev/null";

    private readonly ProgramRunner runner = new();

    /// <summary>What gpgv did, its status lines as the output.</summary>
    /// <param name="file">The path of the signed file.</param>
    /// <param name="signature">The signature, armored or not.</param>
    /// <param name="keys">Public keys, not armored.</param>
    /// <param name="cancellation">Kills it.</param>
    public async Task<ProgramResult> RunAsync(string file, ReadOnlyMemory<byte> signature, byte[] keys, CancellationToken cancellation)
    {
        using var signatureFile = MemoryFile.Of(signature.Span, "signature");
        using var keyFile = MemoryFile.Of(keys, "keys");
        // SHA-1 signs nothing any more: who can choose both files makes two with one hash.
        var call = new ProgramCall(
            path, ["--homedir", Home, "--status-fd", "1", "--weak-digest", "SHA1", "--keyring", keyFile.Path, signatureFile.Path, Path.GetFullPath(file)], deadline);
        return await runner.RunAsync(call, cancellation).ConfigureAwait(false);
    }
}
