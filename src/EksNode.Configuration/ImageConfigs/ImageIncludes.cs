using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.ImageConfigs;

/// <summary>
/// <c>include:</c> of an ImageConfig: documents that are laid below it, in order, each with what it includes itself. Maps merge deep; lists, texts and
/// numbers are replaced; null takes away.
/// </summary>
public static class ImageIncludes
{
    /// <summary>The key of the list.</summary>
    public const string Key = "include";

    /// <summary>How deep documents may include each other.</summary>
    public const int Deepest = 8;

    /// <summary>The names that a document includes, as they are written; relative ones are relative to it.</summary>
    public static ImmutableArray<Sourced<string>> Of(TreeMap document, DiagnosticBag diagnostics)
    {
        var names = new List<Sourced<string>>();
        switch (document[Key])
        {
            case null or TreeScalar { Kind: ScalarKind.Null }:
                break;
            case TreeList list:
                for (var i = 0; i < list.Items.Length; i++)
                {
                    if (list.Items[i] is TreeScalar { Kind: ScalarKind.String, Text.Length: > 0 } name)
                    {
                        names.Add(new Sourced<string>(name.Text, name.Origin));
                    }
                    else
                    {
                        SettingTypes.ReportNotText(list.Items[i], SettingPath.Item(Key, i), secret: false, diagnostics);
                    }
                }

                break;
            case var other:
                SettingTypes.ReportWrong(other, Key, "a list", "Write each file on a line of its own: `- base.yaml`.", diagnostics);
                break;
        }

        return names.ToImmutable();
    }

    /// <summary>A document laid over those that it includes.</summary>
    /// <param name="included">The included documents, lowest first.</param>
    /// <param name="document">The document itself.</param>
    public static TreeMap Merge(IEnumerable<TreeMap> included, TreeMap document)
    {
        TreeMap? merged = null;
        foreach (var lower in included)
        {
            merged = TreeMerge.MergeOptional(merged, lower);
        }

        return merged is null ? document : TreeMerge.Merge(merged, document);
    }
}
