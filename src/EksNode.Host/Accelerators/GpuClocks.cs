using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Processes;

namespace EksNode.Host.Accelerators;

/// <summary>
/// Sets the clocks of NVIDIA GPUs to their highest, as EC2's user guide advises ("Optimize GPU settings on Amazon EC2 instances"): they stay
/// there when the load varies. Whatever fails is a warning.
/// </summary>
/// <param name="programs">Runs programs.</param>
/// <param name="diagnostics">Takes warnings.</param>
/// <param name="program">NVIDIA's program.</param>
public sealed class GpuClocks(ProgramRunner programs, DiagnosticBag diagnostics, string program = GpuClocks.DefaultProgram)
{
    /// <summary>NVIDIA's program.</summary>
    public const string DefaultProgram = "/usr/bin/nvidia-smi";

    // It starts the driver when nothing else holds it open, which takes seconds for each GPU.
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>Sets the clocks.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Whether they were set.</returns>
    public async Task<bool> SetAsync(CancellationToken cancellation)
    {
        if (await RunAsync(["--persistence-mode=1"], cancellation).ConfigureAwait(false) is null
            || await RunAsync(["--query-supported-clocks=memory,graphics", "--format=csv,noheader,nounits"], cancellation).ConfigureAwait(false) is not { } output)
        {
            return false;
        }

        if (Highest(output) is not { } clocks)
        {
            Warn($"`{program}` lists no clocks that can be set.");
            return false;
        }

        // GPUs without auto boost refuse to turn it off, and lose nothing by that.
        await programs.RunAsync(new ProgramCall(program, ["--auto-boost-default=0"], Deadline), cancellation).ConfigureAwait(false);
        return await RunAsync([$"--applications-clocks={clocks}"], cancellation).ConfigureAwait(false) is not null;
    }

    // The first row is the highest: memory and graphics clock in MHz.
    private static string? Highest(string output)
    {
        var first = output.Split('\n')[0].Split(',', StringSplitOptions.TrimEntries);
        return first.Length == 2 && first.All(f => int.TryParse(f, NumberStyles.None, CultureInfo.InvariantCulture, out _)) ? $"{first[0]},{first[1]}" : null;
    }

    private async Task<string?> RunAsync(string[] arguments, CancellationToken cancellation)
    {
        ProgramCall call = new(program, [.. arguments], Deadline);
        var result = await programs.RunAsync(call, cancellation).ConfigureAwait(false);
        if (result.Succeeded)
        {
            return result.Output;
        }

        Warn($"`{call}` {result.Describe()}.");
        return null;
    }

    private void Warn(string message) => diagnostics.Report(
        DiagnosticCatalogue.GpuClocksNotSet,
        message,
        "The GPUs work, with clocks of their own; see `nvidia-smi -q -d CLOCK`.",
        path: program);
}
