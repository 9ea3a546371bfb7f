using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;
using EksNode.Host.Packages;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>The exact packages: those of the lock that is given, else what the root's package manager answers.</summary>
internal static class ResolvePackages
{
    /// <summary>The packages that must be there.</summary>
    public static ImmutableArray<PackageRequest> Requests(ImagePlan image) =>
    [
        .. image.Plan.Resources.OfType<PackageResource>().Where(p => p.Version is not null).Select(p => new PackageRequest(p.Name, p.Version, p.Reasons[0].Origin)
        {
            Component = image.Decisions.Components.FirstOrDefault(c => c.Package == p.Name)?.Name,
            HasUpstream = image.Decisions.Components.Any(c => c.Package == p.Name && c.HasUpstream),
        }),
    ];

    /// <summary>The exact packages as the package manager answers. What they come to may be what a constraint did not tell: a containerd that the kubelet does not work with.</summary>
    public static async Task<ImmutableArray<ResolvedPackage>> AskAsync(ImagePlan image, IPackageManager packages, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        var resolved = await packages.ResolveAsync(Requests(image), cancellation);
        Check(image, resolved, diagnostics);
        return resolved;
    }

    /// <summary>Runs the step. It changes nothing in the image.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        if (context.Request.LockFile is { } path && await ReadAsync(context, path, cancellation) is { } locked)
        {
            context.Resolved = locked;
            Check(context.Image, locked, context.Run.Diagnostics);
            context.Log.Write(LogLevel.Info, "the packages are those of the lock", ("lock", path));
        }
        else if (!context.Run.Diagnostics.HasErrors)
        {
            context.Resolved = await AskAsync(context.Image, context.Packages, context.Run.Diagnostics, cancellation);
        }

        return [];
    }

    private static void Check(ImagePlan image, ImmutableArray<ResolvedPackage> resolved, DiagnosticBag diagnostics)
    {
        foreach (var component in image.Decisions.Components)
        {
            foreach (var package in resolved)
            {
                if (package.Name == component.Package && PackageVersion.Upstream(package.Version) is { } version)
                {
                    ImagePlanner.CheckResolved(image, component, version, diagnostics);
                }
            }
        }
    }

    // Null when the lock has none, or cannot be used, which is an error.
    private static async Task<ImmutableArray<ResolvedPackage>?> ReadAsync(ImageApplyContext context, string path, CancellationToken cancellation)
    {
        var diagnostics = context.Run.Diagnostics;
        var read = await new BoundedInput(context.Io).ReadFileAsync(path, cancellation);
        if (read.Bytes is not { } bytes)
        {
            diagnostics.Report(DiagnosticCatalogue.SourceUnreadable, $"The lock `{path}` cannot be read: {read.Problem}.", "Check the path, which counts from the working directory, and its permissions.");
            return null;
        }

        return LockReader.Read(System.Text.Encoding.UTF8.GetString(bytes), path, diagnostics) is { } given && LockReader.IsOf(given, context.Image, diagnostics)
            ? LockedPackages.Read(given, diagnostics)
            : null;
    }
}
