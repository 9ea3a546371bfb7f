using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>A limit of a process (setrlimit(2)). Each is a number, or <see cref="Infinity"/>.</summary>
public sealed class ProcessLimit
{
    /// <summary>The word for no limit.</summary>
    public const string Infinity = "infinity";

    /// <summary>What counts until a program raises it.</summary>
    public required string Soft { get; init; }

    /// <summary>Up to where it may.</summary>
    public required string Hard { get; init; }
}

/// <summary><c>spec.limits</c>.</summary>
public sealed class LimitSettings
{
    /// <summary>The word for <c>podPidsLimit</c> by its formula.</summary>
    public const string Auto = "Auto";

    /// <summary><c>podPidsLimit</c>: processes and threads of one pod, a number or <see cref="Auto"/>.</summary>
    public Sourced<string>? PodPidsLimit { get; init; }

    /// <summary><c>rlimits</c>: limits of the processes of containers, by the name of an OCI runtime: <c>RLIMIT_NOFILE</c>.</summary>
    public SortedMap<Sourced<ProcessLimit>> Rlimits { get; init; } = SortedMap.Empty<Sourced<ProcessLimit>>();

    /// <summary><c>units</c>: by service, directives of systemd (<c>TasksMax</c>, <c>LimitNOFILE</c>) and their values.</summary>
    public SortedMap<SortedMap<Sourced<string>>> Units { get; init; } =
        SortedMap.Empty<SortedMap<Sourced<string>>>();

    /// <summary>Whether anything is set.</summary>
    public bool IsSet => PodPidsLimit is not null || !Rlimits.IsEmpty || !Units.IsEmpty;

    /// <summary>The later settings over the earlier ones, each limit by itself.</summary>
    public static LimitSettings Merge(LimitSettings earlier, LimitSettings later)
    {
        if (!later.IsSet)
        {
            return earlier;
        }

        var units = earlier.Units;
        foreach (var (service, directives) in later.Units)
        {
            units = units.SetItem(service, units.TryGetValue(service, out var before) ? before.With(directives) : directives);
        }

        return new LimitSettings
        {
            PodPidsLimit = later.PodPidsLimit ?? earlier.PodPidsLimit,
            Rlimits = earlier.Rlimits.With(later.Rlimits),
            Units = units,
        };
    }
}
