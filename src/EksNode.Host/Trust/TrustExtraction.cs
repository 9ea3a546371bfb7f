using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Planning.Plans;

namespace EksNode.Host.Trust;

/// <summary>
/// Makes the system's store of certificate authorities anew when its sources are newer. The store has several forms (PEM, OpenSSL's, Java's),
/// which the distribution's own program keeps alike; it costs time, so it only runs after a change.
/// </summary>
/// <param name="root">The machine.</param>
/// <param name="programs">Runs it.</param>
/// <param name="log">Where progress is written.</param>
public sealed class TrustExtraction(HostRoot root, ProgramRunner programs, ILog log)
{
    /// <summary>The store as PEM: what Go programs and curl read.</summary>
    public const string Bundle = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem";

    // A cold volume reads the program, p11-kit and some hundred certificates slowly.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>The program that makes the store, of Amazon Linux and Fedora.</summary>
    public string Program { get; init; } = "/usr/bin/update-ca-trust";

    /// <summary>
    /// Whether a source changed after the store was made: a file that came or changed, or one that went, which the folder's time tells. So a
    /// run that was killed between the two goes on here. Equal times say nothing of what was first (an image whose files all have one time, a
    /// file system that knows whole seconds): the store is then made once more, which gives it a later time.
    /// </summary>
    public bool IsStale()
    {
        if (root.Status(NodePaths.TrustAnchors) is not { } folder)
        {
            return false;
        }

        if (root.Status(Bundle, followLink: true) is not { } bundle || folder.Modified >= bundle.Modified)
        {
            return true;
        }

        foreach (var name in root.List(NodePaths.TrustAnchors) ?? [])
        {
            if (root.Status($"{NodePaths.TrustAnchors}/{name}", followLink: true) is { } source && source.Modified >= bundle.Modified)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Makes the store anew when it is stale.</summary>
    /// <param name="changed">
    /// Whether a source is known to have changed: times alone miss a change within one tick of the clock, and one after the clock was set back.
    /// </param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">The program failed.</exception>
    public async Task RunAsync(bool changed, CancellationToken cancellation)
    {
        if (!changed && !IsStale())
        {
            return;
        }

        ProgramCall call = new(Program, ["extract"], Limit);
        log.Write(LogLevel.Info, "certificate authorities changed: the system's store is made anew", ("program", Program));
        var result = await programs.RunAsync(call, cancellation).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.TrustNotExtracted,
                $"`{call}` {result.Describe()}: the certificate authorities of `spec.trust` are not in the system's store.",
                $"Run `{call}` by hand, and join again; the package ca-certificates has it.",
                path: NodePaths.TrustAnchors);
        }
    }
}
