using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Checks the value of a flag by its type: what the kubelet's flag parser would refuse.</summary>
internal static class KubeletFlagValues
{
    // Go's strconv.ParseBool.
    private static readonly string[] Booleans = ["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];

    // Of a field an empty word, or zero, is the default; of a flag it is the value, and these refuse it.
    private static readonly string[] NeverEmpty = ["--hairpin-mode", "--topology-manager-policy", "--topology-manager-scope", "--authorization-mode", "--logging-format"];
    private static readonly string[] NeverZero = ["--port", "--log-flush-frequency"];

    /// <summary>Whether the flag's parser takes the value; if not, it was reported.</summary>
    public static bool Check(KubeletFlag flag, KubeletArgument argument, KubeletRun run)
    {
        if (argument.Value is not { } value)
        {
            if (!flag.IsSwitch)
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFlagNeedsValue,
                    $"The flag `{flag.Name}` has no value: the kubelet refuses it.",
                    $"Write `{flag.Name}=…`.",
                    argument.Origin,
                    argument.Path);
            }

            return flag.IsSwitch;
        }

        var isNever = (value.Length == 0 && Array.IndexOf(NeverEmpty, flag.Name) >= 0)
            || (Array.IndexOf(NeverZero, flag.Name) >= 0
                && (KubeletFlagTexts.Integer(value, 0, 0) == 0 || (GoDuration.Parse(value).TryGet(out var duration, out _) && duration.Nanoseconds <= 0)));
        if (isNever)
        {
            return Expect(false, flag, argument, value.Length == 0 ? "a value, or leave the flag out" : "more than 0", run);
        }

