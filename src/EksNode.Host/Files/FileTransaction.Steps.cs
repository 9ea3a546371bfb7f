using EksNode.Configuration.Text;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <content>The single steps: staging, renaming, flushing, giving up.</content>
public sealed partial class FileTransaction
{
    private const string SelinuxLabel = "security.selinux";

    // Files that wait for their flush are open; a process may have 1024 of them, and a batch shares its journal commit anyway.
    private const int MostOpen = 256;

    private readonly Dictionary<string, Place> places = new(StringComparer.Ordinal);
    private readonly List<(SafeFileHandle File, string Path)> unflushed = [];
    private readonly List<SafeFileHandle> open = [];
    private readonly List<(SafeFileHandle Directory, string Path)> parents = [];
    private int flushedParents;
    private int number;

    private void Prepare(Operation operation)
    {
        if (operation.Kind is not (OperationKind.Write or OperationKind.Copy or OperationKind.Link))
        {
            operation.Place = PlaceOf(operation.Kind == OperationKind.MakeDirectory ? operation.Path : operation.Directory);
            return;
        }

        var target = FindTarget(operation);
        if (operation.Kind == OperationKind.Link)
        {
            StageLink(operation, operation.Place!);
        }
        else
        {
            StageFile(operation, operation.Place!, target);
        }
    }

