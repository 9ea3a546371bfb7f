using System.Text.Json;
using System.Text.Json.Nodes;
using EksNode.Simulation.Faults;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Kubernetes;

/// <summary>
/// What an API server does for a node, and no more: nodes, leases and certificate signing requests, authenticated by token, authorized as
/// the Node authorizer and NodeRestriction do. It stands in for a real one where there is none, and refuses what a real one would.
/// </summary>
internal sealed class KubernetesApi(Authenticator authenticator, ObjectStore store, string kubernetesVersion) : ISimulatedService
{
    public const string Nodes = "/api/v1/nodes";
    public const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    public const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    public string NameOf(SimulatedRequest request) => Collections.FirstOrDefault(pair => request.Path.StartsWith(pair.Path, StringComparison.Ordinal)) is { Name: { } name }
        ? $"kubernetes:{name}"
        : "kubernetes:" + request.Path.TrimStart('/');

    public SimulatedResponse Answer(SimulatedRequest request, string call, FaultStep? fault)
    {
        switch (request.Path)
        {
            case "/readyz" or "/healthz":
                return SimulatedResponse.Text(200, "text/plain", "ok");
            case "/version":
                return Json(200, new JsonObject { ["gitVersion"] = $"v{kubernetesVersion}.0-simulated" });
            default:
                break;
        }

        if (authenticator.UserOf(request, out var reason) is not { } user)
        {
            return Status(401, "Unauthorized", reason);
        }

        var collection = Collections.FirstOrDefault(pair => request.Path == pair.Path || request.Path.StartsWith(pair.Path + "/", StringComparison.Ordinal)).Path;
        if (collection is null)
        {
            return Status(404, "NotFound", $"the server could not find the requested resource {request.Path}");
        }

        JsonObject? body = null;
        if (request.Method is not "GET")
        {
            try
            {
                body = JsonNode.Parse(request.Body) as JsonObject;
            }
            catch (JsonException)
            {
            }

            if (body is null)
            {
                return Status(400, "BadRequest", "the body is no JSON object");
            }
        }

        var rest = request.Path[collection.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var access = new Access(user, request.Method, collection, rest.ElementAtOrDefault(0) ?? body?["metadata"]?["name"]?.GetValue<string>(), rest.ElementAtOrDefault(1), body);
        return NodeAuthorization.Refusal(access) is { } refusal ? Status(403, "Forbidden", refusal) : Serve(access, rest, request);
    }

    public SimulatedResponse Failure(SimulatedRequest request, string call, FaultStep fault) =>
        Status(fault.Argument == 0 ? 429 : fault.Argument, "InternalError", "injected");

    private static readonly (string Path, string Name)[] Collections = [(Nodes, "nodes"), (Leases, "leases"), (Requests, "certificatesigningrequests")];

    private SimulatedResponse Serve(Access access, string[] rest, SimulatedRequest request)
    {
        var path = $"{access.Collection}/{access.Name}";
        switch (request.Method)
        {
            case "GET" when rest.Length == 0:
                return Json(200, new JsonObject { ["kind"] = "List", ["apiVersion"] = "v1", ["items"] = new JsonArray([.. store.List(access.Collection)]) });
            case "GET":
                return store.Get(path) is { } found ? Json(200, found) : Status(404, "NotFound", $"{path} not found");
            case "POST" when rest.Length == 0:
                return Create(access, path);
            case "PUT" when rest.Length > 0:
                return Replace(access, path);
            case "PATCH" when rest.Length > 0:
                if (request.Header("Content-Type") is not ("application/merge-patch+json" or "application/strategic-merge-patch+json"))
                {
                    return Status(415, "UnsupportedMediaType", "merge-patch or strategic-merge-patch is wanted");
                }

                return Answer(path, store.Update(path, null, current => OnlySubresource(access, current, Merge((JsonObject)current.DeepClone(), access.Body!))));
            default:
                return Status(405, "MethodNotAllowed", $"{request.Method} is not allowed here");
        }
    }

    private SimulatedResponse Create(Access access, string path)
    {
        var value = (JsonObject)access.Body!.DeepClone();
        if (value["metadata"] is not JsonObject metadata)
        {
            return Status(422, "Invalid", "metadata is missing");
        }

        if (access.Collection == Requests)
        {
            // The API server itself says who asked, whatever the request says.
            value["spec"]!["username"] = access.User;
            value["status"] = new JsonObject();
            if (string.IsNullOrEmpty(access.Name))
            {
                metadata["name"] = (metadata["generateName"]?.GetValue<string>() ?? "csr-") + Guid.NewGuid().ToString("N")[..5];
                path = $"{access.Collection}/{metadata["name"]!.GetValue<string>()}";
            }
        }

        return store.Create(path, value) is { } created ? Json(201, created) : Status(409, "AlreadyExists", $"{path} already exists");
    }

    private SimulatedResponse Replace(Access access, string path) => store.Get(path) is null
        ? Status(404, "NotFound", $"{path} not found")
        : Answer(path, store.Update(path, ObjectStore.VersionOf(access.Body!), current => OnlySubresource(access, current, (JsonObject)access.Body!.DeepClone())));

    /// <summary>A write of a subresource changes it alone, and one of the object leaves the status.</summary>
    private static JsonObject OnlySubresource(Access access, JsonObject current, JsonObject wanted)
    {
        var (result, from) = access.Subresource is null ? (wanted, current) : (current, wanted);
        if (from["status"] is { } status)
        {
            result["status"] = status.DeepClone();
        }

        return result;
    }

    private static SimulatedResponse Answer(string path, JsonObject? written) =>
        written is null ? Status(409, "Conflict", $"{path} is missing or has been modified") : Json(200, written);

    private static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            target[name] = value is JsonObject inner && target[name] is JsonObject existing
                ? Merge((JsonObject)existing.DeepClone(), inner)
                : value?.DeepClone();
        }

        return target;
    }

    private static SimulatedResponse Json(int status, JsonObject body) => SimulatedResponse.Text(status, "application/json", body.ToJsonString());

    private static SimulatedResponse Status(int code, string reason, string message) => Json(code, new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    });
}