        switch (flag.Type)
        {
            case "bool" or "RuntimeDefault":
                return Expect(Array.Exists(Booleans, b => b == value), flag, argument, "`true` or `false`", run);
            case "int32":
                return Expect(KubeletFlagTexts.Integer(value, int.MinValue, int.MaxValue) is not null, flag, argument, "a whole number", run);
            case "int":
                return Expect(KubeletFlagTexts.Integer(value, long.MinValue, long.MaxValue) is not null, flag, argument, "a whole number", run);
            case "Level":
                return Expect(IsLevel(value), flag, argument, "a whole number", run);
            case "duration":
                return Problem(DiagnosticCatalogue.BadDuration, GoDuration.Parse(value).Problem, argument, run);
            case "quantity":
                return Problem(DiagnosticCatalogue.BadQuantity, Quantity.Parse(value).Problem, argument, run);
            case "ip":
                return Expect(value.Length == 0 || IsAddress(value), flag, argument, "an IP address", run);
            case "mapStringBool" when flag.Name == "--feature-gates":
                return Gates(value, argument, run);
            case "mapStringString":
                return Pairs(flag, value, argument, run);
            case "colonSeparatedMultimapStringString":
                return Expect(AreAll(value, ',', pair => pair.Contains(':', StringComparison.Ordinal)), flag, argument, "`name:value` pairs, separated by commas", run);
            case "pattern=N,...":
                return Expect(AreAll(value, ',', IsModule), flag, argument, "`pattern=N` pairs, separated by commas", run);
            case "reserved-memory":
                return Expect(AreAll(value, ';', IsNodeMemory), flag, argument, "an amount for each NUMA node, such as `0:memory=1Gi;1:memory=2Gi`", run);
            case "[]v1.Taint":
                return Taints(flag, value, argument, run);
            default:
                return Text(flag, value, argument, run);
        }
    }

    private static bool AreAll(string text, char separator, Func<string, bool> isGood)
    {
        foreach (var part in text.Split(separator, StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isGood(part))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsLevel(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsModule(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && IsLevel(text[(equals + 1)..]);
    }

    // 0:memory=1Gi,hugepages-1Gi=2Gi (k8s.io/kubernetes/cmd/kubelet/app/options, ReservedMemoryVar).
    private static bool IsNodeMemory(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            && int.TryParse(text[..colon], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            && AreAll(text[(colon + 1)..], ',', limit =>
            {
                var equals = limit.IndexOf('=', StringComparison.Ordinal);
                return equals > 0
                    && (limit[..equals] == "memory" || limit.StartsWith("hugepages-", StringComparison.Ordinal))
                    && Quantity.Parse(limit[(equals + 1)..]).Problem is null;
            });
    }

    // Go's netutils.ParseIPSloppy: a number of IPv4 may begin with zeros.
    private static bool IsAddress(string text)
    {
        var parts = text.Split('.');
        for (var i = 0; i < parts.Length && !text.Contains(':', StringComparison.Ordinal); i++)
        {
            var digits = parts[i].TrimStart('0');
            parts[i] = digits.Length == 0 && parts[i].Length > 0 ? "0" : digits;
        }

        return IpLiteral.Parse(string.Join('.', parts)).Problem is null;
    }

    private static bool Taints(KubeletFlag flag, string value, KubeletArgument argument, KubeletRun run)
    {
        var good = true;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            // A hyphen at the end takes a taint away, as in `kubectl taint`.
            if (text.EndsWith('-'))
            {
                continue;
            }

            if (!Taint.Parse(text).TryGet(out var taint, out var problem))
            {
                good = Problem(DiagnosticCatalogue.BadTaint, problem, argument, run);
            }
            else if (!seen.Add($"{taint.Key}:{taint.Effect}"))
            {
                good = Expect(false, flag, argument, "each key and effect once", run);
            }
        }

        return good;
    }

    private static bool Text(KubeletFlag flag, string value, KubeletArgument argument, KubeletRun run)
    {
        var good = true;
        switch (flag.Name)
        {
            case "--node-ip":
                foreach (var address in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
                {
                    good &= Problem(DiagnosticCatalogue.BadIpAddress, IpLiteral.Parse(address.Trim()).Problem, argument, run);
                }

                return good;
            case "--cloud-provider":
                // Providers inside of Kubernetes are gone: cmd/kubelet, "built-in cloud providers are disabled". Kubelet 1.33 refuses them, and 1.36 takes any word.
                return Expect(value is "" or "external" || run.Minor is not <= 33, flag, argument, "`external`, or leave the flag out: eksnode sets it", run);
            case "--hostname-override":
                return Expect(value.Length == 0 || DomainName.IsLowerCaseSubdomain(value), flag, argument, "a DNS name in lower case", run);
            default:
                return true;
        }
    }

    private static bool Pairs(KubeletFlag flag, string value, KubeletArgument argument, KubeletRun run)
    {
        var good = true;
        switch (flag.Name)
        {
            case "--node-labels":
                foreach (var pair in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
                {
                    // A key alone has an empty value (component-base, ConfigurationMap).
                    good &= NodeLabel(pair.Contains('=', StringComparison.Ordinal) ? pair.Trim() : pair.Trim() + "=", argument, run);
                }

                return good;
            case "--eviction-hard" or "--eviction-soft":
                return Expect(AreAll(value, ',', pair => pair.Contains('<', StringComparison.Ordinal)), flag, argument, "`signal<threshold` pairs, separated by commas", run);
            case "--cpu-manager-policy-options":
                // Never split at commas (component-base, NewMapStringStringNoSplit).
                return Expect(value.Contains('=', StringComparison.Ordinal), flag, argument, "one `key=value` pair, and the flag once for each", run);
            default:
                return Expect(AreAll(value, ',', pair => pair.Contains('=', StringComparison.Ordinal)), flag, argument, "`key=value` pairs, separated by commas", run);
        }
    }

    private static bool NodeLabel(string pair, KubeletArgument argument, KubeletRun run)
    {
        if (!Label.Parse(pair).TryGet(out var label, out var problem))
        {
            return Problem(DiagnosticCatalogue.BadLabel, problem, argument, run);
        }

        if (!NodeLabels.MayBeSet(label))
        {
            run.Report(
                DiagnosticCatalogue.RestrictedNodeLabel,
                $"A kubelet may not set the label {Quoted.Text(label.Key)} for its own node: it refuses to start.",
                label.Prefix == "node-role.kubernetes.io" || label.Prefix.EndsWith("node-restriction.kubernetes.io", StringComparison.Ordinal)
                    ? "Set it through the API after the node joined (`kubectl label node`), or use a prefix of your own."
                    : "Use a prefix of your own, or `node.kubernetes.io/`.",
                argument.Origin,
                argument.Path);
            return false;
        }

        return true;
    }

    private static bool Gates(string value, KubeletArgument argument, KubeletRun run)
    {
        var good = true;
        foreach (var pair in value.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? pair : pair[..equals]).Trim();
            var text = equals < 0 ? "" : pair[(equals + 1)..].Trim();
            if (!Array.Exists(Booleans, b => b == text))
            {
                good = false;
                run.Report(
                    DiagnosticCatalogue.KubeletFlagValue,
                    $"`--feature-gates` has {Quoted.Text(pair)}: the kubelet refuses it.",
                    $"Write `{name}=true` or `{name}=false`.",
                    argument.Origin,
                    argument.Path);
            }

            KubeletGates.Check(name, KubeletFlagTexts.IsTrue(text), run, argument.Origin, argument.Path);
        }

        return good;
    }

    private static bool Problem(DiagnosticDescriptor descriptor, ValueProblem? problem, KubeletArgument argument, KubeletRun run)
    {
        if (problem is not null)
        {
            run.Report(descriptor, problem, argument.Origin, argument.Path);
        }

        return problem is null;
    }

    private static bool Expect(bool good, KubeletFlag flag, KubeletArgument argument, string expected, KubeletRun run)
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

        return good;
    }
}
