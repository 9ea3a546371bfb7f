using EksNode.Configuration.Text;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Host.Files;

/// <content>Files that are too large for memory: their content comes piece by piece, before <see cref="Stage"/>.</content>
public sealed partial class FileTransaction
{
    private Operation? unfinished;
    private FileStatus? replaced;
    private SafeFileHandle? filling;

    /// <summary>
    /// Begins a file whose content comes with <see cref="Append"/>, until <see cref="End"/>: one at a time. Its temporary file is made at once; like any
    /// other it is flushed by <see cref="Stage"/> and becomes visible with <see cref="WriteStage.Effect"/>.
    /// </summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="mode">The permission bits.</param>
    /// <param name="owner">The owner, root unless told otherwise; set only when running as root.</param>
    /// <exception cref="DiagnosticException">It cannot be made; call <see cref="GiveUp"/>.</exception>
    public void Begin(string path, int mode, FileOwner owner = default)
    {
        if (unfinished is not null)
        {
            throw new InvalidOperationException($"{unfinished.Path} has not ended.");
        }

        var operation = new Operation(OperationKind.Write, WriteStage.Effect, path) { Mode = mode, Owner = owner };
        Add(operation);
        replaced = FindTarget(operation);
        filling = CreateTemporary(operation, operation.Place!);
        open.Add(filling);
        unfinished = operation;
        root.Steps?.Before("fill", path);
    }

    /// <summary>Adds the next bytes of the file that was begun.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="DiagnosticException">They cannot be written; call <see cref="GiveUp"/>.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (!Libc.WriteAll(filling!, bytes))
        {
            throw Errno.Failure(Libc.LastError, "write", unfinished!.Path);
        }
    }

    /// <summary>The content of the file that was begun is complete.</summary>
    /// <exception cref="DiagnosticException">Owner or mode cannot be set; call <see cref="GiveUp"/>.</exception>
    public void End()
    {
        Finish(unfinished!, replaced, filling!);
        (unfinished, replaced, filling) = (null, null, null);
    }

    /// <summary>Removes the temporary files of a transaction that is not to be committed. It cannot be used after this.</summary>
    public void GiveUp()
    {
        staged = true;
        Abandon();
    }
}
