using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Sources;

/// <summary>Reads what a document says that it is: <c>apiVersion</c> and <c>kind</c>.</summary>
internal static class TypeMeta
{
    private static readonly string[] CloudConfigKeys =
        ["bootcmd", "chpasswd", "fs_setup", "mounts", "ntp", "packages", "package_update", "power_state", "runcmd", "swap", "users", "write_files"];

    /// <summary>The document with its type, or null after an error.</summary>
    public static SourceDocument? Read(TreeNode root, DiagnosticBag diagnostics)
    {
        if (root is not TreeMap map)
        {
            diagnostics.Report(
                DiagnosticCatalogue.NotADocument,
                $"A configuration is a map with `apiVersion`, `kind` and `spec`, but this is {root.Describe()}.",
                NotAMapHelp(root),
                root.Origin);
            return null;
        }

        var isImage = map["kind"] is TreeScalar { Text: ApiGroups.ImageConfig };
        var apiVersion = Text(map, "apiVersion", $"`apiVersion: {(isImage ? ApiGroups.EksNodeV1Alpha1 : ApiGroups.NodeEksV1Alpha1)}`", diagnostics);
        var kind = Text(map, "kind", $"`kind: {ApiGroups.NodeConfig}`", diagnostics);
        return apiVersion is null || kind is null ? null : new SourceDocument(map, apiVersion, kind, map.Origin);
    }

    private static string? Text(TreeMap map, string key, string example, DiagnosticBag diagnostics)
    {
        var node = map[key];
        if (node is TreeScalar { Kind: ScalarKind.String, Text.Length: > 0 } scalar)
        {
            return scalar.Text;
        }

        if (node is not null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.MissingTypeMeta,
                node is TreeScalar { Kind: ScalarKind.String }
                    ? $"`{key}` is empty."
                    : $"`{key}` must be a string, but is {node.Describe()}.",
                $"Write {example}.",
                node.Origin,
                key);
            return null;
        }

        // A near miss only: "spec" is no misspelt "kind".
        var near = map.Entries.Select(e => e.Key).FirstOrDefault(k => k is not ("spec" or "metadata") && Suggestions.Nearest(k, [key]) is not null);
        diagnostics.Report(
            DiagnosticCatalogue.MissingTypeMeta,
            $"The document has no `{key}`.",
            near is not null ? $"Did you mean `{key}` instead of `{near}`?"
                : map.Entries.Any(e => CloudConfigKeys.Contains(e.Key)) ? "If this is for cloud-init, begin it with the line `#cloud-config`."
                : $"Begin the document with {example}.",
            near is not null ? map.Find(near)!.KeyOrigin : map.Origin,
            key);
        return null;
    }

    private static string NotAMapHelp(TreeNode root)
    {
        if (root is TreeScalar scalar)
        {
            var text = string.Concat(scalar.Text.Where(c => !char.IsWhiteSpace(c)));
            if (text.Length >= 40 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '='))
            {
                return "It looks like base64 that is cut off or encoded twice: encode the whole text once.";
            }

            return scalar.Text.StartsWith("//", StringComparison.Ordinal) || scalar.Text.StartsWith("/*", StringComparison.Ordinal)
                ? "JSON has no comments: leave them out, or write YAML and `#`."
                : root.Origin.Part > 0 ? "If this is a script for cloud-init, give its part the header `Content-Type: text/x-shellscript`."
                : "If this is a script for cloud-init, begin it with `#!/bin/bash`.";
        }

        return "Write each configuration as a document of its own, with `---` between them.";
    }
}
