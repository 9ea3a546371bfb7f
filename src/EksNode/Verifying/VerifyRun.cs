using System.Collections.Immutable;
using System.Text;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Disks;
using EksNode.Host.Engine;
using EksNode.Host.Facts;
using EksNode.Host.Services;
using EksNode.Host.Systemd;
using EksNode.Joining;
using EksNode.Planning;
using EksNode.Planning.Plans;

namespace EksNode.Verifying;

/// <summary>One verify: the plan when there is one, then files, disks, modules, services and the image. It changes nothing.</summary>
/// <param name="run">The run.</param>
/// <param name="pipeline">Sources and machine.</param>
/// <param name="io">The process.</param>
public sealed class VerifyRun(CommandRun run, NodePipeline pipeline, CommandIo io)
{
    // Facts of IMDS and AWS: EKN0700 to EKN0749 say that they cannot be reached.
    private const string FirstFactCode = "EKN0700";
    private const string LastFactCode = "EKN0749";

    /// <summary>Looks at everything.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null when there is nothing to compare with, which is among the diagnostics.</returns>
    /// <exception cref="DiagnosticException">Something cannot be looked at.</exception>
    public async Task<VerifyReport?> RunAsync(CancellationToken cancellation)
    {
        var state = AppliedState.Load(pipeline.Root, ApplyPolicy.Preserve, run.Diagnostics);
        var (plan, view) = await PlanAsync(state, cancellation);
        if (plan is null && state.Files.IsEmpty && state.Hosts.IsEmpty)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.NothingToVerify,
                $"There is nothing to compare {run.Request.Root} with: eksnode never wrote there, and what it would write is not known.",
                "Give a configuration with `-c`, or run `eksnode join` first.");
            return null;
        }

        using var step = run.Timeline.Begin("compare");
        if (plan is not null)
        {
            state = MovedFiles.Adopt(state, plan, pipeline.Root);
        }

        if (state.Files.Values.Any(f => f.Intended is not null))
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.JoinUnfinished,
                "A join was killed before it was done: some files may be as they were before it.",
                "Run `eksnode join` again: it goes on from what is there.",
                path: AppliedState.FilePath);
        }

        ImmutableArray<Finding> findings = [.. await OutsideOfFilesAsync(plan, cancellation), .. Verifier.Verify(plan, pipeline.Root, state)];
        Learn(findings);
        var services = await ServicesAsync(state, plan, cancellation);
        return new VerifyReport
        {
            HasPlan = plan is not null,
            Findings = [.. findings.Where(f => !f.IsUndone)],
            Services = services,
            Kubelet = plan is not null && view is not null && AsksKubelet(services)
                ? await new RunningKubelet(run, pipeline, io).CompareAsync(view, plan, cancellation)
                : null,
            Image = ImageManifest.Read(pipeline.Root, new DiagnosticBag()) is { } manifest ? ImageVerifier.Verify(pipeline.Root, manifest) : [],
        };
    }

    // Without reachable sources the state still tells what was applied. What is wrong in the configuration stays an error.
    private async Task<(Plan? Plan, NodeView? View)> PlanAsync(AppliedState state, CancellationToken cancellation)
    {
        var first = run.Diagnostics.Items.Count;
        try
        {
            if (await pipeline.ReadAsync(new ReadOptions(), cancellation) is { } view && pipeline.Plan(view) is { } plan)
            {
                return (plan, view);
            }
        }
        catch (DiagnosticException failure) when (IsUnreachable(failure.Diagnostic))
        {
            run.Diagnostics.Add(failure.Diagnostic);
        }

        if (!state.Files.IsEmpty && run.Request.FactsFile is null && run.Diagnostics.Items.Skip(first).All(d => d.Severity != Severity.Error || IsUnreachable(d)))
        {
            run.Diagnostics.Soften(first);
            run.Diagnostics.Report(
                DiagnosticCatalogue.VerifiedWithoutPlan,
                "The configuration or the facts cannot be had now, so that this host is compared with what eksnode last wrote there, and not with what it would write today.",
                "Run it again when IMDS and AWS answer, or give `-c` and `--facts`.");
        }

        return (null, null);
    }

    private bool IsUnreachable(Diagnostic diagnostic) =>
        (diagnostic.Code == DiagnosticCatalogue.NoConfiguration.Code && run.Request.Sources.Count == 0)
        || (string.CompareOrdinal(diagnostic.Code, FirstFactCode) >= 0 && string.CompareOrdinal(diagnostic.Code, LastFactCode) <= 0);

    // Disks and kernel modules: only the running machine has them.
    private async Task<IEnumerable<Finding>> OutsideOfFilesAsync(Plan? plan, CancellationToken cancellation)
    {
        var modules = plan?.Resources.OfType<KernelModuleResource>().ToArray() ?? [];
        var disks = plan is null ? [] : StorageEngine.Of(plan, Stage.Start);
        if (modules.Length == 0 && disks.IsEmpty)
        {
            return [];
        }

        if (!PrepareStorage.IsThisMachine(run))
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.NotLookedAt,
                "Disks and kernel modules of the plan are not looked at: only the running machine has them, without `--root` and `--facts`.",
                "Run it on the node to see them.");
            return [];
        }

        var findings = new List<Finding>();
        foreach (var change in await new StorageEngine(pipeline.Root, run.Log, io.Clock).CompareAsync(disks, run.Diagnostics, cancellation))
        {
            findings.Add(Seen(change.Resource!, change.Action == ChangeAction.None));
        }

        foreach (var module in modules)
        {
            findings.Add(Seen(module, pipeline.Root.Status(module.Path) is not null));
        }

        return findings;
    }

    private static Finding Seen(Resource resource, bool there) =>
        new(resource.Id, resource.Path, there ? Ownership.OursUnchanged : Ownership.Missing) { Resource = resource, AsPlanned = there };

    // With facts of a file nothing is asked of IMDS, which the node's identity comes from.
    private bool AsksKubelet(ImmutableArray<ServiceFinding> services) =>
        run.Request.FactsFile is null && services.Any(s => s.Unit == ServiceUnits.Kubelet && s.Runs);

    private async Task<ImmutableArray<ServiceFinding>> ServicesAsync(AppliedState state, Plan? plan, CancellationToken cancellation)
    {
        if (Path.GetFullPath(run.Request.Root) != "/" || state.Files.IsEmpty)
        {
            return [];
        }

        await using IServiceManager systemd = await StartGuard.ConnectAsync(io, run, early: false, cancellation);
        return await ServiceVerifier.VerifyAsync(pipeline.Root, systemd, state, plan, io.Clock, cancellation);
    }

    // What stands in the files may be shown: their secrets become known first.
    private void Learn(ImmutableArray<Finding> findings)
    {
        foreach (var finding in findings)
        {
            if (finding is { IsDrift: true, Actual: { IsText: true } actual })
            {
                foreach (var secret in WrittenSecrets.In(finding.Path, Encoding.UTF8.GetString(actual.Content.AsSpan())))
                {
                    run.Redactor.Add(secret);
                }
            }
        }
    }
}
