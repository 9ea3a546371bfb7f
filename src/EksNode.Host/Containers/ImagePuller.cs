using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;
using Deadline = EksNode.Host.Services.Deadline;

namespace EksNode.Host.Containers;

/// <summary>What became of an image that was to be there.</summary>
/// <param name="Image">Its name.</param>
/// <param name="State"><c>present</c>: it was there; <c>pulled</c>; <c>failed</c>.</param>
/// <param name="Bytes">Its size as stored; null when it is not known.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Problem">Why it is not there, as a clause; null when it is.</param>
public sealed record PullOutcome(string Image, string State, ulong? Bytes, TimeSpan Duration, string? Problem);

/// <summary>Pulls images through the interface that the kubelet uses, so that the kubelet finds them and its settings for registries count.</summary>
/// <param name="cri">The runtime.</param>
/// <param name="passwordOf">Gives a password for an image's registry; null: it needs none that eksnode knows.</param>
/// <param name="log">Where progress is written.</param>
/// <param name="clock">The clock of waits.</param>
public sealed class ImagePuller(CriClient cri, Func<string, CancellationToken, Task<RegistryPassword?>> passwordOf, ILog log, TimeProvider clock)
{
    private const int LongestWaitSeconds = 30;

    /// <summary>Pulls one image unless it is there, again and again while it may help and the deadline allows.</summary>
    /// <param name="image">Its name.</param>
    /// <param name="deadline">The deadline of all images.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<PullOutcome> PullAsync(string image, Deadline deadline, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        string? before = null;
        for (var attempt = 0; ; attempt++)
        {
            var (outcome, mayHelp) = await TryAsync(image, began, deadline, cancellation).ConfigureAwait(false);
            if (mayHelp && deadline.Left <= TimeSpan.Zero)
            {
                // How the runtime was cut off tells nothing; why an earlier attempt failed does.
                return outcome with { Problem = $"it was not there within {deadline.Text}{(before is null ? "" : "; before that, " + before)}" };
            }

            before = outcome.Problem;
            var wait = TimeSpan.FromSeconds(Math.Min(1 << Math.Min(attempt, 5), LongestWaitSeconds));
            if (outcome.Problem is null || !mayHelp || deadline.Left <= wait)
            {
                return outcome;
            }

            log.Write(LogLevel.Warn, "an image could not be pulled and is tried again", ("image", image), ("problem", outcome.Problem), ("after", $"{wait.TotalSeconds:0} s"));
            await Task.Delay(wait, clock, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<(PullOutcome Outcome, bool MayHelp)> TryAsync(string image, long began, Deadline deadline, CancellationToken cancellation)
    {
        var there = await cri.ImageStatusAsync(image, Least(CriClient.DefaultDeadline, deadline), cancellation).ConfigureAwait(false);
        if (there.Value is { Images: [var found, ..] })
        {
            return (new PullOutcome(image, "present", found.Size, clock.GetElapsedTime(began), null), false);
        }

        if (there.Fault is not null)
        {
            return (Failed(there.Detail), true);
        }

        RegistryPassword? password;
        try
        {
            password = await passwordOf(image, cancellation).ConfigureAwait(false);
        }
        catch (DiagnosticException failure)
        {
            return (Failed(failure.Diagnostic.Message), true);
        }

        var pulled = await cri.PullImageAsync(image, password, Least(deadline.Left, deadline), cancellation).ConfigureAwait(false);
        if (pulled.Fault is { } fault)
        {
            return (Failed(pulled.Detail), fault != GrpcFault.Refused || !IsFinal(pulled.Detail));
        }

        var status = await cri.ImageStatusAsync(image, CriClient.DefaultDeadline, cancellation).ConfigureAwait(false);
        return (new PullOutcome(image, "pulled", status.Value is { Images: [var image1, ..] } ? image1.Size : null, clock.GetElapsedTime(began), null), false);

        PullOutcome Failed(string why) => new(image, "failed", null, clock.GetElapsedTime(began), why.TrimEnd('.'));
    }

    // In containerd's words: there is no such image, or no such platform of it, or it may not be read. Trying again does not help.
    private static bool IsFinal(string detail)
    {
        foreach (var words in (ReadOnlySpan<string>)[": not found", "no match for platform", "403 Forbidden", "401 Unauthorized", "pull access denied", "insufficient_scope", "invalid reference"])
        {
            if (detail.Contains(words, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static TimeSpan Least(TimeSpan limit, Deadline deadline) => deadline.Left < limit ? deadline.Left : limit;
}
