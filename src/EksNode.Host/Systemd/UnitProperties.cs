using System.Collections.Immutable;

namespace EksNode.Host.Systemd;

/// <summary>The properties of a unit, from the answer to <c>GetAll</c>: the few that <see cref="UnitStatus"/> has out of some three hundred.</summary>
internal static class UnitProperties
{
    /// <summary>The type of the answer.</summary>
    public const string Signature = "a{sv}";

    /// <summary>Reads them. What a unit of this type does not have stays empty.</summary>
    public static UnitStatus Read(ref DBusReader reader, string unit)
    {
        var status = new UnitStatus(unit);
        var end = reader.ArrayEnd(8);
        while (reader.Position < end)
        {
            reader.Align(8);
            var name = reader.String();
            status = name switch
            {
                "Id" => status with { Id = Text(ref reader, name) },
                "LoadState" => status with { LoadState = Text(ref reader, name) },
                "ActiveState" => status with { ActiveState = Text(ref reader, name) },
                "SubState" => status with { SubState = Text(ref reader, name) },
                "Result" => status with { Result = Text(ref reader, name) },
                "UnitFileState" => status with { UnitFileState = Text(ref reader, name) },
                "FragmentPath" => status with { FragmentPath = Text(ref reader, name) },
                "DropInPaths" => status with { DropInPaths = Texts(ref reader, name) },
                "NeedDaemonReload" => status with { NeedDaemonReload = Value<bool>(ref reader, name) },
                "MainPID" => status with { MainPid = Value<uint>(ref reader, name) },
                "NRestarts" => status with { NRestarts = Value<uint>(ref reader, name) },
                "ExecMainCode" => status with { ExecMainCode = Value<int>(ref reader, name) },
                "ExecMainStatus" => status with { ExecMainStatus = Value<int>(ref reader, name) },
                "ActiveEnterTimestamp" => status with { ActiveEnterTimestamp = Time(ref reader, name) },
                "ActiveEnterTimestampMonotonic" => status with { ActiveEnterTimestampMonotonic = Time(ref reader, name) },
                "InactiveExitTimestamp" => status with { InactiveExitTimestamp = Time(ref reader, name) },
                "InactiveExitTimestampMonotonic" => status with { InactiveExitTimestampMonotonic = Time(ref reader, name) },
                "ExecMainStartTimestamp" => status with { ExecMainStartTimestamp = Time(ref reader, name) },
                "ExecMainStartTimestampMonotonic" => status with { ExecMainStartTimestampMonotonic = Time(ref reader, name) },
                _ => Skipped(ref reader, status),
            };
        }

        reader.EndArray(end);
        return status.LoadState.Length > 0 && status.ActiveState.Length > 0
            ? status
            : throw new DBusFormatException("the properties of a unit lack its state");
    }

    private static UnitStatus Skipped(ref DBusReader reader, UnitStatus status)
    {
        reader.SkipVariant();
        return status;
    }

    private static string Text(ref DBusReader reader, string name) => reader.Variant().Value as string ?? throw Wrong(name);

    private static ImmutableArray<string> Texts(ref DBusReader reader, string name) =>
        reader.Variant() is { Signature: "as", Value: ImmutableArray<object> items } ? [.. items.Cast<string>()] : throw Wrong(name);

    private static long Time(ref DBusReader reader, string name) => Value<ulong>(ref reader, name) is <= long.MaxValue and var time ? (long)time : throw Wrong(name);

    private static T Value<T>(ref DBusReader reader, string name)
        where T : struct => reader.Variant().Value is T value ? value : throw Wrong(name);

    private static DBusFormatException Wrong(string name) => new($"the property {name} has another type");
}
