using EksNode.Configuration.Text;
using EksNode.Host.Services;
using EksNode.Planning.Sysconfig;

namespace EksNode.Joining;

/// <summary>Starts the unit that pulls images ahead of their pods. The node is up already: what goes wrong is a warning.</summary>
public static class StartPrefetch
{
    /// <summary>Starts it, when the plan has it, and does not wait for the images.</summary>
    /// <param name="context">The join; the kubelet is started.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(JoinContext context, CancellationToken cancellation)
    {
        if (context.Plan.Find("file:" + PrefetchComponent.Path) is null)
        {
            return;
        }

        string? problem;
        try
        {
            using CancellationTokenSource timer = new(ServiceDeadlines.Question, context.Io.Clock);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
            var job = await context.Systemd.StartAsync(PrefetchComponent.Unit, limit.Token);
            problem = job.Succeeded ? null : $"its job ended as `{job.Result}`";
        }
        catch (DiagnosticException failure)
        {
            problem = failure.Diagnostic.Message.TrimEnd('.');
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            problem = "systemd does not answer";
        }

        if (problem is not null)
        {
            context.Run.Diagnostics.Report(
                DiagnosticCatalogue.PrefetchNotStarted,
                $"{PrefetchComponent.Unit} was not started: {problem}.",
                $"The node works without it; see `journalctl -u {PrefetchComponent.Unit}`.",
                context.View.Config.Prefetch?.Origin,
                "spec.images.prefetch");
        }
    }
}
