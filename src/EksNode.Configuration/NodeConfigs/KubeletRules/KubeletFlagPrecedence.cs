using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>
/// Finds settings that a flag overrides: a field of the kubelet's configuration, and the same flag before it. Only those with one value:
/// the kubelet gathers what several flags say of a list or a map, and lays <c>--feature-gates</c> over the field of the same name.
/// </summary>
internal static class KubeletFlagPrecedence
{
    // The flags that have one value. What else there is gathers.
    private static readonly string[] SingleTypes = ["bool", "duration", "int", "int32", "ip", "quantity", "string", "Level"];

    /// <param name="arguments">The arguments, in order.</param>
    /// <param name="config"><c>spec.kubelet.config</c>; null when there is none.</param>
    /// <param name="run">The kubelet.</param>
    public static void Check(IReadOnlyList<KubeletArgument> arguments, TreeMap? config, KubeletRun run)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            if (KubeletFlags.Find(arguments[i].Name) is { } flag && !IsRepeated(arguments, i + 1, flag.Name))
            {
                if (Array.IndexOf(SingleTypes, flag.Type) >= 0)
                {
                    OverFlags(flag, arguments, i, run);
                }

                if (config is not null && flag.Name != "--feature-gates")
                {
                    OverField(flag, arguments[i], config, run);
                }
            }
        }
    }

    private static bool IsRepeated(IReadOnlyList<KubeletArgument> arguments, int from, string name)
    {
        for (var i = from; i < arguments.Count; i++)
        {
            if (arguments[i].Name == name)
            {
                return true;
            }
        }

        return false;
    }

    private static void OverFlags(KubeletFlag flag, IReadOnlyList<KubeletArgument> arguments, int last, KubeletRun run)
    {
        var winner = arguments[last];
        for (var i = 0; i < last; i++)
        {
            if (arguments[i].Name == flag.Name && ValueOf(flag, arguments[i]) != ValueOf(flag, winner))
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFlagWins,
                    $"{Shown(winner)} ({winner.Origin}) wins over {Shown(arguments[i])}: the kubelet takes the last one.",
                    "Leave one of them out.",
                    arguments[i].Origin,
                    arguments[i].Path);
            }
        }
    }

    private static void OverField(KubeletFlag flag, KubeletArgument argument, TreeMap config, KubeletRun run)
    {
        foreach (var leaf in KubeletDefaults.Of(run.Minor ?? DataTable.LastMinor))
        {
            if (leaf.Flag.Length != flag.Name.Length - 2 || !flag.Name.EndsWith(leaf.Flag, StringComparison.Ordinal))
            {
                continue;
            }

            TreeNode? node = config;
            foreach (var key in leaf.Keys)
            {
                node = (node as TreeMap)?[key];
            }

            var scalar = node as TreeScalar;
            if (node is null || scalar is { Kind: ScalarKind.Null } || (scalar is not null && scalar.Text == ValueOf(flag, argument)))
            {
                continue;
            }

            var path = "spec.kubelet.config." + leaf.Path;
            run.Report(
                DiagnosticCatalogue.KubeletFlagWins,
                $"{Shown(argument)} wins over {Quoted.Text(scalar is null || argument.IsCredential ? path : $"{path}: {scalar.Text}")} ({node.Origin}).",
                "Leave one of them out.",
                argument.Origin,
                argument.Path);
        }
    }

    private static string? ValueOf(KubeletFlag flag, KubeletArgument argument) => argument.Value ?? (flag.IsSwitch ? "true" : null);

    private static string Shown(KubeletArgument argument) =>
        Quoted.Text(argument.Value is null ? argument.Name : argument.IsCredential ? argument.Name + "=…" : $"{argument.Name}={argument.Value}");
}
