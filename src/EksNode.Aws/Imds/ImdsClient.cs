using System.Globalization;
using EksNode.Host.Http;
using EksNode.Host.Logging;
using EksNode.Host.Tasks;

namespace EksNode.Aws.Imds;

/// <summary>
/// Reads the instance metadata service, version 2: a session token first, then keys with it. A token that has expired or is refused
/// is replaced. Never through a proxy. Several reads may run at once; they share the token.
/// </summary>
/// <remarks>Protocol: EC2 user guide, "Use the Instance Metadata Service to access instance metadata".</remarks>
public sealed class ImdsClient : IDisposable
{
    private const string TokenPath = "latest/api/token";
    private const string TokenHeader = "X-aws-ec2-metadata-token";
    private const string LifetimeHeader = "X-aws-ec2-metadata-token-ttl-seconds";
    private const int LongestValue = 1024 * 1024;
    private const int LongestToken = 1024;

    private static readonly TimeSpan WarnEvery = TimeSpan.FromSeconds(5);

    private readonly ImdsOptions options;
    private readonly IHttpSender sender;
    private readonly TimeProvider clock;
    private readonly ILog log;
    private readonly Timeline timeline;
    private readonly RetryPolicy tokenPolicy;
    private readonly RetryPolicy readPolicy;
    private readonly CancellationTokenSource lifetime = new();
    private readonly Lock gate = new();
    private Task<Session>? session;
    private long lastWarning;

    /// <summary>Creates a client. Nothing is sent before the first read.</summary>
    /// <param name="options">Where IMDS is and how long to wait.</param>
    /// <param name="sender">What sends the requests; it must know no proxy.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="random">The source of jitter.</param>
    /// <param name="log">Where progress is written.</param>
    /// <param name="timeline">Where the duration of requests is recorded.</param>
    public ImdsClient(ImdsOptions options, IHttpSender sender, TimeProvider clock, Random random, ILog log, Timeline timeline)
    {
        (this.options, this.sender, this.clock, this.log, this.timeline) = (options, sender, clock, log, timeline);
        lastWarning = clock.GetTimestamp();
        var backoff = new Backoff(options.FirstWait, options.LongestWait, random);
        tokenPolicy = new RetryPolicy { Attempts = int.MaxValue, Backoff = backoff, AttemptTimeout = options.TokenTimeout };
        readPolicy = new RetryPolicy { Attempts = int.MaxValue, Backoff = backoff, AttemptTimeout = options.ReadTimeout };
    }

    /// <summary>The time in which reads that begin now must end.</summary>
    public Deadline NewDeadline() => new(options.Deadline, clock);

