using System.CommandLine;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode max-pods</c>: how many pods a node of an instance type should run, for one, many or all types.</summary>
internal static class MaxPodsCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions(resultIsList: true);
        options.Root.Hidden = true;
        var types = new Argument<string[]>("TYPE")
        {
            Description = "Instance types, or patterns of them with * and ? [default: the type of the instance that it runs on]",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var arguments = new MaxPodsOptions();
        CommonOptions.RefuseOptions(types);
        var command = new Command("max-pods", "Calculates how many pods a node may run, by instance type and CNI options") { types };
        arguments.AddTo(command);
        options.AddToMachineCommand(command, withFacts: true);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                var words = parsed.GetValue(types) ?? [];
                var (networking, cpus) = arguments.Read(parsed, run.Diagnostics);
                if (run.Diagnostics.HasErrors)
                {
                    return new CommandResult(ExitCode.Wrong); // a number for other options than those that were meant is worse than none
                }

                var rows = new List<MaxPodsRow>();
                if (words.Length > 0 && parsed.GetValue(arguments.All))
                {
                    run.Diagnostics.Report(
                        DiagnosticCatalogue.WrongCommandLine, "Both `--all` and instance types are given.", "Leave one of them out.");
                }
                else if (words.Length > 0 || parsed.GetValue(arguments.All))
                {
                    OfNames(words, networking, cpus, rows, run.Diagnostics);
                }
                else if (await pipeline.ReadInstanceAsync(cancel) is { } facts)
                {
                    rows.Add(OfInstance(facts, networking, cpus, run.Diagnostics));
                }

                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer => MaxPodsText.WriteTable(writer, rows, run.Style),
                    WriteCsv = writer => MaxPodsText.WriteCsv(writer, rows),
                    WriteJson = json => MaxPodsText.WriteJson(json, rows, networking),
                };
            },
            cancellation));
        return command;
    }

    private static void OfNames(string[] words, PodNetworking networking, int? cpus, List<MaxPodsRow> rows, DiagnosticBag diagnostics)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (words.Length == 0)
        {
            words = ["*"];
        }

        foreach (var word in words)
        {
            if (word.AsSpan().IndexOfAny('*', '?') < 0)
            {
                if (seen.Add(word))
                {
                    rows.Add(OfName(word, networking, cpus, diagnostics));
                }

                continue;
            }

            var matches = 0;
            foreach (var entry in InstanceCatalog.All)
            {
                if (System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(word, entry.InstanceType, ignoreCase: false))
                {
                    matches++;
                    if (seen.Add(entry.InstanceType))
                    {
                        rows.Add(Row(entry.InstanceType, PodLimits.Of(entry), "catalog", networking, cpus, diagnostics));
                    }
                }
            }

            if (matches == 0)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.NoInstanceTypeMatches,
                    $"No instance type of the catalog matches {Quoted.Text(word)}.",
                    "Write a pattern such as `m5.*` or `*.metal`, in quotes where a shell would expand it.");
            }
        }
    }

    private static MaxPodsRow OfName(string type, PodNetworking networking, int? cpus, DiagnosticBag diagnostics)
    {
        if (InstanceCatalog.Find(type) is { } entry)
        {
            return Row(type, PodLimits.Of(entry), "catalog", networking, cpus, diagnostics);
        }

        diagnostics.Report(
            DiagnosticCatalogue.InstanceTypeUnknown,
            string.Create(CultureInfo.InvariantCulture, $"The limits of the instance type {Quoted.Text(type)} are not known, so max pods is {RecommendedMaxPods.OfUnknownType}."),
            Near(type) is { } near ? $"Did you mean `{near}`?" : "A newer eksnode may know it; on an instance of that type, EC2 is asked.",
            path: type);
        return MaxPodsRow.Unknown(type);
    }

    // Family and size each by itself: half of all names end in `.large`.
    private static string? Near(string type)
    {
        var dot = type.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            return Suggestions.Nearest(type, InstanceCatalog.All.Select(e => e.InstanceType));
        }

        var names = InstanceCatalog.All.Select(e => e.InstanceType.Split('.')).ToList();
        return Suggestions.Nearest(type[..dot], names.Select(n => n[0])) is { } family
            && Suggestions.Nearest(type[(dot + 1)..], names.Where(n => n[0] == family).Select(n => n[1])) is { } size
            ? $"{family}.{size}"
            : null;
    }

    private static MaxPodsRow OfInstance(NodeFacts facts, PodNetworking networking, int? cpus, DiagnosticBag diagnostics)
    {
        var type = facts.Instance.Type ?? "";
        if (InstanceCatalog.Find(type) is not null || facts.InstanceType is not { } told)
        {
            return OfName(type, networking, cpus, diagnostics);
        }

        // EC2 told the limits of a type that the catalog lacks: every new type is of the Nitro System.
        var limits = new PodLimits(told.DefaultCardEnis, told.Ipv4PerEni, facts.Host.CpuCount) { HasPrefixes = true, Family = type.Split('.')[0] };
        return Row(type, limits, "ec2", networking, cpus, diagnostics);
    }

    private static MaxPodsRow Row(string type, PodLimits limits, string source, PodNetworking networking, int? cpus, DiagnosticBag diagnostics)
    {
        limits = cpus is null ? limits : limits.WithCpus(cpus);
        var recommended = RecommendedMaxPods.Of(limits, networking, type);
        foreach (var warning in recommended.Warnings)
        {
            diagnostics.Report(DiagnosticCatalogue.PodNetworkingUnused, warning.Message, warning.Help, path: type);
        }

        return new MaxPodsRow(type, recommended.MaxPods, EniLimits.MaxPods(limits.Interfaces, limits.Addresses), recommended.Formula, source, limits);
    }
}
