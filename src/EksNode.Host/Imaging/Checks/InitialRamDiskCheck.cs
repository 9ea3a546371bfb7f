using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>The initial RAM disk of every kernel that starts in FIPS mode: it has dracut's module for it, as the image's own lsinitrd says.</summary>
internal sealed class InitialRamDiskCheck : ImageCheck
{
    /// <inheritdoc/>
    public override string Name => "initialRamDisk";

    /// <inheritdoc/>
    public override async Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        Resource? argument = null;
        foreach (var resource in context.Resources)
        {
            argument = resource is KernelArgumentResource { Argument: KernelArgumentResource.Fips } ? resource : argument;
        }

        if (argument is null)
        {
            return;
        }

        var disks = new InitialRamDisks(context.Root, new RootPrograms(context.Root, context.Programs, Logging.NoLog.Instance));

        // A root for another processor, or a folder without devices, has nothing that could look into it.
        var isRunnable = context.IsMachine || (context.Root.Status("/dev/null") is not null && (context.Lock?.Architecture ?? ProgramProcessor.Own) == ProgramProcessor.Own);
        foreach (var kernel in disks.Kernels)
        {
            findings.Add(await OfAsync(disks, InitialRamDisks.PathOf(kernel), argument.Id, isRunnable, cancellation).ConfigureAwait(false));
        }
    }

    private async Task<CheckFinding> OfAsync(InitialRamDisks disks, string path, string resource, bool isRunnable, CancellationToken cancellation)
    {
        try
        {
            return await disks.HasAsync(path, InitialRamDisks.Fips, cancellation).ConfigureAwait(false)
                ? Good(resource, path)
                : Bad(resource, CheckStatus.Missing, $"{path} with the module {InitialRamDisks.Fips}", null);
        }
        catch (DiagnosticException failure) when (!isRunnable)
        {
            return new CheckFinding(Name, resource, CheckStatus.NotChecked) { Note = failure.Diagnostic.Message };
        }
    }
}
