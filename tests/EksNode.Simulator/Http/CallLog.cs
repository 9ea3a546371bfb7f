using System.Diagnostics;

namespace EksNode.Simulation.Http;

/// <summary>One request that reached the simulator.</summary>
public sealed record SimulatedCall
{
    /// <summary>The name that fault scripts use: <c>imds:token</c>, <c>ec2:DescribeInstances</c>.</summary>
    public required string Name { get; init; }

    public required string Method { get; init; }

    /// <summary>The request target as it was sent.</summary>
    public required string Target { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>Whether it came through the simulator's proxy.</summary>
    public required bool Proxied { get; init; }

    /// <summary>When it arrived, since the log began.</summary>
    public required TimeSpan Arrived { get; init; }

    /// <summary>When its answer was sent; null while it is under way and for ever when it was cut off.</summary>
    public TimeSpan? Answered { get; init; }

    /// <summary>The status sent; 0 when the connection was cut or the answer withheld.</summary>
    public int Status { get; init; }

    /// <summary>The fault that was injected; null for none.</summary>
    public string? Fault { get; init; }

    /// <summary>The User-Agent header.</summary>
    public string? UserAgent { get; init; }

    public override string ToString() => $"{Name} {Method} {Target} {Status}{(Proxied ? " proxied" : "")}{(Fault is null ? "" : $" [{Fault}]")}";
}

/// <summary>Every request in the order of arrival. Safe to read while requests arrive.</summary>
public sealed class CallLog
{
    private readonly Lock gate = new();
    private readonly List<SimulatedCall> calls = [];
    private readonly List<(string Name, TaskCompletionSource Arrived)> waiters = [];
    private readonly long began = Stopwatch.GetTimestamp();

    /// <summary>A copy of what was recorded so far.</summary>
    public IReadOnlyList<SimulatedCall> All
    {
        get
        {
            lock (gate)
            {
                return [.. calls];
            }
        }
    }

    /// <summary>How often a call was made; a name that ends in <c>:</c> counts a whole service.</summary>
    public int Count(string name) => Of(name).Count;

    /// <summary>The calls of that name; a name that ends in <c>:</c> takes a whole service.</summary>
    public IReadOnlyList<SimulatedCall> Of(string name) => All
        .Where(call => name.EndsWith(':') ? call.Name.StartsWith(name, StringComparison.Ordinal) : call.Name == name)
        .ToList();

    /// <summary>The calls to AWS APIs, which are all that are not to IMDS.</summary>
    public IReadOnlyList<SimulatedCall> Aws => All.Where(call => !call.Name.StartsWith("imds:", StringComparison.Ordinal)).ToList();

    /// <summary>
    /// The longest chain of calls of which each arrived after the one before it was answered: the round trips that had to wait
    /// for each other. Meaningful when each call takes long against scheduling, so delay the calls (<c>imds:*=delay:150*</c>).
    /// </summary>
    public int SequentialRoundTrips(string service)
    {
        var chain = 0;
        var busyUntil = TimeSpan.MinValue;
        foreach (var call in Of(service).Where(call => call.Answered is not null).OrderBy(call => call.Answered))
        {
            if (call.Arrived >= busyUntil)
            {
                chain++;
                busyUntil = call.Answered!.Value;
            }
        }

        return chain;
    }

    /// <summary>Completes when a call of that name has arrived; fails when none does in time.</summary>
    public async Task WaitForAsync(string name, TimeSpan deadline)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (calls.Any(call => call.Name == name))
            {
                return;
            }

            waiters.Add((name, arrived));
        }

        await arrived.Task.WaitAsync(deadline);
    }

    /// <summary>Forgets what was recorded, between two runs of one test.</summary>
    public void Clear()
    {
        lock (gate)
        {
            calls.Clear();
        }
    }

    internal SimulatedCall Begin(SimulatedRequest request, string name, string? fault)
    {
        var call = new SimulatedCall
        {
            Name = name,
            Method = request.Method,
            Target = request.Target,
            Time = TimeProvider.System.GetUtcNow(),
            Arrived = Stopwatch.GetElapsedTime(began),
            Proxied = request.Proxied,
            Fault = fault,
            UserAgent = request.Header("User-Agent"),
        };
        lock (gate)
        {
            calls.Add(call);
            foreach (var (_, arrived) in waiters.Where(waiter => waiter.Name == name))
            {
                arrived.TrySetResult();
            }
        }

        return call;
    }

    internal void End(SimulatedCall call, int status)
    {
        lock (gate)
        {
            // A test may have cleared the log while this call was under way.
            var index = calls.FindIndex(candidate => ReferenceEquals(candidate, call));
            if (index >= 0)
            {
                calls[index] = call with { Status = status, Answered = Stopwatch.GetElapsedTime(began) };
            }
        }
    }
}
