using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Host.Imaging.Checks;

/// <summary>One kind of thing in an image, compared with what it should be. It only reads.</summary>
public abstract class ImageCheck
{
    /// <summary>The checks, in the order of their findings.</summary>
    public static ImmutableArray<ImageCheck> All { get; } =
    [
        new FileCheck(),
        new PackageCheck(),
        new ProgramCheck(),
        new UnitCheck(),
        new KernelModuleCheck(),
        new KernelArgumentCheck(),
        new InitialRamDiskCheck(),
        new ContainerImageCheck(),
        new ManifestCheck(),
        new IdentityCheck(),
    ];

    /// <summary>Its name in findings.</summary>
    public abstract string Name { get; }

    /// <summary>All findings of all checks. One that cannot be made is an error and hides nothing of the others.</summary>
    /// <param name="context">What they are made with.</param>
    /// <param name="cancellation">Ends them.</param>
    public static async Task<List<CheckFinding>> RunAllAsync(CheckContext context, CancellationToken cancellation)
    {
        var findings = new List<CheckFinding>();
        foreach (var check in All)
        {
            try
            {
                await check.RunAsync(context, findings, cancellation).ConfigureAwait(false);
            }
            catch (DiagnosticException failure)
            {
                context.Diagnostics.Add(failure.Diagnostic);
                findings.Add(new CheckFinding(check.Name, check.Name, CheckStatus.Unreadable) { Note = failure.Diagnostic.Message });
            }
        }

        return findings;
    }

    /// <summary>Adds its findings.</summary>
    /// <param name="context">What it is made with.</param>
    /// <param name="findings">Where to add.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">What it looks at cannot be read.</exception>
    public abstract Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation);

    /// <summary>A finding that all is as planned.</summary>
    protected CheckFinding Good(string resource, string? note = null) => new(Name, resource, CheckStatus.AsPlanned) { Note = note };

    /// <summary>A finding that something is not.</summary>
    protected CheckFinding Bad(string resource, CheckStatus status, string? expected, string? found) => new(Name, resource, status) { Expected = expected, Found = found };
}
