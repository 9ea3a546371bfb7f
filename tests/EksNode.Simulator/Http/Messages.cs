using System.Collections.Immutable;
using System.Net;
using System.Text;

namespace EksNode.Simulation.Http;

/// <summary>A request, read whole.</summary>
public sealed record SimulatedRequest(string Method, string Target, ImmutableArray<KeyValuePair<string, string>> Headers, byte[] Body)
{
    public bool Proxied { get; init; }

    /// <summary>The path as it was sent, not decoded.</summary>
    public string RawPath { get; } = Target.Split('?', 2)[0];

    /// <summary>The query as it was sent, without <c>?</c>.</summary>
    public string RawQuery { get; } = Target.Contains('?', StringComparison.Ordinal) ? Target.Split('?', 2)[1] : "";

    public string Path { get; } = Uri.UnescapeDataString(Target.Split('?', 2)[0]);

    /// <summary>The value of a header, several joined by comma; null when it is not there.</summary>
    public string? Header(string name)
    {
        var values = Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToList();
        return values.Count == 0 ? null : string.Join(',', values);
    }

    /// <summary>The parameters of the query and, for a form, of the body.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters()
    {
        var isForm = Header("Content-Type")?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;
        return [.. Split(RawQuery), .. isForm ? Split(Encoding.UTF8.GetString(Body)) : []];
    }

    /// <summary>The first value of a parameter; null when it is not there.</summary>
    public string? Parameter(string name) => Parameters().Where(pair => pair.Key == name).Select(pair => pair.Value).FirstOrDefault();

    private static IEnumerable<KeyValuePair<string, string>> Split(string encoded) => encoded
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => KeyValuePair.Create(WebUtility.UrlDecode(pair[0]), pair.Length > 1 ? WebUtility.UrlDecode(pair[1]) : ""));
}

/// <summary>An answer.</summary>
public sealed record SimulatedResponse(int Status, string ContentType, byte[] Body)
{
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    public static SimulatedResponse Text(int status, string contentType, string body) =>
        new(status, contentType, Encoding.UTF8.GetBytes(body));

    public SimulatedResponse With(string header, string value) => this with { Headers = Headers.Add(KeyValuePair.Create(header, value)) };
}

/// <summary>One listening service: what a request is called, what answers it, and how this service says that it fails.</summary>
public interface ISimulatedService
{
    /// <summary>The name of the call, for faults and the log.</summary>
    string NameOf(SimulatedRequest request);

    /// <summary>The answer.</summary>
    SimulatedResponse Answer(SimulatedRequest request, string call, Faults.FaultStep? fault);

    /// <summary>An injected failure in the shape that this service gives it.</summary>
    SimulatedResponse Failure(SimulatedRequest request, string call, Faults.FaultStep fault);
}
