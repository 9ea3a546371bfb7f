using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Inventory;
using EksNode.Host.Processes;

namespace EksNode.Host.Imaging;

/// <summary>
/// The initial RAM disks of an image: whether that of each kernel has a module of dracut, and one that has it where it lacks. Of a kernel with <c>fips=1</c> it must
/// have <c>fips</c>, which tests the kernel's cryptography before anything uses it. dracut and lsinitrd are those of the image.
/// </summary>
/// <param name="root">The root of the image.</param>
/// <param name="programs">Runs them.</param>
public sealed class InitialRamDisks(HostRoot root, RootPrograms programs)
{
    /// <summary>dracut's module for FIPS mode.</summary>
    public const string Fips = "fips";

    // What chroot(1) ends with when the program is for another processor, or its interpreter is not there.
    private const int NotInvoked = 126;
    private const int NotFound = 127;

    /// <summary>The kernels that are installed.</summary>
    public IReadOnlyList<string> Kernels => KernelVersions.Installed(root);

    /// <summary>Where the initial RAM disk of a kernel is (dracut(8)).</summary>
    /// <param name="kernel">Its release.</param>
    public static string PathOf(string kernel) => $"/boot/initramfs-{kernel}.img";

    /// <summary>Makes those anew that lack a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The paths of those that were made.</returns>
    /// <exception cref="DiagnosticException">The image has no dracut, it cannot run here, or it left the module out.</exception>
    public async Task<ImmutableArray<string>> ApplyAsync(string module, CancellationToken cancellation)
    {
        var made = new List<string>();
        foreach (var kernel in Kernels)
        {
            var path = PathOf(kernel);
            if (await HasAsync(path, module, cancellation).ConfigureAwait(false))
            {
                continue;
            }

            // That of a folder is for no machine in particular: what this one has says nothing of the nodes.
            ImmutableArray<string> hardware = programs.IsMachine ? [] : ["--no-hostonly"];
            var result = RootPrograms.Succeeded(
                await programs.InsideAsync(Find("dracut"), ["--force", .. hardware, "--add", module, path, kernel], cancellation).ConfigureAwait(false),
                $"Making the initial RAM disk of the kernel {kernel}",
                "dracut");
            if (!await HasAsync(path, module, cancellation).ConfigureAwait(false))
            {
                throw RootPrograms.Failed(
                    $"dracut made {path} without the module `{module}`, and says: {LastLine(result)}.",
                    "Install what it misses under `spec.packages`, and look for a file in /etc/dracut.conf.d that leaves the module out.");
            }

            made.Add(path);
        }

        return made.ToImmutable();
    }

    /// <summary>Whether an initial RAM disk is there and has a module.</summary>
    /// <param name="path">Its path in the root.</param>
    /// <param name="module">The module.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">The image has no lsinitrd, or it cannot run here.</exception>
    public async Task<bool> HasAsync(string path, string module, CancellationToken cancellation)
    {
        if (root.Status(path, followLink: true) is not { Kind: FileKind.File })
        {
            return false;
        }

        // One that a killed dracut left half written cannot be listed, and is none.
        var listed = await programs.InsideAsync(Find("lsinitrd"), ["--mod", path], cancellation).ConfigureAwait(false);
        if (listed.End == ProgramEnd.NotStarted || listed.ExitCode is NotInvoked or NotFound)
        {
            throw RootPrograms.Failed($"What {path} has cannot be told: lsinitrd {listed.Describe()}.", "Build on a machine of the image's processor.");
        }

        foreach (var line in listed.Succeeded ? listed.Output.Split('\n') : [])
        {
            if (line.Trim() == module)
            {
                return true;
            }
        }

        return false;
    }

    private string Find(string program)
    {
        if (programs.Find(program) is not { } path)
        {
            throw RootPrograms.Failed($"The image has no {program}, and its initial RAM disk must have the module `{Fips}`.", "Add `dracut: \"*\"` to `spec.packages`.");
        }

        // They are scripts, which would make a plain file of it.
        return programs.IsMachine || root.Status("/dev/null") is not null ? path
            : throw RootPrograms.Failed($"{program} cannot run in {programs.Folder}, which has no /dev/null.", $"Mount the machine's: `mount --rbind /dev {programs.Folder}/dev` and `mount -t proc proc {programs.Folder}/proc`.");
    }

    private static string LastLine(ProgramResult result)
    {
        var lines = (result.Output + "\n" + result.Error).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? "nothing" : lines[^1].TrimEnd('.');
    }
}
