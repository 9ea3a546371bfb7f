using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Planning.Image;

namespace EksNode.Imaging;

/// <summary>One build of an image, step by step.</summary>
/// <param name="context">What the steps share.</param>
/// <param name="tools">What it works with.</param>
internal sealed class ImageApplyRun(ImageApplyContext context, ImageTools tools)
{
    // Another build of the same root takes as long as a build: whoever starts a second one wants to know soon.
    private static readonly TimeSpan LockDeadline = TimeSpan.FromMinutes(1);

    /// <summary>Builds the image; the outcomes of the steps are in the context.</summary>
    /// <param name="image">The plan.</param>
    /// <param name="cancellation">Ends it. A next run goes on from what is there.</param>
    /// <returns>Whether every step came to its end.</returns>
    /// <exception cref="DiagnosticException">A step failed.</exception>
    public async Task<bool> RunAsync(ImagePlan image, CancellationToken cancellation)
    {
        context.Image = image;
        context.Programs.IsForeign = !CheckImage.Runs(context);
        if (!CheckImage.Passes(context))
        {
            return false;
        }

        if (context.Request.DryRun)
        {
            return await LookAsync(cancellation);
        }

        using var hostLock = await HostLock.AcquireAsync(context.Root, LockDeadline, context.Log, context.Io.Clock, cancellation);
        Choose();
        return await StepAsync("resolve", () => ResolvePackages.RunAsync(context, cancellation))
            && await InstallAsync(cancellation)
            && await StepAsync("files", () => WriteImageFiles.RunAsync(context, cancellation))
            && await StepAsync("units", () => SetImageUnits.RunAsync(context, cancellation))
            && await StepAsync("initial RAM disks", () => MakeInitialRamDisks.RunAsync(context, cancellation))
            && await StepAsync("kernel arguments", () => SetKernelArguments.RunAsync(context, cancellation))
            && await StepAsync("container images", () => StoreContainerImages.RunAsync(context, tools.Store(context), cancellation))
            && (!context.Request.Cleanup || await StepAsync("clean-up", () => CleanImage.RunAsync(context)))
            && await StepAsync("manifest and lock", () => WriteImageRecords.RunAsync(context, cancellation))
            && await StepAsync("labels", () => LabelImage.RunAsync(context, cancellation));
    }

    // Packages, downloads and files can be compared without a change; the steps after them act on what those bring.
    private async Task<bool> LookAsync(CancellationToken cancellation)
    {
        // A package manager is not asked while a build has it. Where no lock is, no build is.
        using var hostLock = context.Root.Status(HostLock.FilePath) is null ? null : await HostLock.AcquireAsync(context.Root, LockDeadline, context.Log, context.Io.Clock, cancellation);
        Choose();
        return await StepAsync("resolve", () => ResolvePackages.RunAsync(context, cancellation))
            && await StepAsync("packages", () => InstallPackages.FindAsync(context, cancellation))
            && await StepAsync("programs", () => Task.FromResult(InstallPrograms.Find(context, cancellation)))
            && await StepAsync("files", async () => WriteImageFiles.Names(await WriteImageFiles.CompareAsync(context, cancellation)));
    }

    private void Choose()
    {
        foreach (var variable in context.Proxy)
        {
            foreach (var secret in Redactor.SecretsIn("HTTPS_PROXY", variable[(variable.IndexOf('=', StringComparison.Ordinal) + 1)..]))
            {
                context.Run.Redactor.Add(secret);
            }
        }

        context.Packages = tools.Packages(context.Image, context.Root, context.Proxy, context.Log, context.Run.Diagnostics);
        context.Downloader = tools.Downloader(context);
    }

    // Downloads need nothing of the package manager: both take their time at once, and both come to their end, so that the next run has less to do.
    private async Task<bool> InstallAsync(CancellationToken cancellation)
    {
        context.MayChange = true;
        var programs = new InstallPrograms(context);
        programs.Load();
        var fetching = Task.Run(() => FailureOf(StepAsync("downloads", () => programs.FetchAsync(cancellation))), cancellation);
        var installing = FailureOf(StepAsync("packages", () => InstallPackages.RunAsync(context, cancellation)));
        foreach (var failure in await Task.WhenAll(installing, fetching))
        {
            if (failure is not null)
            {
                context.Run.Diagnostics.Add(failure);
            }
        }

        CheckDrivers.After(context);
        return !context.Run.Diagnostics.HasErrors && await StepAsync("programs", () => programs.InstallAsync(cancellation));
    }

    private static async Task<Diagnostic?> FailureOf(Task step)
    {
        try
        {
            await step;
            return null;
        }
        catch (DiagnosticException failure)
        {
            return failure.Diagnostic;
        }
    }

    private async Task<bool> StepAsync(string name, Func<Task<ImmutableArray<string>>> action)
    {
        await context.StepAsync(name, action);
        if (!context.Run.Diagnostics.HasErrors)
        {
            return true;
        }

        context.KeepLog();
        return false;
    }
}
