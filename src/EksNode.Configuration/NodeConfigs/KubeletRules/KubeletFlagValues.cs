using System.Globalization;
using System.Net;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Checks the value of a flag by its type: what the kubelet's flag parser would refuse.</summary>
internal static class KubeletFlagValues
{
    // Go's strconv.ParseBool.
    private static readonly string[] Booleans = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];

    public static void Check(KubeletFlag flag, KubeletArgument argument, KubeletRun run)
    {
        if (argument.Value is not { } value)
        {
            if (!flag.IsSwitch && flag.Type != "RuntimeDefault")
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFlagNeedsValue,
                    $"The flag `{flag.Name}` has no value: the kubelet refuses it.",
                    $"Write `{flag.Name}=…`.",
                    argument.Origin,
                    argument.Path);
            }

            return;
        }

        switch (flag.Type)
        {
            case "bool":
                Expect(Array.Exists(Booleans, b => b == value), flag, argument, "`true` or `false`", run);
                break;
            case "int32":
                Expect(int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _), flag, argument, "a whole number", run);
                break;
            case "int" or "Level":
                Expect(long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _), flag, argument, "a whole number", run);
                break;
            case "duration":
                Problem(DiagnosticCatalogue.BadDuration, GoDuration.Parse(value).Problem, argument, run);
                break;
            case "quantity":
                Problem(DiagnosticCatalogue.BadQuantity, Quantity.Parse(value).Problem, argument, run);
                break;
            case "ip":
                Expect(IPAddress.TryParse(value, out _), flag, argument, "an IP address", run);
                break;
            case "mapStringBool" when flag.Name == "--feature-gates":
                Gates(value, argument, run);
                break;
            case "mapStringString":
                Pairs(flag, value, argument, run);
                break;
            case "[]v1.Taint":
                foreach (var taint in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
                {
                    Problem(DiagnosticCatalogue.BadTaint, Taint.Parse(taint).Problem, argument, run);
                }

                break;
            default:
                Text(flag, value, argument, run);
                break;
        }
    }

    private static void Text(KubeletFlag flag, string value, KubeletArgument argument, KubeletRun run)
    {
        switch (flag.Name)
        {
            case "--node-ip":
                foreach (var address in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
                {
                    Problem(DiagnosticCatalogue.BadIpAddress, IpLiteral.Parse(address.Trim()).Problem, argument, run);
                }

                break;
            case "--cloud-provider":
                // Providers inside of Kubernetes are gone: cmd/kubelet, "built-in cloud providers are disabled".
                Expect(value is "" or "external", flag, argument, "`external`, or leave the flag out: eksnode sets it", run);
                break;
            case "--hostname-override":
                Expect(value.Length == 0 || DomainName.IsLowerCaseSubdomain(value), flag, argument, "a DNS name in lower case", run);
                break;
        }
    }

    private static void Pairs(KubeletFlag flag, string value, KubeletArgument argument, KubeletRun run)
    {
        foreach (var pair in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (flag.Name == "--node-labels")
            {
                NodeLabel(pair.Trim(), argument, run);
            }
            else if (!pair.Contains('=', StringComparison.Ordinal) && !pair.Contains('<', StringComparison.Ordinal))
            {
                Expect(false, flag, argument, "`key=value` pairs, separated by commas", run);
            }
        }
    }

    private static void NodeLabel(string pair, KubeletArgument argument, KubeletRun run)
    {
        if (!Label.Parse(pair).TryGet(out var label, out var problem))
        {
            Problem(DiagnosticCatalogue.BadLabel, problem, argument, run);
        }
        else if (!NodeLabels.MayBeSet(label))
        {
            run.Report(
                DiagnosticCatalogue.RestrictedNodeLabel,
                $"A kubelet may not set the label {Quoted.Text(label.Key)} for its own node: it refuses to start.",
                label.Prefix == "node-role.kubernetes.io" || label.Prefix.EndsWith("node-restriction.kubernetes.io", StringComparison.Ordinal)
                    ? "Set it through the API after the node joined (`kubectl label node`), or use a prefix of your own."
                    : "Use a prefix of your own, or `node.kubernetes.io/`.",
                argument.Origin,
                argument.Path);
        }
    }

    private static void Gates(string value, KubeletArgument argument, KubeletRun run)
    {
        foreach (var pair in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? pair : pair[..equals]).Trim();
            var text = equals < 0 ? "" : pair[(equals + 1)..].Trim();
            if (!Array.Exists(Booleans, b => b == text))
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFlagValue,
                    $"`--feature-gates` has {Quoted.Text(pair)}: the kubelet refuses it.",
                    $"Write `{name}=true` or `{name}=false`.",
                    argument.Origin,
                    argument.Path);
            }

            KubeletGates.Check(name, text is "1" or "t" or "T" or "TRUE" or "true" or "True", run, argument.Origin, argument.Path);
        }
    }

    private static void Problem(DiagnosticDescriptor descriptor, ValueProblem? problem, KubeletArgument argument, KubeletRun run)
    {
        if (problem is not null)
        {
            run.Report(descriptor, problem, argument.Origin, argument.Path);
        }
    }

    private static void Expect(bool good, KubeletFlag flag, KubeletArgument argument, string expected, KubeletRun run)
    {
        if (!good)
        {
            run.Report(
                DiagnosticCatalogue.KubeletFlagValue,
                $"The flag `{flag.Name}` has the value {Quoted.Text(argument.Value ?? "")}: the kubelet refuses it.",
                $"Write {expected}.",
                argument.Origin,
                argument.Path);
        }
    }
}
