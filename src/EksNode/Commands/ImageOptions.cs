using System.CommandLine;
using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Imaging;
using EksNode.Planning.Image;

namespace EksNode.Commands;

/// <summary>An ImageConfig that was planned without an error.</summary>
/// <param name="loaded">The configuration, with what its documents name.</param>
/// <param name="plan">Its plan.</param>
internal sealed class PlannedImage(LoadedImageConfig loaded, ImagePlan plan)
{
    /// <summary>The configuration, with what its documents name.</summary>
    public LoadedImageConfig Loaded => loaded;

    /// <summary>Its plan.</summary>
    public ImagePlan Plan => plan;
}

/// <summary>What commands about an image share: which document, and what the command line says instead of it.</summary>
internal sealed class ImageOptions
{
    private static readonly Origin CommandLineOrigin = Origin.At("the command line", 0, 0);

    /// <summary>Options of one command.</summary>
    /// <param name="withoutDocument">What the command goes by when no document is named; null: it needs one.</param>
    public ImageOptions(string? withoutDocument = null)
    {
        Source = new("--config-source", "-c")
        {
            Description = "The ImageConfig: a file, - for standard input" + (withoutDocument is null ? "" : $" [default: {withoutDocument}]"),
            HelpName = "FILE",
            Required = withoutDocument is null,
        };
        Architecture.AcceptOnlyFromAmong([.. ImageWords.Architectures.Words]);
    }

    /// <summary><c>--config-source</c>.</summary>
    public Option<string?> Source { get; }

    /// <summary><c>--kubernetes</c>.</summary>
    public Option<string?> Kubernetes { get; } = new("--kubernetes")
    {
        Description = "The Kubernetes version, instead of the document's: 1.33 or 1.33.4",
        HelpName = "VERSION",
    };

    /// <summary><c>--architecture</c>.</summary>
    public Option<string?> Architecture { get; } = new("--architecture") { Description = "The processor, instead of the document's: x86_64 or arm64", HelpName = "ARCH" };

    /// <summary>Makes what lies over a document an error of use where none is named.</summary>
    /// <param name="command">The command with these options.</param>
    public void RequireForOverrides(Command command) => command.Validators.Add(result =>
    {
        if (result.GetResult(Source) is null && (result.GetResult(Kubernetes) ?? result.GetResult(Architecture)) is { } overriding)
        {
            result.AddError($"`{overriding.Option.Name}` says what to take instead of the document's, and no document is named: give it with `-c FILE`.");
        }
    });

    /// <summary>Whether a document is named.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetValue(Source) is not null;

    /// <summary><c>--strict</c>.</summary>
    public Option<bool> Strict { get; } = new("--strict") { Description = "Warnings about the document are errors" };

    /// <summary>Reads and plans the image; null after an error, which is reported. Its secrets are known to the redactor of the run.</summary>
    public async Task<PlannedImage?> PlanAsync(CommandIo io, CommandRun run, CancellationToken cancellation)
    {
        var loaded = await new ImageConfigLoader(io, run.Diagnostics).LoadAsync(run.Parsed.GetValue(Source)!, Overrides(run.Parsed), cancellation);
        var config = loaded?.Config ?? ImageConfig.Empty;
        foreach (var secret in NodeConfigSecrets.Of(config.NodeSettings ?? NodeConfig.Empty).Concat(NodeConfigSecrets.OfProxy(config.Proxy)))
        {
            run.Redactor.Add(secret);
        }

        var plan = loaded is null ? null : ImagePlanner.Plan(loaded.Config, loaded.Files, run.Diagnostics);
        if (run.Parsed.GetResult(Strict) is not null && run.Parsed.GetValue(Strict))
        {
            run.Diagnostics.RaiseWarnings();
        }

        return loaded is null || plan is null || run.Diagnostics.HasErrors ? null : new PlannedImage(loaded, plan);
    }

    /// <summary>What the command line says instead of the document, as a document that is laid over it; null: nothing.</summary>
    public TreeMap? Overrides(ParseResult parsed)
    {
        var spec = new List<TreeEntry>();
        Add("kubernetes", parsed.GetValue(Kubernetes));
        Add("architecture", parsed.GetValue(Architecture));
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
