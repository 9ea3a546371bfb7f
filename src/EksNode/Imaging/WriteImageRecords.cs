using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
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
    private const int StateMode = 0x1C0; // 0700
    private const int MostBytes = 16 << 20;

    // What was resolved, before the first package is installed: a build that is killed after that asks no more for what installed packages need.
    private static readonly string ResolvedPath = StatePlace.Image.Folder + "/lock.json";

    /// <summary>Keeps what was resolved, with what earlier builds resolved for what is installed.</summary>
    public static void KeepResolved(ImageApplyContext context)
    {
        var content = Lock(context, Resolved(context, installed: null));
        if (context.Root.ReadFile(ResolvedPath, MostBytes) is { } before && before.AsSpan().SequenceEqual(content))
        {
            return;
        }

        var transaction = new FileTransaction(context.Root);
        transaction.MakeDirectory(AppliedState.DirectoryPath, StateMode);
        transaction.MakeDirectory(StatePlace.Image.Folder, StateMode);
        transaction.Write(ResolvedPath, content, PublicMode);
        transaction.Stage();
        transaction.Commit();
    }

    private static byte[] Lock(ImageApplyContext context, TreeMap resolved) => Encoding.UTF8.GetBytes(ImageLock.Write(context.Image, resolved) + "\n");

    private static TreeMap Resolved(ImageApplyContext context, ImmutableArray<InstalledPackage>? installed) =>
        LockedPackages.Write(LockedPackages.WithEarlier(context.Resolved, Earlier(context), installed));

    // What downloads became is known when they are installed.
    private static TreeMap WithPrograms(TreeMap resolved, ImageApplyContext context)
    {
        var programs = new ProgramRecords(context.Root);
        programs.Load(context.Run.Diagnostics);
        return new TreeMap([.. resolved.Entries, new TreeEntry(ProgramRecords.Key, resolved.Origin, programs.ForLock())], resolved.Origin);
    }

    /// <summary>Runs the step.</summary>
    public static async Task<ImmutableArray<string>> RunAsync(ImageApplyContext context, CancellationToken cancellation)
    {
        var installed = await context.Packages.InstalledAsync(cancellation);
        var manifest = await new ImageManifestWriter(context.Root, context.Programs).MakeAsync(context.Image, installed, context.Images, cancellation);
        var changed = new List<string>();
        var transaction = new FileTransaction(context.Root);
        Write(LockedImage.Path, Lock(context, WithPrograms(Resolved(context, installed), context)));
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
        return context.Root.ReadFile(ResolvedPath, MostBytes) is { } bytes
            && LockReader.Read(Encoding.UTF8.GetString(bytes), ResolvedPath, found) is { } given
            && LockedPackages.Read(given, found) is { } packages ? packages : [];
    }
}
