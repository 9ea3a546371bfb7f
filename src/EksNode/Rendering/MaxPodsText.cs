using System.Globalization;
using System.Text.Json;
using EksNode.Planning.Decisions;

namespace EksNode.Rendering;

/// <summary>Max pods of one instance type.</summary>
/// <param name="type">The instance type.</param>
/// <param name="maxPods">The recommended value.</param>
/// <param name="joinDefault">What join writes when nothing sets max pods.</param>
/// <param name="formula">How the recommended value follows.</param>
/// <param name="source">Where the limits are from: <c>catalog</c>, <c>ec2</c>, or <c>default</c> when they are not known.</param>
/// <param name="limits">The limits; null when they are not known.</param>
internal sealed class MaxPodsRow(string type, int maxPods, int joinDefault, string formula, string source, PodLimits? limits)
{
    /// <summary>The instance type.</summary>
    public string Type => type;

    /// <summary>The recommended value.</summary>
    public int MaxPods => maxPods;

    /// <summary>What join writes when nothing sets max pods.</summary>
    public int JoinDefault => joinDefault;

    /// <summary>How the recommended value follows.</summary>
    public string Formula => formula;

    /// <summary>Where the limits are from.</summary>
    public string Source => source;

    /// <summary>The limits; null when they are not known.</summary>
    public PodLimits? Limits => limits;

    /// <summary>That of a type whose limits are not known: the kubelet's own default, in both columns.</summary>
    /// <param name="type">The instance type.</param>
    public static MaxPodsRow Unknown(string type) => new(
        type, RecommendedMaxPods.OfUnknownType, RecommendedMaxPods.OfUnknownType, "the kubelet's default, as the limits of the type are not known", "default", null);
}

/// <summary>Max pods of instance types, for people and for tools.</summary>
internal static class MaxPodsText
{
    /// <summary>Writes a table.</summary>
    public static void WriteTable(TextWriter writer, IReadOnlyList<MaxPodsRow> rows, Style style)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var width = "Instance type".Length;
        foreach (var row in rows)
        {
            width = Math.Max(width, row.Type.Length);
        }

        writer.WriteLine(style.Bold($"{"Instance type".PadRight(width)}  Max pods  Join default  Formula"));
        foreach (var row in rows)
        {
            writer.WriteLine($"{row.Type.PadRight(width)}  {Number(row.MaxPods),8}  {Number(row.JoinDefault),12}  {style.Dim(row.Formula)}");
        }
    }

    /// <summary>Writes comma-separated values (RFC 4180) with a header line.</summary>
    public static void WriteCsv(TextWriter writer, IReadOnlyList<MaxPodsRow> rows)
    {
        writer.WriteLine("instanceType,maxPods,joinDefault,source,enis,ipv4PerEni,vcpus,formula");
        foreach (var row in rows)
        {
            writer.WriteLine(string.Join(
                ',',
                Cell(row.Type),
                Number(row.MaxPods),
                Number(row.JoinDefault),
                row.Source,
                row.Limits is { } limits ? Number(limits.Interfaces) : "",
                row.Limits is { } ofType ? Number(ofType.Addresses) : "",
                row.Limits?.Vcpus is { } vcpus ? Number(vcpus) : "",
                Cell(row.Formula)));
        }
    }

    /// <summary>Writes the items into an open array.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="rows">The items.</param>
    /// <param name="networking">The options that they were calculated with.</param>
    public static void WriteJson(Utf8JsonWriter json, IReadOnlyList<MaxPodsRow> rows, PodNetworking networking)
    {
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("instanceType", row.Type);
            json.WriteNumber("maxPods", row.MaxPods);
            json.WriteNumber("joinDefault", row.JoinDefault);
            json.WriteString("formula", row.Formula);
            json.WriteString("source", row.Source);
            if (row.Limits is { } limits)
            {
                json.WriteStartObject("inputs");
                json.WriteNumber("enis", limits.Interfaces);
                json.WriteNumber("ipv4PerEni", limits.Addresses);
                if (limits.Vcpus is { } vcpus)
                {
                    json.WriteNumber("vcpus", vcpus);
                }

                if (limits.HasPrefixes is { } has)
                {
                    json.WriteBoolean("supportsPrefixes", has);
                }

                WriteOptions(json, networking);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }
    }

    // Each that was given: the formula says which of them counted.
    private static void WriteOptions(Utf8JsonWriter json, PodNetworking networking)
    {
        if (networking.CniVersion is { } version)
        {
            json.WriteString("cniVersion", version.ToString());
        }

        foreach (var (name, given) in (ReadOnlySpan<(string, bool)>)
            [
                ("prefixDelegation", networking.PrefixDelegation), ("customNetworking", networking.CustomNetworking), ("ipv6", networking.Ipv6),
                ("securityGroupsForPods", networking.SecurityGroupsForPods),
            ])
        {
            if (given)
            {
                json.WriteBoolean(name, true);
            }
        }

        foreach (var (name, number) in (ReadOnlySpan<(string, int?)>)
            [("maxEnis", networking.MaxEnis), ("reservedEnis", networking.ReservedEnis is 0 ? null : networking.ReservedEnis)])
        {
            if (number is { } given)
            {
                json.WriteNumber(name, given);
            }
        }

        if (networking.Cap is { } cap)
        {
            if (cap == int.MaxValue)
            {
                json.WriteString("cap", "none");
            }
            else
            {
                json.WriteNumber("cap", cap);
            }
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A cell of comma-separated values, in quotes where it needs them.</summary>
    internal static string Cell(string text) =>
        text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
