using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Containerd;

/// <summary>The reasons of a file that was written from a tree: one for each value in it.</summary>
internal static class TreeReasons
{
    private static readonly Redactor Forms = new();

    /// <summary>The reasons, in the order of the tree.</summary>
    /// <param name="prefix">What a setting's name begins with: <c>containerd</c>.</param>
    /// <param name="tree">The tree.</param>
    public static ImmutableArray<Reason> Of(string prefix, TreeMap tree) =>
    [
        .. TreeLeaves.Of(tree).Select(leaf => new Reason(
            $"{prefix}.{TomlPath.Format(leaf.Path)}",
            HoldsSecret(leaf.Path) ? Secret.Redacted : Forms.Redact(Reasons.Text(leaf.Value)),
            leaf.Value.Origin)
        { Parts = HoldsSecret(leaf.Path) ? [] : Reasons.PartsOf(leaf.Value, leaf.Path[^1]) }),
    ];

    // Below a registry stand passwords, tokens and headers under names that a user chose.
    private static bool HoldsSecret(ImmutableArray<string> path)
    {
        if (Redactor.IsSecretName(path[^1]))
        {
            return true;
        }

        for (var i = 1; i < path.Length; i++)
        {
            if (path[i - 1] == "registry" && path[i] is "auths" or "configs" or "headers")
            {
                return true;
            }
        }

        return false;
    }
}
