using System.Collections.Immutable;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode;

/// <summary>
/// Reads the bytes of the configuration sources. The default ones, lowest first: <c>/etc/eksnode/node.d/</c> (baked), the user
/// data, <c>/etc/eks/nodeadm.d/</c>; a default folder may be missing. Below all of them stand the defaults of the image manifest.
/// </summary>
public sealed class SourceLoader(CommandIo io, HostRoot root, DiagnosticBag diagnostics)
{
    /// <summary>The folder of baked configuration.</summary>
    public const string BakedFolder = "/etc/eksnode/node.d";

    /// <summary>The folder of drop-ins that win over user data.</summary>
    public const string DropInFolder = "/etc/eks/nodeadm.d";

    private readonly BoundedInput input = new(io);

    /// <summary>Reads the sources.</summary>
    /// <param name="named">The sources as given with <c>-c</c>; empty: the default ones.</param>
    /// <param name="userData">Asks for the user data, null when there is none; null itself when IMDS must not be asked.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<ImmutableArray<SourceContent>> LoadAsync(
        IReadOnlyList<string> named,
        Func<CancellationToken, Task<ReadOnlyMemory<byte>?>>? userData,
        CancellationToken cancellation)
    {
        var contents = new List<SourceContent>();
        if (named.Count == 0)
        {
            AddRootFolder(contents, BakedFolder);
            if (userData is not null)
            {
                await AddUserDataAsync(contents, userData, cancellation);
            }

            AddRootFolder(contents, DropInFolder);
            return contents.ToImmutable();
        }

        foreach (var text in named)
        {
            switch (SourceUri.Parse(text, diagnostics))
            {
                case { Kind: SourceKind.UserData } when userData is null:
                    diagnostics.Report(
                        DiagnosticCatalogue.UserDataNotAsked,
                        "User data is a source, but with `--facts` nothing is asked of IMDS.",
                        "Save the user data in a file and name it with `-c`.");
                    break;
                case { Kind: SourceKind.UserData }:
                    await AddUserDataAsync(contents, userData!, cancellation);
                    break;
                case { Kind: SourceKind.StandardInput } standard:
                    await AddInputAsync(contents, standard.Name, cancellation);
                    break;
                case { Kind: SourceKind.Path } path:
                    await AddPathAsync(contents, path.Path, text, cancellation);
                    break;
            }
        }

        return contents.ToImmutable();
    }

    // EC2 user guide, "Run commands at launch": user data is at most 16 KiB before it is encoded.
    private const string TooLargeHelp = "Name a configuration: user data, of which EC2 takes 16 KiB, or files of a few of them.";

    private static async Task AddUserDataAsync(
        List<SourceContent> contents, Func<CancellationToken, Task<ReadOnlyMemory<byte>?>> userData, CancellationToken cancellation)
    {
        if (await userData(cancellation) is { } bytes)
        {
            contents.Add(new SourceContent(SourceUri.UserData.Name, bytes, IsUserData: true));
        }
    }

    private void AddRootFolder(List<SourceContent> contents, string folder)
    {
        foreach (var name in Configuration.Sources.DropIns.Select(root.List(folder) ?? []))
        {
            var path = $"{folder}/{name}";
            var status = root.Status(path, followLink: true);
            if (status is { Kind: FileKind.File } && root.ReadFile(path, BoundedInput.Largest) is { } bytes)
            {
                Add(contents, path, bytes, status.WritableByOthersThanRoot);
            }
            else if (status is not { Kind: FileKind.Directory })
            {
                diagnostics.Report(
                    DiagnosticCatalogue.SourceUnreadable,
                    $"The configuration source `{path}` cannot be read: {(status is null or { Kind: FileKind.Missing } ? "it is a link that leads nowhere" : "it is no regular file")}.",
                    "Remove it, or put a file there.",
                    Origin.At(path, 0, 0));
            }
        }
    }

    private async Task AddInputAsync(List<SourceContent> contents, string name, CancellationToken cancellation)
    {
        var read = await input.ReadStandardInputAsync(cancellation);
        if (read.Bytes is { } bytes)
        {
            contents.Add(new SourceContent(name, bytes, IsUserData: true));
            return;
        }

        Unreadable("Standard input", read.Problem, read.IsTooLarge ? TooLargeHelp : "Give it a configuration and its end, as in `eksnode plan -c - < node.yaml`.");
    }

    private async Task AddPathAsync(List<SourceContent> contents, string path, string given, CancellationToken cancellation)
    {
        if (!Directory.Exists(path))
        {
            await AddFileAsync(contents, path, given, cancellation);
            return;
        }

        var names = ImmutableArray<string>.Empty;
        try
        {
            names = Configuration.Sources.DropIns.Select(Directory.EnumerateFiles(path).Select(f => Path.GetFileName(f)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Unreadable($"The folder `{path}`", "its permissions do not let it be listed", "Check the path and its permissions.");
            return;
        }

        if (names.IsEmpty)
        {
            diagnostics.Report(
                DiagnosticCatalogue.FolderWithoutDropIns,
                $"The folder `{path}` holds no file that ends in `.yaml`, `.yml` or `.json`, and no other is read.",
                "Put a NodeConfig into it, or name a file.");
        }

        foreach (var name in names)
        {
            var file = Path.Join(path, name);
            await AddFileAsync(contents, file, file, cancellation);
        }
    }

    private async Task AddFileAsync(List<SourceContent> contents, string path, string given, CancellationToken cancellation)
    {
        var read = await input.ReadFileAsync(path, cancellation);
        if (read.Bytes is { } bytes)
        {
            // Refused only where the root is `/`, so that the path is one of the root's, too.
            Add(contents, path, bytes, RefuseWritable && root.Status(Path.GetFullPath(path), followLink: true) is { WritableByOthersThanRoot: true });
            return;
        }

        // file://etc/x names etc/x, as nodeadm has it; mostly /etc/x is meant.
        var isRelativeUrl = given.StartsWith("file://", StringComparison.OrdinalIgnoreCase) && !path.StartsWith('/');
        Unreadable(
            $"The configuration source `{path}`",
            read.Problem,
            read.IsTooLarge ? TooLargeHelp
                : isRelativeUrl ? $"The path begins after `file://`: did you mean `file:///{path}`?"
                : path.StartsWith('/') ? "Check the path and its permissions."
                : "Check the path, which counts from the working directory, and its permissions; `imds://user-data` is the user data of the instance.");
    }

    private void Unreadable(string what, string problem, string help) =>
        diagnostics.Report(DiagnosticCatalogue.SourceUnreadable, $"{what} cannot be read: {problem}.", help);

    // Whoever can write the configuration is root on the node; so only root may.
    private void Add(List<SourceContent> contents, string path, byte[] bytes, bool writable)
    {
        if (writable && RefuseWritable)
        {
            diagnostics.Report(
                DiagnosticCatalogue.SourceWritable,
                $"The configuration file `{path}` can be written by others than root.",
                $"Take the permission away: `chmod go-w {path}`, and `chown root:root {path}` if it is not root's.",
                Origin.At(path, 0, 0));
            return;
        }

        contents.Add(new SourceContent(path, bytes, IsUserData: false));
    }

    /// <summary>Whether a file that others than root can write is refused: by join on <c>/</c>.</summary>
    public bool RefuseWritable { get; init; }
}
