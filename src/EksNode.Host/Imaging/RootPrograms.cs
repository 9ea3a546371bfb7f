using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Processes;

namespace EksNode.Host.Imaging;

/// <summary>Runs the programs that change the root of an image: this machine's own where they take a root, else those in the root, with the root as theirs.</summary>
/// <param name="root">The root of the image.</param>
/// <param name="runner">Runs them.</param>
/// <param name="log">Where each call is told.</param>
public sealed class RootPrograms(HostRoot root, ProgramRunner runner, ILog log)
{
    // Rebuilding the boot entries of many kernels, or the units of a large image, takes seconds.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    // A unit list of a large image has some 60 KiB.
    private const int MostOutput = 1 << 20;

    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The folder of the root, absolute.</summary>
    public string Folder { get; } = Path.GetFullPath(root.Path);

    /// <summary>Variables for all of them: those of a proxy.</summary>
    public ImmutableArray<string> Environment { get; init; } = [];

    /// <summary>Whether the root is the running machine's own.</summary>
    public bool IsMachine => Folder == "/";

    /// <summary>Whether the programs in the root are for another processor than this machine's: none of them is run.</summary>
    public bool IsForeign { get; set; }

    /// <summary>Where a program is in the root; null: it is not there, or does not run on this machine.</summary>
    /// <param name="program">Its name.</param>
    public string? Find(string program)
    {
        if (IsForeign)
        {
            return null;
        }

        foreach (var folder in Folders)
        {
            if (root.Status($"{folder}/{program}", followLink: true) is { Kind: FileKind.File })
            {
                return $"{folder}/{program}";
            }
        }

        return null;
    }

    /// <summary>Where a program of this machine is; null: it has none.</summary>
    /// <param name="program">Its name.</param>
    public static string? FindOnMachine(string program)
    {
        foreach (var folder in Folders)
        {
            if (File.Exists($"{folder}/{program}"))
            {
                return $"{folder}/{program}";
            }
        }

        return null;
    }

    /// <summary>Runs a program in the root, with the root as its own.</summary>
    /// <param name="path">Its path in the root.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Kills it.</param>
    public Task<ProgramResult> InsideAsync(string path, ImmutableArray<string> arguments, CancellationToken cancellation) =>
        IsMachine ? RunAsync(path, arguments, cancellation)
        : FindOnMachine("chroot") is { } chroot ? RunAsync(chroot, [Folder, path, .. arguments], cancellation)
        : throw Failed($"`{path}` of the image cannot be run: this machine has no chroot.", "Install coreutils.");

    /// <summary>Runs a program of this machine.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellation">Kills it.</param>
    public async Task<ProgramResult> RunAsync(string path, ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        var call = new ProgramCall(path, arguments, Deadline, MostOutput) { Environment = Environment };
        var result = await runner.RunAsync(call, cancellation).ConfigureAwait(false);
        log.Write(LogLevel.Debug, "ran a program for the image", ("command", call.ToString()), ("result", result.Describe()));
        return result;
    }

    /// <summary>The result, when the program ended well.</summary>
    /// <param name="result">What it did.</param>
    /// <param name="what">What it was to do, as the beginning of a sentence: <c>Enabling units</c>.</param>
    /// <param name="program">Its name.</param>
    /// <exception cref="DiagnosticException">It failed.</exception>
    public static ProgramResult Succeeded(ProgramResult result, string what, string program) => result.Succeeded ? result
        : throw Failed($"{what} failed: {program} {result.Describe()}.", "Mend what it says, then run again: the build goes on from what is there.");

    internal static DiagnosticException Failed(string message, string help) => new(DiagnosticCatalogue.ImageStepFailed, message, help);
}
