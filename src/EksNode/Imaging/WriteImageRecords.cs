using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Imaging;
using EksNode.Host.Packages;
using EksNode.Planning.Image;

namespace EksNode.Imaging;

/// <summary>What the image says of itself, last of all: its manifest, which joins read, and its lock.</summary>
internal static class WriteImageRecords
{
    private const int PublicMode = 0x1A4; // 0644
    private const int MostBytes = 16 << 20;

    /// <summary>Runs the step.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        var installed = await context.Packages.InstalledAsync(cancellation);
        var manifest = await new ImageManifestWriter(context.Root, context.Programs).MakeAsync(context.Image, installed, context.Images, cancellation);
        var packages = LockedPackages.WithEarlier(context.Resolved, Earlier(context), installed);
        var changed = ImmutableArray.CreateBuilder<string>();
        var transaction = new FileTransaction(context.Root);
        Write(LockedImage.Path, Encoding.UTF8.GetBytes(ImageLock.Write(context.Image, LockedPackages.Write(packages)) + "\n"));
        Write(ImageManifest.Path, manifest);
        if (!transaction.IsEmpty)
        {
            transaction.Stage();
            transaction.Commit();
        }

        return changed.ToImmutable();

        void Write(string path, byte[] content)
        {
            context.Written.Add(path);
            if (context.Root.ReadFile(path, MostBytes) is not { } before || !before.AsSpan().SequenceEqual(content))
            {
                transaction.Write(path, content, PublicMode);
                changed.Add(path);
            }
        }
    }

    // One that cannot be understood is written anew.
    private static ImmutableArray<ResolvedPackage> Earlier(ImageApplyContext context)
    {
        var found = new DiagnosticBag();
        return context.Root.ReadFile(LockedImage.Path, MostBytes) is { } bytes
            && LockReader.Read(Encoding.UTF8.GetString(bytes), LockedImage.Path, found) is { } given
            && LockedPackages.Read(given, found) is { } packages ? packages : [];
    }
}
