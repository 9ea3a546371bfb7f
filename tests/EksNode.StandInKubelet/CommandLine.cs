namespace EksNode.StandInKubelet;

/// <summary>The kubelet's command line: only flags that this minor has, with values of their types.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    public bool Version { get; private init; }

    /// <exception cref="KubeletException">A flag or value that a kubelet does not take.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        if (arguments is ["--version"])
        {
            return new CommandLine { Version = true };
        }

        var command = new CommandLine();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                throw new KubeletException($"unknown command {argument}");
            }

            var (name, value) = argument.Split('=', 2) is [var left, var right] ? (left, right) : (argument, null);
            if (!Tables.Flags.TryGetValue(name, out var type))
            {
                throw new KubeletException($"failed to parse kubelet flag: unknown flag: {name}");
            }

            value ??= type == "bool" ? "true" : i + 1 < arguments.Count ? arguments[++i] : throw new KubeletException($"failed to parse kubelet flag: flag needs an argument: {name}");
            if (!Values.FitsFlag(type, value))
            {
                throw new KubeletException($"failed to parse kubelet flag: invalid argument \"{value}\" for \"{name}\" flag");
            }

            // A repeated map or list adds, as pflag does; anything else: the last wins.
            var adds = type is "mapStringString" or "mapStringBool" or "strings" && command.values.ContainsKey(name);
            command.values[name] = adds ? command.values[name] + "," + value : value;
        }

        return command;
    }

    public string? Optional(string flag) => values.GetValueOrDefault(flag) is { Length: > 0 } value ? value : null;

    public string Required(string flag) => Optional(flag) ?? throw new KubeletException($"{flag} is not set");

    /// <summary>The pairs of a map flag.</summary>
    public IEnumerable<KeyValuePair<string, string>> Map(string flag) => (Optional(flag) ?? "")
        .Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => KeyValuePair.Create(pair[0], pair[1]));
}
