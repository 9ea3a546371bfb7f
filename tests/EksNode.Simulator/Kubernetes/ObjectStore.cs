using System.Globalization;
using System.Text.Json.Nodes;

namespace EksNode.Simulation.Kubernetes;

/// <summary>Objects by path, with what an API server adds to them: uid, creation time and a resource version that conflicts.</summary>
internal sealed class ObjectStore(TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, JsonObject> objects = new(StringComparer.Ordinal);
    private long version;

    public JsonObject? Get(string path)
    {
        lock (gate)
        {
            return (JsonObject?)objects.GetValueOrDefault(path)?.DeepClone();
        }
    }

    public IReadOnlyList<JsonObject> List(string collection)
    {
        lock (gate)
        {
            return [.. objects.Where(pair => pair.Key.StartsWith(collection + "/", StringComparison.Ordinal)).Select(pair => (JsonObject)pair.Value.DeepClone())];
        }
    }

    /// <summary>Adds an object; null when there is one of this name.</summary>
    public JsonObject? Create(string path, JsonObject value)
    {
        lock (gate)
        {
            if (objects.ContainsKey(path))
            {
                return null;
            }

            var metadata = value["metadata"]!;
            metadata["uid"] = Guid.NewGuid().ToString();
            metadata["creationTimestamp"] = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            return Store(path, value);
        }
    }

    /// <summary>Changes an object that is there; null when there is none, or when its version is no longer the one that the change is for.</summary>
    public JsonObject? Update(string path, string? expectedVersion, Func<JsonObject, JsonObject> change)
    {
        lock (gate)
        {
            if (!objects.TryGetValue(path, out var current) || (expectedVersion is not null && expectedVersion != VersionOf(current)))
            {
                return null;
            }

            return Store(path, change((JsonObject)current.DeepClone()));
        }
    }

    public static string? VersionOf(JsonObject value) => value["metadata"]?["resourceVersion"]?.GetValue<string>();

    private JsonObject Store(string path, JsonObject value)
    {
        value["metadata"]!["resourceVersion"] = (++version).ToString(CultureInfo.InvariantCulture);
        objects[path] = value;
        return (JsonObject)value.DeepClone();
    }
}
