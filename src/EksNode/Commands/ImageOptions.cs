using System.CommandLine;
using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Imaging;
using EksNode.Planning.Image;

namespace EksNode.Commands;

/// <summary>The options of every command that reads an ImageConfig, and the plan that they come to.</summary>
internal sealed class ImageOptions
{
    private static readonly Origin CommandLineOrigin = Origin.At("the command line", 0, 0);

    /// <summary>The options.</summary>
    public ImageOptions() => Architecture.AcceptOnlyFromAmong([.. ImageWords.Architectures.Words]);

    /// <summary><c>--config-source</c>.</summary>
    public Option<string> Source { get; } = new("--config-source", "-c") { Description = "The ImageConfig: a file, - for standard input", HelpName = "FILE", Required = true };

    /// <summary><c>--kubernetes</c>.</summary>
    public Option<string?> Kubernetes { get; } = new("--kubernetes") { Description = "The Kubernetes version, instead of the document's: 1.33 or 1.33.4", HelpName = "VERSION" };

    /// <summary><c>--architecture</c>.</summary>
    public Option<string?> Architecture { get; } = new("--architecture") { Description = "The processor, instead of the document's: x86_64 or arm64", HelpName = "ARCH" };

    /// <summary>The plan of the image; null after an error, which is reported.</summary>
    public async Task<ImagePlan?> PlanAsync(ParseResult parsed, CommandRun run, CommandIo io, CancellationToken cancellation)
    {
        var overrides = Overrides(parsed.GetValue(Kubernetes), parsed.GetValue(Architecture));
        var loaded = await new ImageConfigLoader(io, run.Diagnostics).LoadAsync(parsed.GetValue(Source)!, overrides, cancellation);
        foreach (var secret in NodeConfigSecrets.Of(loaded?.Config.NodeSettings ?? NodeConfig.Empty))
        {
            run.Redactor.Add(secret);
        }

        return loaded is not null && ImagePlanner.Plan(loaded.Config, loaded.Files, run.Diagnostics) is { } plan && !run.Diagnostics.HasErrors ? plan : null;
    }

    private static TreeMap? Overrides(string? kubernetes, string? architecture)
    {
        var spec = new List<TreeEntry>();
        Add("kubernetes", kubernetes);
        Add("architecture", architecture);
        return spec.Count == 0 ? null : new TreeMap([new TreeEntry("spec", CommandLineOrigin, new TreeMap(spec, CommandLineOrigin))], CommandLineOrigin);

        void Add(string key, string? value)
        {
            if (value is not null)
            {
                spec.Add(new TreeEntry(key, CommandLineOrigin, TreeScalar.Of(value, CommandLineOrigin)));
            }
        }
    }
}
