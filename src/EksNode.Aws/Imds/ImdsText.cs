using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EksNode.Configuration.Values;

namespace EksNode.Aws.Imds;

/// <summary>What the instance identity document says.</summary>
/// <param name="InstanceId">The instance id.</param>
/// <param name="InstanceType">The instance type.</param>
/// <param name="Region">The region.</param>
/// <param name="AvailabilityZone">The availability zone.</param>
public sealed record ImdsIdentity(string InstanceId, string InstanceType, string Region, string AvailabilityZone);

/// <summary>Reads the values of IMDS keys. Each method returns null for what is no such value.</summary>
internal static class ImdsText
{
    public static ImdsIdentity? Identity(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return Text(document, "instanceId") is { } id
                && Text(document, "instanceType") is { } type
                && Text(document, "region") is { } region
                && Text(document, "availabilityZone") is { } zone
                ? new ImdsIdentity(id, type, region, zone)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string? Mac(ReadOnlyMemory<byte> bytes) => Mac(Line(bytes));

    public static ImmutableArray<string>? Macs(ReadOnlyMemory<byte> bytes)
    {
        var found = Lines(bytes).Select(line => Mac(line.TrimEnd('/'))).ToList();
        return found.Contains(null) ? null : [.. found.OfType<string>()];
    }

    public static ImmutableArray<string>? Ipv4s(ReadOnlyMemory<byte> bytes)
    {
        var lines = Lines(bytes);
        return lines.All(l => IpLiteral.Parse(l) is { IsValid: true, Value.AddressFamily: AddressFamily.InterNetwork }) ? [.. lines] : null;
    }

    // The highest that EC2 has are two digits; anything that would not give a metric or table number is no index.
    public static int? Index(ReadOnlyMemory<byte> bytes) =>
        Line(bytes) is { Length: <= 3 } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Mac(string? line)
    {
        const int Length = 17;
        var text = line?.ToLowerInvariant();
        if (text?.Length != Length)
        {
            return null;
        }

        for (var i = 0; i < Length; i++)
        {
            if (i % 3 == 2 ? text[i] != ':' : !char.IsAsciiHexDigit(text[i]))
            {
                return null;
            }
        }

        return text;
    }

    public static string? Ipv4(ReadOnlyMemory<byte> bytes) =>
        Line(bytes) is { } text && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork
            ? address.ToString()
            : null;

    public static ImmutableArray<string>? Ipv6s(ReadOnlyMemory<byte> bytes)
    {
        var found = new List<string>();
        foreach (var line in Lines(bytes))
        {
            if (!IPAddress.TryParse(line, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
            {
                return null;
            }

            found.Add(line);
        }

        return found.ToImmutable();
    }

    public static ImmutableArray<string>? Cidrs(ReadOnlyMemory<byte> bytes)
    {
        var lines = Lines(bytes);
        foreach (var line in lines)
        {
            if (!Cidr.Parse(line).IsValid)
            {
                return null;
            }
        }

        return [.. lines];
    }

    // An instance has one role; should there ever be more lines, the first is the instance profile's.
    public static string? RoleName(ReadOnlyMemory<byte> bytes)
    {
        var lines = Lines(bytes);
        return lines.Count > 0 && IsWord(lines[0]) ? lines[0] : null;
    }

    public static string? Token(ReadOnlyMemory<byte> bytes) => Line(bytes) is { } text && IsWord(text) ? text : null;

    private static bool IsWord(string text)
    {
        foreach (var c in text)
        {
            if (c is <= ' ' or > '~' or '<' or '>')
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    private static string? Line(ReadOnlyMemory<byte> bytes)
    {
        var lines = Lines(bytes);
        return lines.Count == 1 ? lines[0] : null;
    }

    private static List<string> Lines(ReadOnlyMemory<byte> bytes) =>
        [.. Encoding.UTF8.GetString(bytes.Span).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    private static string? Text(JsonDocument document, string name) =>
        document.RootElement.ValueKind == JsonValueKind.Object
        && document.RootElement.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
