using System.Collections.Immutable;
using EksNode.Host.Files;

namespace EksNode.Host.Imaging;

/// <summary>
/// A root whose programs are for another processor, so that the scripts of its packages do not run. What most of them are for is done here by programs of this
/// machine, which take the root as an argument and run nothing of it: users and groups, and the index of kernel modules.
/// </summary>
/// <param name="root">The root.</param>
/// <param name="programs">Runs them.</param>
public sealed class ForeignRoot(HostRoot root, RootPrograms programs)
{
    private const string Modules = "/lib/modules";

    // What depmod writes last: when it was killed before that, it runs again.
    private const string LastIndex = "modules.devname";

    // More than the users and groups of any image.
    private const int MostBytes = 1 << 20;

    private static readonly string[] Accounts = ["/etc/passwd", "/etc/group"];

    /// <summary>Does what is not done yet.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What was changed; empty when nothing was.</returns>
    /// <exception cref="Configuration.Text.DiagnosticException">This machine lacks a program, or it failed.</exception>
    public async Task<ImmutableArray<string>> FinishAsync(CancellationToken cancellation)
    {
        var changed = ImmutableArray.CreateBuilder<string>();
        foreach (var kernel in root.List(Modules) ?? [])
        {
            if (root.Status($"{Modules}/{kernel}/kernel") is not null && root.Status($"{Modules}/{kernel}/{LastIndex}") is null)
            {
                await RunAsync("depmod", "kmod", ["-b", programs.Folder, kernel], "Listing the modules of a kernel", cancellation).ConfigureAwait(false);
                changed.Add("modules of " + kernel);
            }
        }

        if (root.List("/usr/lib/sysusers.d") is { Count: > 0 })
        {
            // It writes what is missing, and nothing when nothing is (systemd-sysusers(8)).
            var before = AccountBytes();
            await RunAsync("systemd-sysusers", "systemd", ["--root=" + programs.Folder], "Making the users of packages", cancellation).ConfigureAwait(false);
            if (!before.AsSpan().SequenceEqual(AccountBytes()))
            {
                changed.Add("users");
            }
        }

        return changed.ToImmutable();
    }

    private byte[] AccountBytes()
    {
        List<byte> bytes = [];
        foreach (var path in Accounts)
        {
            bytes.AddRange(root.ReadFile(path, MostBytes) ?? []);
        }

        return [.. bytes];
    }

    private async Task RunAsync(string program, string package, ImmutableArray<string> arguments, string what, CancellationToken cancellation)
    {
        var path = RootPrograms.FindOnMachine(program)
            ?? throw RootPrograms.Failed($"{what} of an image for another processor needs {program}, which this machine lacks.", $"Install {package} on this machine.");
        RootPrograms.Succeeded(await programs.RunAsync(path, arguments, cancellation).ConfigureAwait(false), what, program);
    }
}
