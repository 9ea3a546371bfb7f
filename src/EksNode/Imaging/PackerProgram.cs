using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Processes;

namespace EksNode.Imaging;

/// <summary>HashiCorp's Packer, as far as eksnode calls it: it says whether it takes a template.</summary>
/// <param name="io">The process, for where Packer is and for its own settings: credentials, plugins, proxies.</param>
/// <param name="runner">Runs it.</param>
internal sealed class PackerProgram(CommandIo io, ProgramRunner runner)
{
    // The first with `packer init`, which the template's plugin needs.
    private static readonly SemanticVersion Oldest = new(1, 7, 0);

    // Plugins are loaded, and a data source may be asked for.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Whether Packer takes the template of a folder; why not is reported.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <param name="cancellation">Ends Packer.</param>
    public async Task<bool> ValidateAsync(string folder, DiagnosticBag diagnostics, CancellationToken cancellation)
    {
        if (Find() is not { } packer)
        {
            diagnostics.Report(
                DiagnosticCatalogue.PackerMissing,
                "Packer is not installed: no folder of PATH has a program `packer`.",
                $"Install Packer {Oldest} or newer (https://developer.hashicorp.com/packer/install), or leave `--validate` out: the folder is complete.");
            return false;
        }

        var asked = await RunAsync(packer, cancellation, "version");
        if (SemanticVersion.Find(asked.Output) is { } version && version < Oldest)
        {
            diagnostics.Report(
                DiagnosticCatalogue.PackerMissing,
                $"`{packer}` is Packer {version}, which knows no plugins with versions.",
                $"Install Packer {Oldest} or newer (https://developer.hashicorp.com/packer/install).");
            return false;
        }

        var result = await RunAsync(packer, cancellation, "validate", Path.GetFullPath(folder));
        if (result.Succeeded)
        {
            return true;
        }

        var said = string.Join(' ', (result.Output + result.Error).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        diagnostics.Report(
            DiagnosticCatalogue.PackerRefused,
            $"`packer validate {folder}` {(said.Length > 0 && result.End == ProgramEnd.Exited ? "says: " + said.TrimEnd('.') : result.Describe())}.",
            $"Where it misses a plugin, run `packer init {folder}` first; a variable of your account is set with `-var` or PKR_VAR_NAME.");
        return false;
    }

    private string? Find()
    {
        foreach (var folder in (io.Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var path = Path.GetFullPath(Path.Join(folder, "packer"));
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    private Task<ProgramResult> RunAsync(string packer, CancellationToken cancellation, params ImmutableArray<string> arguments)
    {
        var environment = new List<string>();
        foreach (var (name, value) in io.Environment)
        {
            environment.Add($"{name}={value}");
        }

        // Plain text, and no question of its makers whether there is a newer one.
        environment.Add("PACKER_NO_COLOR=1");
        environment.Add("CHECKPOINT_DISABLE=1");
        return runner.RunAsync(new ProgramCall(packer, arguments, Deadline) { Environment = environment.ToImmutable() }, cancellation);
    }
}
