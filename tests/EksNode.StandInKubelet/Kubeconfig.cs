using System.Text.Json.Nodes;

namespace EksNode.StandInKubelet;

/// <summary>A program that gives the credential, from the kubeconfig.</summary>
internal sealed record ExecPlugin(string ApiVersion, string Command, IReadOnlyList<string> Arguments, IReadOnlyList<KeyValuePair<string, string>> Environment);

/// <summary>Where the API server is, whom to trust, and how to get a credential. A key that a kubeconfig does not have is an error.</summary>
internal sealed record Kubeconfig(Uri Server, string AuthorityFile, ExecPlugin Plugin)
{
    /// <exception cref="KubeletException">It cannot be used.</exception>
    public static Kubeconfig Read(string path)
    {
        var document = Map(Yaml.Read(File.ReadAllText(path)), path, "apiVersion", "kind", "clusters", "users", "contexts", "current-context", "preferences");
        if (Text(document, "apiVersion") != "v1" || Text(document, "kind") != "Config")
        {
            throw new KubeletException($"{path} is no Config of v1");
        }

        var context = Named(document, "contexts", "context", Text(document, "current-context"), "cluster", "user", "namespace");
        var cluster = Named(document, "clusters", "cluster", Text(context, "cluster"), "server", "certificate-authority", "tls-server-name");
        var user = Named(document, "users", "user", Text(context, "user"), "exec");
        var exec = Map(user["exec"], "exec", "apiVersion", "command", "args", "env", "interactiveMode", "provideClusterInfo");
        if (Text(exec, "apiVersion") is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1") and var version)
        {
            throw new KubeletException($"exec plugin: invalid apiVersion \"{version}\"");
        }

        if (Text(exec, "apiVersion").EndsWith("/v1", StringComparison.Ordinal) && exec["interactiveMode"] is null)
        {
            throw new KubeletException("exec plugin: interactiveMode must be specified for v1");
        }

        var environment = (exec["env"] as JsonArray ?? []).Select(item => Map(item, "env", "name", "value"))
            .Select(item => KeyValuePair.Create(Text(item, "name"), Text(item, "value"))).ToList();
        var arguments = (exec["args"] as JsonArray ?? []).Select(item => item!.GetValue<string>()).ToList();
        return new Kubeconfig(
            new Uri(Text(cluster, "server")), Text(cluster, "certificate-authority"),
            new ExecPlugin(Text(exec, "apiVersion"), Text(exec, "command"), arguments, environment));
    }

    private static JsonObject Named(JsonObject document, string list, string key, string name, params string[] keys)
    {
        var item = (document[list] as JsonArray ?? []).Select(entry => Map(entry, list, "name", key)).FirstOrDefault(entry => Text(entry, "name") == name)
            ?? throw new KubeletException($"kubeconfig: {key} \"{name}\" is not there");
        return Map(item[key], $"{key} {name}", keys);
    }

    private static JsonObject Map(JsonNode? node, string what, params string[] keys)
    {
        var map = node as JsonObject ?? throw new KubeletException($"{what} is no map");
        return map.FirstOrDefault(pair => !keys.Contains(pair.Key)).Key is { } unknown
            ? throw new KubeletException($"{what}: strict decoding error: unknown field \"{unknown}\"")
            : map;
    }

    private static string Text(JsonObject map, string key) => map[key]?.GetValue<string>() ?? throw new KubeletException($"kubeconfig: {key} is missing");
}
