using System.Text.Json;
using System.Text.Json.Nodes;
using EksNode.Simulation.Faults;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Kubernetes;

/// <summary>The token webhook of an API server (authentication.k8s.io/v1 TokenReview), as EKS has one.</summary>
internal sealed class TokenReviewService(TokenVerifier verifier) : ISimulatedService
{
    public string NameOf(SimulatedRequest request) => "webhook:TokenReview";

    public SimulatedResponse Answer(SimulatedRequest request, string call, FaultStep? fault)
    {
        var review = Read(request.Body);
        if (request.Method != "POST" || review?["spec"]?["token"]?.GetValue<string>() is not { } token)
        {
            return SimulatedResponse.Text(400, "text/plain", "This is no TokenReview.");
        }

        var verdict = verifier.Verify(token);
        JsonNode status = verdict.Identity is { } identity
            ? new JsonObject
            {
                ["authenticated"] = true,
                ["user"] = new JsonObject
                {
                    ["username"] = identity.User,
                    ["groups"] = new JsonArray([.. identity.Groups.Select(group => JsonValue.Create(group))]),
                    ["extra"] = new JsonObject { ["arn"] = new JsonArray(identity.Arn) },
                },
            }
            : new JsonObject { ["authenticated"] = false, ["error"] = verdict.Reason };
        return SimulatedResponse.Text(200, "application/json", new JsonObject
        {
            ["apiVersion"] = review["apiVersion"]?.GetValue<string>(),
            ["kind"] = "TokenReview",
            ["status"] = status,
        }.ToJsonString());
    }

    public SimulatedResponse Failure(SimulatedRequest request, string call, FaultStep fault) =>
        SimulatedResponse.Text(fault.Argument == 0 ? 503 : fault.Argument, "text/plain", "injected");

    private static JsonNode? Read(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