    private FileStatus? FindTarget(Operation operation)
    {
        var place = operation.Place = PlaceOf(operation.Directory);
        if (operation.Name.Length is 0 || operation.Name is "." or "..")
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.InvalidPath, $"`{operation.Path}` names no file.", "End it with a name.", path: operation.Path);
        }

        if (place.Made is null || !Libc.Status(place.Made, operation.Name, out var status))
        {
            return null;
        }

        var target = FileStatus.From(status);
        return target.Kind == FileKind.Directory ? throw Errno.Failure(Errno.IsDirectory, "write", operation.Path) : target;
    }

    private void StageLink(Operation operation, Place place)
    {
        while (true)
        {
            var name = TemporaryFiles.NameFor(operation.Name, ++number);
            root.Steps?.Before("stage", operation.Path);
            if (Libc.SymlinkAt(operation.Text, place.Staging, name) == 0)
            {
                operation.Temporary = name;
                return;
            }

            if (Libc.LastError != Errno.Exists)
            {
                throw Errno.Failure(Libc.LastError, "write", operation.Path);
            }
        }
    }

    private void StageFile(Operation operation, Place place, FileStatus? target)
    {
        var file = CreateTemporary(operation, place);
        open.Add(file);
        root.Steps?.Before("fill", operation.Path);
        if (operation.Kind == OperationKind.Copy)
        {
            CopyContent(operation, file);
        }
        else if (!Libc.WriteAll(file, operation.Content.Span))
        {
            throw Errno.Failure(Libc.LastError, "write", operation.Path);
        }

        Finish(operation, target, file);
    }

    private void Finish(Operation operation, FileStatus? target, SafeFileHandle file)
    {
        var place = operation.Place!;
        SetOwnerAndMode(file, operation);
        if (target?.Kind == FileKind.File)
        {
            KeepLabel(operation, place, file);
        }

        if (place.Flushed)
        {
            unflushed.Add((file, operation.Path));
        }

        if (open.Count >= MostOpen)
        {
            FlushContents();
        }
    }

    private SafeFileHandle CreateTemporary(Operation operation, Place place)
    {
        // 0600 until owner and mode are right: nobody reads a secret in between.
        const uint closed = 0x180;
        while (true)
        {
            var name = TemporaryFiles.NameFor(operation.Name, ++number);
            root.Steps?.Before("stage", operation.Path);
            var file = Libc.Open(place.Staging, name, Libc.WriteOnly | Libc.Create | Libc.Exclusive | Libc.NoFollow, closed);
            if (file is not null)
            {
                operation.Temporary = name;
                return file;
            }

            if (Libc.LastError != Errno.Exists)
            {
                throw Errno.Failure(Libc.LastError, "write", operation.Path);
            }
        }
    }

    private void CopyContent(Operation operation, SafeFileHandle to)
    {
        using var from = root.OpenOrNull(operation.Text, Libc.ReadOnly | Libc.NonBlocking, follow: false, "read")
            ?? throw Errno.Failure(Errno.NoEntry, "read", operation.Text);
        Span<byte> buffer = stackalloc byte[16384];
        int count;
        while ((count = Libc.Read(from, buffer)) != 0)
        {
            if (count < 0 && Libc.LastError != Errno.Interrupted)
            {
                throw Errno.Failure(Libc.LastError, "read", operation.Text);
            }

            if (count > 0 && !Libc.WriteAll(to, buffer[..count]))
            {
                throw Errno.Failure(Libc.LastError, "write", operation.Path);
            }
        }
    }

    // The owner first: changing it clears set-id bits.
    private void SetOwnerAndMode(SafeFileHandle file, Operation operation)
    {
        if ((root.RunsAsRoot && Libc.ChangeOwner(file, (uint)operation.Owner.User, (uint)operation.Owner.Group) != 0)
            || Libc.ChangeMode(file, (uint)operation.Mode) != 0)
        {
            throw Errno.Failure(Libc.LastError, "set owner and mode of", operation.Path);
        }
    }

    private void KeepLabel(Operation operation, Place place, SafeFileHandle file)
    {
        using var target = Libc.Open(place.Made, operation.Name, Libc.ReadOnly | Libc.NonBlocking | Libc.NoFollow);
        if (target is not null && Libc.Attribute(target, SelinuxLabel) is { } label)
        {
            SetLabel(operation, file, label);
        }
    }

    private void SetLabel(Operation operation, SafeFileHandle file, byte[] label)
    {
        if (Libc.Attribute(file, SelinuxLabel).AsSpan().SequenceEqual(label) || Libc.SetAttribute(file, SelinuxLabel, label))
        {
            return;
        }

        // Without root the kernel may refuse, and the folder is no host; a file system without labels has none to lose.
        if (root.RunsAsRoot && Libc.LastError != Errno.NotSupported)
        {
            throw Errno.Failure(Libc.LastError, "set the SELinux label of", operation.Path);
        }
    }

    private Place PlaceOf(string directory)
    {
        if (!places.TryGetValue(directory, out var place))
        {
            place = new Place(directory, root.Resolver.FindForWriting(directory));
            places.Add(directory, place);
        }

        return place;
    }

    private void MakeMissing(Operation operation)
    {
        var place = operation.Place!;
        if (place.Made is null && operation.Kind is OperationKind.Write or OperationKind.Copy or OperationKind.Link or OperationKind.MakeDirectory)
        {
            var names = place.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            place.Made = DirectoryMaker.Make(
                root,
                new FoundDirectory(place.Staging, place.Missing),
                place.Path,
                (i, _) => ModeOf(names, names.Length - place.Missing.Count + i + 1),
                parents);
        }

        if (operation.Temporary is not null && place.Missing.Count > 0)
        {
            TakeLabelOfDirectory(operation, place);
        }
    }

    private int ModeOf(string[] names, int count) =>
        count > 0 && directoryModes.TryGetValue("/" + string.Join('/', names, 0, count), out var mode) ? mode : DirectoryMaker.DefaultMode;

    // The file was made in a directory above, whose label it got. A new file gets that of its own directory.
    private void TakeLabelOfDirectory(Operation operation, Place place)
    {
        if (operation.Kind == OperationKind.Link
            || Libc.Attribute(place.Made!, SelinuxLabel) is not { } label
            || (place.StagingLabel ??= Libc.Attribute(place.Staging, SelinuxLabel) ?? []).AsSpan().SequenceEqual(label))
        {
            return;
        }

        using var file = Libc.Open(place.Staging, operation.Temporary!, Libc.ReadOnly | Libc.NoFollow)
            ?? throw Errno.Failure(Libc.LastError, "open", operation.Path);
        SetLabel(operation, file, label);
        if (place.Flushed)
        {
            Flusher.Flush([(file, operation.Path)]);
        }
    }

    private void Perform(Operation operation)
    {
        var place = operation.Place!;
        switch (operation.Kind)
        {
            case OperationKind.Write or OperationKind.Copy or OperationKind.Link:
                root.Steps?.Before("rename", operation.Path);
                if (Libc.RenameAt(place.Staging, operation.Temporary!, place.Made!, operation.Name) != 0)
                {
                    throw Errno.Failure(Libc.LastError, "write", operation.Path);
                }

                operation.Temporary = null;
                place.Touched = true;
                break;
            case OperationKind.Remove:
                Remove(operation, 0);
                break;
            case OperationKind.RemoveDirectory:
                Remove(operation, Libc.AtRemoveDirectory);
                break;
            case OperationKind.Permit:
                Permit(operation, place);
                break;
            default:
                place.Touched = true;
                break;
        }
    }

    private void SetValue(Operation operation, Place place)
    {
        root.Steps?.Before("set", operation.Path);
        using var file = place.Made is null ? null : Libc.Open(place.Made, operation.Name, Libc.WriteOnly | Libc.EmptyFirst | Libc.NoFollow);
        var error = place.Made is null ? Errno.NoEntry : file is null ? Libc.LastError : 0;
        if (file is not null && !Libc.WriteAll(file, System.Text.Encoding.UTF8.GetBytes(operation.Text + "\n")))
        {
            error = Libc.LastError;
        }

        if (error != 0)
        {
            var message = $"The kernel does not take {operation.Text} for {operation.Path}: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}.";
            refused.Add(new Diagnostic(
                DiagnosticCatalogue.SysctlRefused.Code,
                operation.IsUndo ? Severity.Warning : Severity.Error,
                operation.IsUndo ? message + " That was its value before eksnode; the present one stays until the next boot." : message,
                operation.IsUndo
                    ? "Boot again to have the kernel's own value: some settings can only be set in one direction."
                    : "Correct the value in `spec.kernel.sysctls`; in a container, or as another user than root, most settings cannot be set.",
                Path: operation.Path));
        }
    }

    private void Remove(Operation operation, int flags)
    {
        var place = operation.Place!;
        if (place.Made is null)
        {
            return;
        }

        root.Steps?.Before("remove", operation.Path);
        if (Libc.UnlinkAt(place.Made, operation.Name, flags) == 0)
        {
            place.Touched = true;
        }
        else if (Libc.LastError is var error && error != Errno.NoEntry && !(flags != 0 && IsInUse(error)))
        {
            throw Errno.Failure(error, "remove", operation.Path);
        }
    }

    // A directory that holds something, that is mounted on, or that somebody replaced by something else stays.
    private static bool IsInUse(int error) => error is Errno.NotEmpty or Errno.Exists or Errno.Busy or Errno.NotDirectory;

    private void Permit(Operation operation, Place place)
    {
        root.Steps?.Before("permit", operation.Path);
        using var file = place.Made is null
            ? throw Errno.Failure(Errno.NoEntry, "set the mode of", operation.Path)
            : Libc.Open(place.Made, operation.Name, Libc.ReadOnly | Libc.NonBlocking | Libc.NoFollow)
                ?? throw Errno.Failure(Libc.LastError, "set the mode of", operation.Path);
        SetOwnerAndMode(file, operation);
        if (place.Flushed)
        {
            Flusher.Flush([(file, operation.Path)]);
        }
    }

    private void FlushContents()
    {
        Flusher.Flush(unflushed);
        unflushed.Clear();
        foreach (var file in open)
        {
            file.Dispose();
        }

        open.Clear();
    }

    private void FlushDirectories()
    {
        List<(SafeFileHandle File, string Path)> changed = [];
        foreach (var place in places.Values)
        {
            if (place is { Touched: true, Flushed: true, Made: not null })
            {
                changed.Add((place.Made, place.Path));
            }

            place.Touched = false;
        }

        for (; flushedParents < parents.Count; flushedParents++)
        {
            if (Flusher.Keeps(parents[flushedParents].Directory))
            {
                changed.Add(parents[flushedParents]);
            }
        }

        Flusher.Flush(changed);
    }

    // Best effort by design: the failure that led here is the one to report, and the next run sweeps what stays.
    private void Abandon()
    {
        foreach (var operation in operations)
        {
            if (operation is { Temporary: { } name, Place: { } place })
            {
                _ = Libc.UnlinkAt(place.Staging, name, 0);
                operation.Temporary = null;
            }
        }

        CloseAll();
    }

    private void CloseAll()
    {
        foreach (var file in open)
        {
            file.Dispose();
        }

        open.Clear();
        unflushed.Clear();
        foreach (var place in places.Values)
        {
            place.Staging.Dispose();
            place.Made?.Dispose();
        }

        places.Clear();
        foreach (var (parent, _) in parents)
        {
            parent.Dispose();
        }

        parents.Clear();
        flushedParents = 0;
    }
}
