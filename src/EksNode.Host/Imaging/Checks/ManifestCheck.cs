using EksNode.Host.Facts;

namespace EksNode.Host.Imaging.Checks;

/// <summary>The image manifest: it is there, its components are the files that it describes, and what it says was baked is there.</summary>
internal sealed class ManifestCheck : ImageCheck
{
    /// <inheritdoc/>
    public override string Name => "manifest";

    /// <inheritdoc/>
    public override Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        if (context.Manifest is not { } manifest)
        {
            findings.Add(Bad(ImageManifest.Path, CheckStatus.Missing, "the image manifest", null));
            return Task.CompletedTask;
        }

        var planned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var resource in context.Resources)
        {
            planned.Add(resource.Id);
        }

        foreach (var part in ImageVerifier.Verify(context.Root, manifest))
        {
            // What is planned was compared as a whole.
            if (!planned.Contains(part.Name))
            {
                findings.Add(part.Problem is null ? Good(part.Name)
                    : Bad(part.Name, part.Problem == "missing" ? CheckStatus.Missing : CheckStatus.Different, part.Path, part.Problem == "missing" ? null : part.Detail));
            }
        }

        return Task.CompletedTask;
    }
}
