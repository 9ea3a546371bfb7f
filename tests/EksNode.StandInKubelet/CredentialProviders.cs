using System.Text.Json;
using System.Text.Json.Nodes;

namespace EksNode.StandInKubelet;

/// <summary>The configuration of image credential providers: strict, and every provider's program must be there.</summary>
internal static class CredentialProviders
{
    private static readonly string[] TopKeys = ["apiVersion", "kind", "providers"];
    private static readonly string[] Keys = ["name", "matchImages", "defaultCacheDuration", "apiVersion", "args", "env", "tokenAttributes"];

    /// <exception cref="KubeletException">A kubelet would not start with it.</exception>
    public static void Check(CommandLine command)
    {
        if (command.Optional("--image-credential-provider-config") is not { } path)
        {
            return;
        }

        var folder = command.Required("--image-credential-provider-bin-dir");
        JsonNode? document;
        try
        {
            document = JsonNode.Parse(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new KubeletException($"credential provider config {path}: {exception.Message}");
        }

        if (document is not JsonObject map || map["kind"]?.GetValue<string>() != "CredentialProviderConfig"
            || map["apiVersion"]?.GetValue<string>() is not ("kubelet.config.k8s.io/v1" or "kubelet.config.k8s.io/v1beta1"))
        {
            throw new KubeletException($"{path} is no CredentialProviderConfig");
        }

        Unknown(path, map, TopKeys);
        var providers = map["providers"] as JsonArray;
        if (providers is not { Count: > 0 })
        {
            throw new KubeletException($"{path}: at least 1 item in providers is required");
        }

        foreach (var provider in providers.OfType<JsonObject>())
        {
            Unknown(path, provider, Keys);
            var name = provider["name"]?.GetValue<string>() ?? throw new KubeletException($"{path}: a provider has no name");
            if (provider["matchImages"] is not JsonArray { Count: > 0 } || !Values.FitsField("duration", provider["defaultCacheDuration"]) || provider["defaultCacheDuration"] is null)
            {
                throw new KubeletException($"{path}: {name} needs matchImages and defaultCacheDuration");
            }

            if (provider["apiVersion"]?.GetValue<string>() is not ("credentialprovider.kubelet.k8s.io/v1" or "credentialprovider.kubelet.k8s.io/v1beta1"))
            {
                throw new KubeletException($"{path}: {name} has an unsupported apiVersion");
            }

            var program = new FileInfo(Path.Combine(folder, name));
            if (!program.Exists || (File.GetUnixFileMode(program.FullName) & UnixFileMode.UserExecute) == 0)
            {
                throw new KubeletException($"plugin binary executable {program.FullName} did not exist");
            }
        }
    }

    private static void Unknown(string path, JsonObject map, string[] keys)
    {
        if (map.FirstOrDefault(pair => !keys.Contains(pair.Key)).Key is { } unknown)
        {
            throw new KubeletException($"{path}: strict decoding error: unknown field \"{unknown}\"");
        }
    }
}
