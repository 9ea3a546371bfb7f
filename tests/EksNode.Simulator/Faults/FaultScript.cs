using System.Globalization;

namespace EksNode.Simulation.Faults;

/// <summary>What happens to one request instead of, or before, its answer.</summary>
public enum FaultKind
{
    /// <summary>Nothing: the normal answer.</summary>
    Ok,

    /// <summary>The normal answer, some milliseconds later.</summary>
    Delay,

    /// <summary>An HTTP status, in the error shape of the service.</summary>
    Status,

    /// <summary>The connection is reset before an answer.</summary>
    Reset,

    /// <summary>Status 200 and bytes that are no document of this service.</summary>
    Garbage,

    /// <summary>Status 200 and no byte.</summary>
    Empty,

    /// <summary>The normal answer, of which half arrives before the connection is closed.</summary>
    Truncated,

    /// <summary>No answer, for as long as the caller waits.</summary>
    Hang,

    /// <summary>Too many requests: RequestLimitExceeded, ThrottlingException, or 503 of IMDS.</summary>
    Throttle,

    /// <summary>The credentials are expired.</summary>
    Expired,

    /// <summary>The role may not do this.</summary>
    Denied,

    /// <summary>DescribeInstances before the name is there: an empty privateDnsName.</summary>
    EmptyDnsName,
}

/// <summary>One step of a script. <see cref="Argument"/> is a status or milliseconds.</summary>
public sealed record FaultStep(FaultKind Kind, int Argument = 0)
{
    public override string ToString() => Argument == 0 ? Kind.ToString() : $"{Kind}:{Argument.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>
/// Faults by call. A rule is <c>CALL=STEP,STEP,…</c>; a request takes the next step of the first rule that fits and has one
/// left, then all is well again. CALL is a name (<c>imds:token</c>, <c>ec2:DescribeInstances</c>) or a prefix with <c>*</c>
/// (<c>imds:*</c>). STEP is <c>ok</c>, <c>delay:MS</c>, <c>status:N</c> or the number alone, <c>reset</c>, <c>garbage</c>, <c>empty</c>,
/// <c>truncated</c>, <c>hang</c>, <c>throttle</c>, <c>expired</c>, <c>denied</c> or <c>empty-dns</c>, followed by <c>*N</c> for N times or
/// <c>*</c> for ever: <c>ec2:DescribeInstances=throttle*2,empty-dns</c>.
/// </summary>
public sealed class FaultScript
{
    private readonly Lock gate = new();
    private readonly List<Rule> rules = [];
    private readonly Dictionary<string, int> fired = new(StringComparer.Ordinal);

    /// <summary>Adds a rule, or several separated by <c>;</c> or new lines.</summary>
    public void Add(string script)
    {
        var parsed = script
            .Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.StartsWith('#'))
            .Select(Parse)
            .ToList();
        lock (gate)
        {
            rules.AddRange(parsed);
        }
    }

    /// <summary>Forgets every rule.</summary>
    public void Clear()
    {
        lock (gate)
        {
            rules.Clear();
        }
    }

    /// <summary>How many faults hit this call.</summary>
    public int Fired(string call)
    {
        lock (gate)
        {
            return fired.GetValueOrDefault(call);
        }
    }

    internal FaultStep? Next(string call)
    {
        lock (gate)
        {
            foreach (var rule in rules)
            {
                if (!rule.Fits(call) || rule.Take() is not { } step)
                {
                    continue;
                }

                if (step.Kind == FaultKind.Ok)
                {
                    return null;
                }

                fired[call] = fired.GetValueOrDefault(call) + 1;
                return step;
            }
        }

        return null;
    }

    private static Rule Parse(string line)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new FormatException($"A fault is CALL=STEP,…; got '{line}'.");
        }

        var steps = line[(equals + 1)..].Split(',', StringSplitOptions.TrimEntries).Select(ParseStep);
        return new Rule(line[..equals].Trim(), new Queue<(FaultStep, int)>(steps));
    }

    private static (FaultStep Step, int Times) ParseStep(string text)
    {
        var star = text.IndexOf('*', StringComparison.Ordinal);
        var times = star < 0 ? 1 : star == text.Length - 1 ? int.MaxValue : Number(text[(star + 1)..], text);
        var parts = (star < 0 ? text : text[..star]).Split(':', 2);
        var argument = parts.Length > 1 ? Number(parts[1], text) : 0;
        var kind = parts[0] switch
        {
            "ok" => FaultKind.Ok,
            "delay" => FaultKind.Delay,
            "status" => FaultKind.Status,
            "reset" => FaultKind.Reset,
            "garbage" => FaultKind.Garbage,
            "empty" => FaultKind.Empty,
            "truncated" => FaultKind.Truncated,
            "hang" => FaultKind.Hang,
            "throttle" => FaultKind.Throttle,
            "expired" => FaultKind.Expired,
            "denied" => FaultKind.Denied,
            "empty-dns" => FaultKind.EmptyDnsName,
            _ when int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out argument) => FaultKind.Status,
            _ => throw new FormatException($"Unknown fault '{text}'."),
        };
        if (kind is FaultKind.Delay or FaultKind.Status && argument == 0)
        {
            throw new FormatException($"The fault '{text}' needs a number.");
        }

        return (new FaultStep(kind, argument), times);
    }

    private static int Number(string digits, string step) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{digits}' in the fault '{step}' is no number.");

    private sealed class Rule(string call, Queue<(FaultStep Step, int Times)> steps)
    {
        private int taken;

        public bool Fits(string name) => call.EndsWith('*') ? name.StartsWith(call[..^1], StringComparison.Ordinal) : name == call;

        public FaultStep? Take()
        {
            if (!steps.TryPeek(out var next))
            {
                return null;
            }

            if (next.Times != int.MaxValue && ++taken >= next.Times)
            {
                steps.Dequeue();
                taken = 0;
            }

            return next.Step;
        }
    }
}
