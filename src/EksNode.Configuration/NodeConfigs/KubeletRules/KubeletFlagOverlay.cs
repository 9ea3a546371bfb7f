using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>
/// The fields that flags override, as a document: the kubelet checks flags and document together (<c>ValidateKubeletConfiguration</c>), so the rules of
/// fields are those of flags.
/// </summary>
/// <param name="minor">The minor whose fields count.</param>
internal sealed class KubeletFlagOverlay(int minor)
{
    private readonly List<(KubeletLeaf Leaf, KubeletArgument Argument)> flags = [];
    private TreeMap? document;
    private ImmutableArray<KubeletLeaf> leaves;

    /// <summary>Adds a flag whose value its parser takes.</summary>
    public void Add(KubeletArgument argument)
    {
        // A credential is in no field with a rule, and must be in no message.
        if (argument.IsCredential)
        {
            return;
        }

        leaves = leaves.IsDefault ? KubeletDefaults.Of(minor) : leaves;
        var name = argument.Name.AsSpan().TrimStart('-');
        foreach (var leaf in leaves)
        {
            if (leaf.Flag.Length > 0 && name.SequenceEqual(leaf.Flag))
            {
                var value = KubeletFlagTexts.Read(leaf, argument.Value ?? "true", argument.Origin);
                for (var i = leaf.Keys.Length - 1; i >= 0; i--)
                {
                    value = new TreeMap([new TreeEntry(leaf.Keys[i], argument.Origin, value)], argument.Origin);
                }

                document = TreeMerge.MergeOptional(document, (TreeMap)value);
                flags.Add((leaf, argument));
            }
        }
    }

    /// <summary>Checks the document, and reports at the flags.</summary>
    /// <param name="kubelet">The kubelet's version.</param>
    /// <param name="predicting">Whether what the kubelet would refuse is a warning.</param>
    /// <param name="below">The document that the flags lie over; null when it is not known.</param>
    /// <param name="diagnostics">Where to report.</param>
    public void Check(SemanticVersion? kubelet, bool predicting, TreeMap? below, DiagnosticBag diagnostics)
    {
        if (document is null)
        {
            return;
        }

        var found = new DiagnosticBag();
        KubeletConfigRules.Check(document, kubelet, found, predicting, below, path: "");
        foreach (var item in found.Items)
        {
            for (var i = flags.Count - 1; i >= 0; i--)
            {
                var (leaf, argument) = flags[i];
                if (item.Path is { } path && path.StartsWith(leaf.Path, StringComparison.Ordinal) && (path.Length == leaf.Path.Length || path[leaf.Path.Length] is '.' or '['))
                {
                    // Names and values of gates were checked with the flag.
                    if (leaf.Path != "featureGates" || item.Code == DiagnosticCatalogue.KubeletFieldNeedsGate.Code || item.Code == DiagnosticCatalogue.KubeletFieldConflict.Code)
                    {
                        var message = item.Message.Replace($"`{leaf.Path}`", $"`{argument.Name}`", StringComparison.Ordinal);
                        diagnostics.Add(item with
                        {
                            Message = message.Contains(argument.Name, StringComparison.Ordinal) ? message : $"`{argument.Name}`: {message}",
                            Path = argument.Path,
                        });
                    }

                    break;
                }
            }
        }
    }
}
