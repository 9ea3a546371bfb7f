using System.Globalization;
using EksNode.Aws.Credentials;
using EksNode.Aws.Endpoints;
using EksNode.Aws.Signing;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;

namespace EksNode.Aws.Services;

/// <summary>How long to wait for AWS.</summary>
public sealed record AwsLimits
{
    /// <summary>How long a call with all its retries may take.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long one attempt may take.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a TCP connection with its TLS handshake may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long an error is retried that may be a passing one: a permission (IAM and new roles are eventually consistent), a
    /// signature, a certificate, an answer that cannot be read.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait before the first retry.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait before any retry.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(20);
}

/// <summary>
/// Signs and sends the operations of AWS services, with retries. A clock that is wrong is noticed by the time in AWS's answer and
/// corrected for the signature: at boot the clock may not be set yet.
/// </summary>
internal sealed class AwsCaller
{
    private const int LongestAnswer = 4 * 1024 * 1024;

    /// <summary>AWS accepts five minutes; below that another error has another cause.</summary>
    private static readonly TimeSpan NoticedSkew = TimeSpan.FromMinutes(4);

    private readonly string region;
    private readonly AwsEnvironment environment;
    private readonly CredentialChain credentials;
    private readonly IHttpSender sender;
    private readonly AwsLimits limits;
    private readonly TimeProvider clock;
    private readonly ILog log;
    private readonly Timeline timeline;
    private readonly Backoff backoff;
    private TimeSpan skew;

    public AwsCaller(
        string region,
        AwsEnvironment environment,
        CredentialChain credentials,
        IHttpSender sender,
        AwsLimits limits,
        TimeProvider clock,
        Random random,
        ILog log,
        Timeline timeline)
    {
        (this.region, this.environment, this.credentials, this.sender, this.limits) = (region, environment, credentials, sender, limits);
        (this.clock, this.log, this.timeline) = (clock, log, timeline);
        backoff = new Backoff(limits.FirstWait, limits.LongestWait, random);
    }

    public string Region => region;

    public Backoff Backoff => backoff;

    /// <summary>How far this host's clock is behind AWS's; zero: near enough.</summary>
    public TimeSpan Skew => skew;

    public Deadline NewDeadline() => new(limits.Deadline, clock);

    /// <summary>Calls an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="read">Reads the answer; null: it cannot be read.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="cancellation">Cancels it.</param>
    /// <exception cref="DiagnosticException">The call failed; the diagnostic names it.</exception>
    public async Task<T> CallAsync<T>(
        AwsOperation operation, Func<ReadOnlyMemory<byte>, T?> read, Deadline deadline, CancellationToken cancellation)
        where T : class
    {
        var endpoint = AwsEndpoints.Of(operation.Service, region, environment);
        var policy = new RetryPolicy
        {
            Attempts = Math.Min(operation.MaxAttempts, environment.MaxAttempts),
            Backoff = backoff,
            AttemptTimeout = limits.AttemptTimeout,
        };
        using var step = timeline.Begin(operation.ToString());
        var call = new Call<T>(this, operation, endpoint, read, new Deadline(limits.Patience, clock));
        var result = await policy.RunAsync(call.AttemptAsync, call.Judge, deadline, cancellation).ConfigureAwait(false);
        return call.Value ?? throw new DiagnosticException(AwsExplanations.Of(operation, endpoint, region, call.Used, skew, result));
    }

    // One call with what its attempts have to remember.
    private sealed class Call<T>(
        AwsCaller caller, AwsOperation operation, Uri endpoint, Func<ReadOnlyMemory<byte>, T?> read, Deadline patience)
        where T : class
    {
        private bool skewCorrected;
        private bool credentialsReplaced;

        public T? Value { get; private set; }

        public AwsCredentials? Used { get; private set; }

        public async Task<HttpOutcome> AttemptAsync(TimeSpan limit, CancellationToken cancellation)
        {
            Used = await caller.credentials.GetAsync(cancellation).ConfigureAwait(false);
            var request = new UnsignedRequest
            {
                Method = operation.Method,
                Endpoint = endpoint,
                Path = operation.Path,
                Headers = operation.Headers,
                Body = operation.Body,
            };
            var signed = new SigV4(caller.region, operation.Service).Sign(request, Used, caller.clock.GetUtcNow() + caller.skew);
            return await caller.sender.SendAsync(ToCall(request, signed, limit), cancellation).ConfigureAwait(false);
        }

        public RetryVerdict Judge(HttpOutcome outcome, int attempt)
        {
            var verdict = JudgeQuietly(outcome);
            if (verdict != RetryVerdict.Final)
            {
                caller.log.Write(
                    attempt >= 3 ? LogLevel.Warn : LogLevel.Debug,
                    "calling AWS again",
                    ("call", operation.ToString()),
                    ("attempt", attempt.ToString(CultureInfo.InvariantCulture)),
                    ("reason", AwsExplanations.Clause(outcome)));
            }

            return verdict;
        }

        private RetryVerdict JudgeQuietly(HttpOutcome outcome)
        {
            if (outcome is not HttpAnswer answer)
            {
                return RetryPolicy.IsTransient(outcome) ? RetryVerdict.Retry : Patiently();
            }

            if (answer.Succeeded)
            {
                Value = read(answer.Body);
                return Value is null ? Patiently() : RetryVerdict.Final;
            }

            switch (AwsError.Of(answer).Kind)
            {
                case AwsErrorKind.Throttled or AwsErrorKind.Transient:
                    return RetryVerdict.Retry;
                case AwsErrorKind.NotFound:
                    return operation.RetriesNotFound ? RetryVerdict.Retry : RetryVerdict.Final;
                case AwsErrorKind.Signature or AwsErrorKind.Expired when !skewCorrected && SkewOf(answer) is { } found:
                    skewCorrected = true;
                    caller.skew = found;
                    return RetryVerdict.RetryNow;
                case AwsErrorKind.Expired when !credentialsReplaced && Used is not null:
                    credentialsReplaced = true;
                    caller.credentials.Forget(Used);
                    return RetryVerdict.RetryNow;
                case AwsErrorKind.Expired or AwsErrorKind.Signature or AwsErrorKind.NotAllowed:
                    return Patiently();
                default:
                    return RetryVerdict.Final;
            }
        }

        private RetryVerdict Patiently() => patience.IsOver ? RetryVerdict.Final : RetryVerdict.Retry;

        private TimeSpan? SkewOf(HttpAnswer answer) =>
            DateTimeOffset.TryParseExact(
                answer.Header("Date"), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var theirs)
            && theirs - caller.clock.GetUtcNow() is var difference
            && (difference - caller.skew).Duration() > NoticedSkew
                ? difference
                : null;

        private HttpCall ToCall(UnsignedRequest request, SignedRequest signed, TimeSpan limit)
        {
            var headers = new List<HttpHeader>();
            string? contentType = null;
            foreach (var header in signed.Headers)
            {
                if (header.Name == "Content-Type")
                {
                    contentType = header.Value;
                }
                else
                {
                    headers.Add(header);
                }
            }

            return new HttpCall
            {
                Method = operation.Method,
                Address = signed.Address,
                Headers = headers.ToImmutable(),
                Body = request.Body.IsEmpty ? null : request.Body,
                ContentType = contentType,
                LongestAnswer = LongestAnswer,
                Timeout = limit,
            };
        }
    }
}