    /// <summary>Reads a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="cancellation">Cancels it.</param>
    public async Task<ImdsReading> ReadAsync(ImdsKey key, Deadline deadline, CancellationToken cancellation)
    {
        if (options.Forbidden is { } why)
        {
            return ImdsExplanations.Forbidden(key, why);
        }

        ImdsFailure? noSession = null;
        Uri? address = null;
        Session? used = null;
        var patience = new Deadline(options.Patience, clock);
        var absencePatience = key.AbsencePatience is { } longer ? new Deadline(longer, clock) : patience;
        var refusals = 0;
        using var step = timeline.Begin("imds " + key.Path);
        var result = await readPolicy.RunAsync(AttemptAsync, Judge, deadline, cancellation).ConfigureAwait(false);
        if (noSession is not null)
        {
            return noSession;
        }

        if (result.Outcome is HttpAnswer answer)
        {
            if (answer.Status == 200 && key.IsValid?.Invoke(answer.Body) != false)
            {
                return new ImdsValue(answer.Body);
            }

            if (answer.Status == 404 && !key.Always)
            {
                return new ImdsAbsent();
            }
        }

        return ImdsExplanations.OfRead($"GET {address}", result, connected: true);

        async Task<HttpOutcome> AttemptAsync(TimeSpan limit, CancellationToken cancel)
        {
            used = await SessionAsync(deadline, cancel).ConfigureAwait(false);
            if (used.Failure is not null)
            {
                noSession = used.Failure;
                return new HttpFault(HttpFaultKind.Unreachable, used.Failure.Reason);
            }

            address = new Uri(used.Endpoint, key.Path);
            var call = new HttpCall
            {
                Method = HttpMethod.Get,
                Address = address,
                Headers = [new HttpHeader(TokenHeader, used.Token)],
                LongestAnswer = LongestValue,
                Timeout = Within(limit, deadline),
            };
            return await SendAsync(call, cancel).ConfigureAwait(false);
        }

        RetryVerdict Judge(HttpOutcome outcome, int attempt)
        {
            if (noSession is not null)
            {
                return RetryVerdict.Final;
            }

            var verdict = outcome switch
            {
                HttpAnswer { Status: 200 } ok => key.IsValid?.Invoke(ok.Body) == false ? Patiently(patience) : RetryVerdict.Final,
                HttpAnswer { Status: 401 } => Refused(),
                HttpAnswer { Status: 404 } => key.Always ? Patiently(absencePatience) : RetryVerdict.Final,
                _ => RetryPolicy.IsTransient(outcome) ? RetryVerdict.Retry : RetryVerdict.Final,
            };
            return Report(verdict, $"GET {address}", outcome);
        }

        RetryVerdict Refused()
        {
            Forget(used);
            return refusals++ == 0 ? RetryVerdict.RetryNow : Patiently(patience);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lifetime.Cancel();
        lifetime.Dispose();
    }

    // The limit was set before the token was waited for.
    private static TimeSpan Within(TimeSpan limit, Deadline deadline)
    {
        var left = deadline.Left < limit ? deadline.Left : limit;
        return left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
    }

    private static RetryVerdict Patiently(Deadline patience) => patience.IsOver ? RetryVerdict.Final : RetryVerdict.Retry;

    // One session for all reads; a failure to get one stands for the whole run, since it took the whole deadline.
    private Task<Session> SessionAsync(Deadline deadline, CancellationToken cancellation)
    {
        Task<Session> current;
        lock (gate)
        {
            if (session is { IsCompletedSuccessfully: true, Result: { Failure: null } old }
                && clock.GetElapsedTime(old.Began) > old.Lifetime)
            {
                session = null;
            }

            current = session ??= BeginSessionAsync(deadline);
        }

        return current.WithinAsync(cancellation);
    }

    private void Forget(Session? used)
    {
        lock (gate)
        {
            if (session is { IsCompletedSuccessfully: true } && ReferenceEquals(session.Result, used))
            {
                session = null;
            }
        }
    }

    private async Task<Session> BeginSessionAsync(Deadline deadline)
    {
        using var step = timeline.Begin("imds token");
        var began = clock.GetTimestamp();
        var answeredBy = options.Endpoints[0];
        var patience = new Deadline(options.Patience, clock);
        var result = await tokenPolicy.RunAsync(
            async (limit, cancel) =>
            {
                began = clock.GetTimestamp();
                (var outcome, answeredBy) = await RaceAsync(limit, cancel).ConfigureAwait(false);
                return outcome;
            },
            (outcome, _) => Report(JudgeToken(outcome), $"PUT {new Uri(answeredBy, TokenPath)}", outcome),
            deadline,
            lifetime.Token).ConfigureAwait(false);
        if (result.Outcome is HttpAnswer { Status: 200 } answer && ImdsText.Token(answer.Body) is { } token)
        {
            return new Session(answeredBy, token, began, LifetimeOf(answer), null);
        }

        return new Session(answeredBy, "", began, TimeSpan.Zero, ImdsExplanations.OfToken($"PUT {new Uri(answeredBy, TokenPath)}", result));

        RetryVerdict JudgeToken(HttpOutcome outcome) => outcome switch
        {
            HttpAnswer { Status: 200 } ok => ImdsText.Token(ok.Body) is null ? Patiently(patience) : RetryVerdict.Final,
            HttpAnswer { Status: 400 or 403 } => RetryVerdict.Final,
            HttpAnswer { Status: 401 or 404 } => Patiently(patience),
            _ => RetryPolicy.IsTransient(outcome) ? RetryVerdict.Retry : RetryVerdict.Final,
        };
    }

    private TimeSpan LifetimeOf(HttpAnswer answer)
    {
        var lifetimeOf = int.TryParse(answer.Header(LifetimeHeader), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : options.TokenLifetime;
        return lifetimeOf * 0.9; // replaced before it expires, so that no read is refused for it
    }

    // Both families when the first is silent: the first answer wins; without any, the first endpoint's fault stands.
    private async Task<(HttpOutcome Outcome, Uri Endpoint)> RaceAsync(TimeSpan limit, CancellationToken cancellation)
    {
        if (options.Endpoints.Length == 1)
        {
            return (await PutAsync(options.Endpoints[0], limit, cancellation).ConfigureAwait(false), options.Endpoints[0]);
        }

        using var race = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var first = PutAsync(options.Endpoints[0], limit, race.Token);
        var headStart = Task.Delay(options.HeadStart, clock, race.Token);
        if (await Task.WhenAny(first, headStart).ConfigureAwait(false) == first && await first.ConfigureAwait(false) is HttpAnswer early)
        {
            await race.CancelAsync().ConfigureAwait(false);
            return (early, options.Endpoints[0]);
        }

        var second = PutAsync(options.Endpoints[1], limit, race.Token);
        var winner = await Task.WhenAny(first, second).ConfigureAwait(false);
        var outcome = await winner.ConfigureAwait(false);
        if (outcome is not HttpAnswer)
        {
            winner = winner == first ? second : first;
            outcome = await winner.ConfigureAwait(false) is HttpAnswer answer ? answer : await first.ConfigureAwait(false);
        }

        await race.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(Quiet(first), Quiet(second), Quiet(headStart)).ConfigureAwait(false);
        return (outcome, options.Endpoints[outcome is HttpAnswer && winner == second ? 1 : 0]);
    }

    private static async Task Quiet(Task task) => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private Task<HttpOutcome> PutAsync(Uri endpoint, TimeSpan limit, CancellationToken cancellation) => SendAsync(
        new HttpCall
        {
            Method = HttpMethod.Put,
            Address = new Uri(endpoint, TokenPath),
            Headers = [new HttpHeader(LifetimeHeader, options.TokenLifetime.TotalSeconds.ToString(CultureInfo.InvariantCulture))],
            LongestAnswer = LongestToken,
            Timeout = limit,
        },
        cancellation);

    private async Task<HttpOutcome> SendAsync(HttpCall call, CancellationToken cancellation)
    {
        var outcome = await sender.SendAsync(call, cancellation).ConfigureAwait(false);
        if (log.Writes(LogLevel.Trace))
        {
            log.Write(LogLevel.Trace, "asked IMDS", ("request", call.ToString()), ("outcome", ImdsExplanations.Clause(outcome)));
        }

        return outcome;
    }

    private RetryVerdict Report(RetryVerdict verdict, string request, HttpOutcome outcome)
    {
        if (verdict != RetryVerdict.Final)
        {
            var isDue = clock.GetElapsedTime(lastWarning) > WarnEvery;
            lastWarning = isDue ? clock.GetTimestamp() : lastWarning;
            var level = isDue ? LogLevel.Warn : LogLevel.Debug;
            log.Write(level, "asking IMDS again", ("request", request), ("reason", ImdsExplanations.Clause(outcome)));
        }

        return verdict;
    }

    private sealed record Session(Uri Endpoint, string Token, long Began, TimeSpan Lifetime, ImdsFailure? Failure)
    {
        public override string ToString() => Endpoint.ToString();
    }
}
