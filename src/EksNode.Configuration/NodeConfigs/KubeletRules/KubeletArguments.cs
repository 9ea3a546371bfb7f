using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>One argument as the kubelet sees it.</summary>
/// <param name="Name">The flag with its dashes, also where it was written with underscores; empty for something that is no flag.</param>
/// <param name="Value">What stands after <c>=</c> or in the next word; null when there is none.</param>
/// <param name="Origin">The list item that it stands in.</param>
/// <param name="Path">The item's path.</param>
/// <param name="After">The argument that a stray word follows.</param>
public sealed record KubeletArgument(string Name, string? Value, Origin Origin, string Path, KubeletArgument? After = null)
{
    private static readonly string[] CredentialFlags = ["--manifest-url-header", "--storage-driver-password"];

    /// <summary>Whether its value is a credential. Half of the flags that speak of tokens hold none, so the known ones are listed.</summary>
    public bool IsCredential => CredentialFlags.Contains(Name)
        || Name.EndsWith("password", StringComparison.OrdinalIgnoreCase)
        || Name.EndsWith("token", StringComparison.OrdinalIgnoreCase)
        || After is { IsCredential: true };
}

/// <summary>A label that <c>--node-labels</c> gives the node.</summary>
/// <param name="key">Its key.</param>
/// <param name="value">Its value; empty where none is written.</param>
/// <param name="argument">The argument that it stands in.</param>
public sealed class NodeLabelPair(string key, string value, KubeletArgument argument)
{
    /// <summary>Its key.</summary>
    public string Key => key;

    /// <summary>Its value; empty where none is written.</summary>
    public string Value => value;

    /// <summary>The argument that it stands in.</summary>
    public KubeletArgument Argument => argument;

    /// <summary>As it is written.</summary>
    public string Text => Value.Length == 0 ? Key : $"{Key}={Value}";
}

/// <summary>
/// Splits list items into arguments. All items are joined by spaces into one environment variable that systemd splits at
/// spaces outside of quotes, so one item may hold several flags, and a flag's value may stand in the next item.
/// </summary>
public static class KubeletArguments
{
    /// <summary>Whether the kubelet adds up what a flag is given each time, as lists and maps, instead of taking the last value.</summary>
    /// <param name="name">The flag's name without dashes before it: <c>node-labels</c>.</param>
    public static bool AddsUp(string name) =>
        KubeletFlags.Find("--" + name) is { } flag && (flag.Type is "strings" || flag.Type.StartsWith("map", StringComparison.Ordinal));

    /// <summary>The labels of all <c>--node-labels</c>, in order: of two with one key the kubelet takes the later.</summary>
    /// <param name="arguments">The arguments.</param>
    public static IReadOnlyList<NodeLabelPair> NodeLabels(IReadOnlyList<KubeletArgument> arguments)
    {
        var labels = new List<NodeLabelPair>();
        foreach (var argument in arguments)
        {
            foreach (var pair in argument is { Name: "--node-labels", Value: { } pairs } ? pairs.Split(',') : [])
            {
                var equals = pair.IndexOf('=', StringComparison.Ordinal);
                labels.Add(new NodeLabelPair((equals < 0 ? pair : pair[..equals]).Trim(), equals < 0 ? "" : pair[(equals + 1)..].Trim(), argument));
            }
        }

        return labels;
    }

    /// <summary>The arguments, in order.</summary>
    /// <param name="flags">The list items.</param>
    /// <param name="path">The path of the list.</param>
    public static IReadOnlyList<KubeletArgument> Split(ImmutableArray<Sourced<string>> flags, string path)
    {
        var arguments = new List<KubeletArgument>();
        KubeletArgument? open = null;
        for (var i = 0; i < flags.Length; i++)
        {
            var itemPath = SettingPath.Item(path, i);
            foreach (var word in QuotedWords.Split(flags[i].Value))
            {
                if (open is not null && !word.StartsWith('-'))
                {
                    arguments[^1] = open with { Value = word };
                    open = null;
                    continue;
                }

                open = null;
                if (!word.StartsWith('-'))
                {
                    arguments.Add(new KubeletArgument("", word, flags[i].Origin, itemPath, arguments.Count > 0 ? arguments[^1] : null));
                    continue;
                }

                var equals = word.IndexOf('=', StringComparison.Ordinal);

                // The kubelet takes an underscore for a hyphen: --max_pods (component-base, WordSepNormalizeFunc).
                var name = (equals < 0 ? word : word[..equals]).Replace('_', '-');
                var argument = new KubeletArgument(name, equals < 0 ? null : word[(equals + 1)..], flags[i].Origin, itemPath);
                arguments.Add(argument);
                open = equals < 0 && KubeletFlags.Find(name) is not { IsSwitch: true } ? argument : null;
            }
        }

        return arguments;
    }
}
