using System.Collections.Immutable;
using System.Globalization;
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

    // Far above the 16 KiB of user data and what a person writes.
    private const int LargestFile = 16 * 1024 * 1024;

    /// <summary>Reads the sources.</summary>
    /// <param name="named">The sources as given with <c>-c</c>; empty: the default ones.</param>
    /// <param name="userData">Asks for the user data, null when there is none; null itself when IMDS must not be asked.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<ImmutableArray<SourceContent>> LoadAsync(
        IReadOnlyList<string> named,
        Func<CancellationToken, Task<ReadOnlyMemory<byte>?>>? userData,
        CancellationToken cancellation)
    {
        var contents = ImmutableArray.CreateBuilder<SourceContent>();
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
                case { Kind: SourceKind.StandardInput } input:
                    AddInput(contents, input.Name);
                    break;
                case { Kind: SourceKind.Path } path:
                    AddPath(contents, path.Path);
                    break;
            }
        }

        return contents.ToImmutable();
    }

    private static async Task AddUserDataAsync(
        ImmutableArray<SourceContent>.Builder contents, Func<CancellationToken, Task<ReadOnlyMemory<byte>?>> userData, CancellationToken cancellation)
    {
        if (await userData(cancellation) is { } bytes)
        {
            contents.Add(new SourceContent(SourceUri.UserData.Name, bytes, IsUserData: true));
        }
    }

    private void AddRootFolder(ImmutableArray<SourceContent>.Builder contents, string folder)
    {
        foreach (var name in DropIns.Select(root.List(folder) ?? []))
        {
            var path = $"{folder}/{name}";
            var status = root.Status(path, followLink: true);
            if (status is { Kind: FileKind.File } && root.ReadFile(path, LargestFile) is { } bytes)
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

    private void AddInput(ImmutableArray<SourceContent>.Builder contents, string name)
    {
        using var input = io.OpenInput();
        using var bytes = new MemoryStream();
        input.CopyTo(bytes);
        contents.Add(new SourceContent(name, bytes.ToArray(), IsUserData: true));
    }

    private void AddPath(ImmutableArray<SourceContent>.Builder contents, string path)
    {
        try
        {
            if (!Directory.Exists(path))
            {
                AddFile(contents, path);
                return;
            }

            foreach (var name in DropIns.Select(Directory.EnumerateFiles(path).Select(f => Path.GetFileName(f))))
            {
                AddFile(contents, Path.Join(path, name));
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            diagnostics.Report(
                DiagnosticCatalogue.SourceUnreadable,
                $"The configuration source `{path}` cannot be read: {failure.Message}",
                "Check the path and its permissions.");
        }
    }

    private void AddFile(ImmutableArray<SourceContent>.Builder contents, string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (stream.Length > LargestFile)
        {
            diagnostics.Report(
                DiagnosticCatalogue.SourceUnreadable,
                string.Create(CultureInfo.InvariantCulture, $"The configuration source `{path}` is larger than {LargestFile / 1024 / 1024} MiB."),
                "Name a file that holds only configuration.");
            return;
        }

        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        // Refused only where the root is `/`, so that the path is one of the root's, too.
        var writable = RefuseWritable && root.Status(Path.GetFullPath(path), followLink: true) is { WritableByOthersThanRoot: true };
        Add(contents, path, bytes.ToArray(), writable);
    }

    // Whoever can write the configuration is root on the node; so only root may.
    private void Add(ImmutableArray<SourceContent>.Builder contents, string path, byte[] bytes, bool writable)
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
