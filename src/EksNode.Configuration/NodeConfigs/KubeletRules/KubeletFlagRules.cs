using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Checks kubelet flags against what a kubelet of one minor accepts. It refuses to start with an unknown flag.</summary>
public static class KubeletFlagRules
{
    // What eksnode sets itself, and only one value counts: the last one. --node-labels is merged by the kubelet.
    private static readonly ImmutableArray<string> OurFlags =
    [
        "--cloud-provider", "--config", "--config-dir", "--hostname-override", "--image-credential-provider-bin-dir",
        "--image-credential-provider-config", "--kubeconfig", "--bootstrap-kubeconfig", "--node-ip", "--runtime-cgroups",
    ];

    /// <summary>Checks the flags.</summary>
    /// <param name="flags">The user's flags, in order.</param>
    /// <param name="kubelet">The kubelet's version; null when it is not known: flags of any known minor are accepted.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <param name="predicting">Whether what the kubelet would refuse is a warning (<c>join</c>, <c>plan</c>).</param>
    /// <param name="path">The setting that holds them.</param>
    /// <param name="config"><c>spec.kubelet.config</c>, over whose fields flags win; null when there is none.</param>
    /// <param name="generated">The document that eksnode generates below it; null when it is not known.</param>
    public static void Check(
        ImmutableArray<Sourced<string>> flags,
        SemanticVersion? kubelet,
        DiagnosticBag diagnostics,
        bool predicting = false,
        string path = "spec.kubelet.flags",
        TreeMap? config = null,
        TreeMap? generated = null)
    {
        var run = new KubeletRun(kubelet, predicting, diagnostics);
        var arguments = KubeletArguments.Split(flags, path);
        var overlay = new KubeletFlagOverlay(run.Minor ?? DataTable.LastMinor);
        foreach (var argument in arguments)
        {
            if (Check(argument, run))
            {
                overlay.Add(argument);
            }
        }

        overlay.Check(kubelet, predicting, TreeMerge.MergeOptional(generated, generated is null ? null : config), diagnostics);
        KubeletFlagPrecedence.Check(arguments, config, run);
    }

    // Whether it is a flag with a value that the kubelet's parser takes.
    private static bool Check(KubeletArgument argument, KubeletRun run)
    {
        if (argument.Name.Length == 0)
        {
            run.Report(
                DiagnosticCatalogue.NotAKubeletFlag,
                $"{(argument.IsCredential ? "A word" : Quoted.Text(argument.Value ?? ""))} is no flag and no flag's value: the kubelet refuses it.",
                argument is { IsCredential: false, Value: "true" or "false", After: { Value: null, Name.Length: > 0 } before }
                    ? $"`{before.Name}` takes its value after `=`: write `{before.Name}={argument.Value}`."
                    : "Write each flag as `--name=value`, and a value with spaces in quotes.",
                argument.Origin,
                argument.Path);
            return false;
        }

        if (KubeletFlags.Find(argument.Name == "-v" ? "--v" : argument.Name) is not { } flag)
        {
            if (KubeletFlags.FindRemoved(argument.Name) is not { } removed)
            {
                Unknown(argument, run);
            }
            else if ((run.TableMinor ?? DataTable.FirstMinor) >= removed.GoneSince)
            {
                ReportRemoved(argument, removed.GoneSince, removed.Instead, run);
            }

            return false;
        }

        if (run.TableMinor > flag.Last)
        {
            ReportRemoved(argument, flag.Last!.Value + 1, KubeletFlags.FindRemoved(flag.Name)?.Instead ?? "Leave it out.", run);
            return false;
        }

        if (run.TableMinor < flag.First)
        {
            run.Report(
                DiagnosticCatalogue.KubeletFlagTooNew,
                $"The flag `{flag.Name}` begins with Kubernetes 1.{flag.First}: {run.Name} refuses it.",
                "Leave it out, or use a newer image.",
                argument.Origin,
                argument.Path,
                byTable: true);
            return false;
        }

        if (OurFlags.Contains(flag.Name))
        {
            run.Report(
                DiagnosticCatalogue.KubeletFlagOverrides,
                $"The flag `{flag.Name}` overrides the one that eksnode sets.",
                "Leave it out unless you mean it.",
                argument.Origin,
                argument.Path);
        }
        else if (flag.Deprecated)
        {
            run.Report(
                DiagnosticCatalogue.KubeletFlagDeprecated,
                $"The flag `{flag.Name}` is deprecated.",
                flag.InConfigFile ? $"Set {(KubeletFlags.FieldOf(flag.Name) is { } field ? $"`{field}`" : "the field of the same meaning")} in `spec.kubelet.config`." : "Leave it out: a later kubelet will refuse it.",
                argument.Origin,
                argument.Path);
        }

        return KubeletFlagValues.Check(flag, argument, run);
    }

    private static void ReportRemoved(KubeletArgument argument, int since, string instead, KubeletRun run) => run.Report(
        DiagnosticCatalogue.KubeletFlagRemoved,
        string.Create(CultureInfo.InvariantCulture, $"No kubelet has the flag `{argument.Name}` since Kubernetes 1.{since}: {run.Name} refuses it."),
        instead,
        argument.Origin,
        argument.Path,
        byTable: since > DataTable.FirstMinor);

    private static void Unknown(KubeletArgument argument, KubeletRun run)
    {
        var name = argument.Name;
        string help;
        if (name.StartsWith('-') && !name.StartsWith("--", StringComparison.Ordinal) && KubeletFlags.Find("-" + name) is not null)
        {
            help = $"Did you mean `-{name}`?";
        }
        else if (name.StartsWith("---", StringComparison.Ordinal))
        {
            help = $"Did you mean `--{name.TrimStart('-')}`?";
        }
        else if (KubeletFields.Find(name.TrimStart('-')) is { } field)
        {
            help = Suggestions.Nearest(name, KubeletFlags.Names) is { } near
                ? $"Did you mean `{near}`, or the field `{field.Path}` of `spec.kubelet.config`?"
                : $"It is a field: set `{field.Path}` in `spec.kubelet.config`.";
        }
        else
        {
            help = Suggestions.DidYouMean(name, KubeletFlags.Names, "Leave it out, or correct its name.");
        }

        run.Report(
            DiagnosticCatalogue.UnknownKubeletFlag,
            string.Create(
                CultureInfo.InvariantCulture,
                $"No kubelet of Kubernetes 1.{DataTable.FirstMinor} to 1.{DataTable.LastMinor} has the flag {Quoted.Text(name)}; it refuses to start with an unknown one."),
            help,
            argument.Origin,
            argument.Path,
            byTable: true);
    }
}
