using System.Collections.Immutable;
using System.Text;
using EksNode.Aws;
using EksNode.Commands;
using EksNode.Configuration;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Joining;
using EksNode.Planning;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode;

/// <summary>What a verb asks the pipeline for.</summary>
/// <param name="Root">The root folder of the node.</param>
/// <param name="Sources">The configuration sources as given; empty: the default ones.</param>
/// <param name="FactsFile">A facts file instead of IMDS, AWS and host.</param>
public sealed record PipelineRequest(string Root, IReadOnlyList<string> Sources, string? FactsFile);

/// <summary>How a verb wants the node to be read.</summary>
/// <param name="NeedsConfiguration">Whether it is an error when no source gives a configuration.</param>
/// <param name="RefuseWritable">Whether configuration files that others than root can write are refused.</param>
/// <param name="Remember">Whether what programs tell of their version is kept for the next boot.</param>
/// <param name="Recorded">What an earlier stage of this boot read: its facts serve when no source has changed since.</param>
public sealed record ReadOptions(
    bool NeedsConfiguration = true, bool RefuseWritable = false, bool Remember = false, ConfiguredRecord? Recorded = null);

/// <summary>What the pipeline found.</summary>
/// <param name="Config">The merged configuration.</param>
/// <param name="Facts">The facts.</param>
public sealed record NodeView(NodeConfig Config, NodeFacts Facts)
{
    /// <summary>Of the sources and the image manifest as they were read; null when the facts are from a file. Made when it is asked for.</summary>
    public Lazy<string>? SourcesDigest { get; init; }

    /// <summary>The configurations that were merged, the lowest first.</summary>
    public ImmutableArray<NodeConfig> Documents { get; init; } = [];
}

/// <summary>What an earlier run found out and kept.</summary>
public interface INodeMemory
{
    /// <summary>The configuration, for when no source gives one any more; null: there is none.</summary>
    NodeConfig? Configuration { get; }

    /// <summary>The private DNS name of the instance, when this configuration and this instance are those that it was found for.</summary>
    /// <param name="config">The configuration of this run.</param>
    string? PrivateDnsNameFor(NodeConfig config);
}

/// <summary>
/// Sources and machine → configuration, facts, plan: the one path that every verb takes. What is wrong is collected in the
/// run's diagnostics.
/// </summary>
public sealed class NodePipeline(CommandIo io, HostRoot root, CommandRun run)
{
    // Of the sources that were read last.
    private Lazy<string>? digest;

    // The same, one by one.
    private ImmutableArray<NodeConfig> documents = [];

    /// <summary>The root folder of the node.</summary>
    public HostRoot Root => root;

    /// <summary>The documents of the sources as they were read last, the lowest first.</summary>
    public ImmutableArray<TreeMap> SourceDocuments { get; private set; } = [];

    /// <summary>What an earlier run left for this one; null: nothing.</summary>
    public INodeMemory? Memory { get; set; }

    /// <summary>What was read last; null when nothing was, or not all of it.</summary>
    public NodeView? View { get; private set; }

    /// <summary>The configuration alone: of IMDS only the user data is asked for, and of the host only the image manifest.</summary>
    /// <param name="options">What the verb wants.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>Null when it cannot be read.</returns>
    public async Task<(NodeConfig Config, ImageFacts Image)?> ReadConfigurationAsync(ReadOptions options, CancellationToken cancellation)
    {
        using var aws = new AwsFactSource(AwsOptions());
        var image = await new ImageFactsReader(root, new ProgramRunner(), run.Diagnostics).ReadAsync(options.Remember, cancellation);
        var config = await ReadConfigurationAsync(aws.UserDataAsync, image.Manifest?.Defaults, options, cancellation);
        if (!run.Diagnostics.HasErrors)
        {
            return (config, image.Facts);
        }

        Planner.Check(config, image.Facts, run.Diagnostics);
        return null;
    }

    /// <summary>The facts of the facts file, or those of image and host alone: neither IMDS nor AWS is asked.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>Null when the facts file cannot be read.</returns>
    public async Task<NodeFacts?> ReadImageAsync(CancellationToken cancellation)
    {
        if (run.Request.FactsFile is { } path)
        {
            return await ReadFactsFileAsync(path, cancellation) is { } given ? HostFactsDefaults.Fill(given) : null;
        }

        var image = await new ImageFactsReader(root, new ProgramRunner(), run.Diagnostics).ReadAsync(remember: false, cancellation);
        var host = HostFactsReader.Read(root, run.Diagnostics);
        return new NodeFacts { Image = image.Facts, Host = host.Facts };
    }

    /// <summary>Configuration and facts.</summary>
    /// <param name="options">What the verb wants.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>Null after an error without which nothing can be planned.</returns>
    public async Task<NodeView?> ReadAsync(ReadOptions options, CancellationToken cancellation)
    {
        var request = run.Request;
        var bag = run.Diagnostics;
        if (request.FactsFile is { } path)
        {
            var given = await ReadFactsFileAsync(path, cancellation);
            var defaults = ImageManifest.Read(root, bag)?.Defaults;
            var config = await ReadConfigurationAsync(null, defaults, options, cancellation);
            if (given is not null && !bag.HasErrors)
            {
                return new NodeView(config, HostFactsDefaults.Fill(given)) { Documents = documents };
            }

            Planner.Check(config, given?.Image ?? new ImageFacts(), bag);
            return null;
        }

        using var aws = new AwsFactSource(AwsOptions());
        if (options.Recorded is null)
        {
            aws.Begin(withUserData: WantsUserData(request.Sources));
        }
        else if (WantsUserData(request.Sources))
        {
            aws.BeginUserData();
        }

        ImageReading image;
        HostReading host;
        using (run.Timeline.Begin("host facts"))
        {
            image = await new ImageFactsReader(root, new ProgramRunner(), bag).ReadAsync(options.Remember, cancellation);
            host = CredentialProviderReader.AddTo(HostFactsReader.Read(root, bag), root, io.Environment, bag);
        }

        NodeConfig read;
        using (run.Timeline.Begin("configuration"))
        {
            read = await ReadConfigurationAsync(aws.UserDataAsync, image.Manifest?.Defaults, options, cancellation);
        }

        if (bag.HasErrors)
        {
            Planner.Check(read, image.Facts, bag);
            return null;
        }

        using (run.Timeline.Begin("facts"))
        {
            var local = new NodeFacts { Host = host.Facts, Image = image.Facts, Sources = host.Sources.With(image.Sources) };
            if (options.Recorded is { } recorded && digest is not null && recorded.SourcesDigest == digest.Value)
            {
                run.Log.Write(LogLevel.Debug, "the sources are as the configure stage read them: its facts serve");
                return View = new NodeView(read, HostFactsDefaults.Fill(recorded.Over(local))) { SourcesDigest = digest, Documents = documents };
            }

            var needs = FactNeeds.Of(read);
            if (needs.PrivateDnsName && Memory?.PrivateDnsNameFor(read) is { } name)
            {
                local = local with { Instance = local.Instance with { PrivateDnsName = name } };
                needs = needs with { PrivateDnsName = false };
            }

            var facts = await aws.GatherAsync(local, read, needs, bag, cancellation);
            // A fact that could not be had is an error already: what the planner would miss for it is no second one.
            return View = bag.HasErrors ? null : new NodeView(read, HostFactsDefaults.Fill(facts)) { SourcesDigest = digest, Documents = documents };
        }
    }

    /// <summary>The instance alone, without a configuration: its type, and the limits of a type that the catalog lacks.</summary>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>Null after an error, or where nothing tells the type.</returns>
    public async Task<NodeFacts?> ReadInstanceAsync(CancellationToken cancellation)
    {
        NodeFacts? facts;
        if (run.Request.FactsFile is { } path)
        {
            facts = await ReadFactsFileAsync(path, cancellation);
        }
        else
        {
            using var aws = new AwsFactSource(AwsOptions());
            facts = await aws.GatherAsync(
                new NodeFacts { Host = HostFactsReader.Read(root, run.Diagnostics).Facts },
                NodeConfig.Empty,
                new FactNeeds(PrivateDnsName: false, ClusterDetails: false, EndpointAddresses: false),
                run.Diagnostics,
                cancellation);
        }

        if (facts is { Instance.Type: null } && !run.Diagnostics.HasErrors)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.FactMissing, "The instance type is not known.", "Name one, or give `instance.type` in the facts file.", path: "instance.type");
        }

        return facts is { Instance.Type: not null } ? facts : null;
    }

    /// <summary>The plan for what was read; null when there is none, with the reasons among the diagnostics.</summary>
    public Plan? Plan(NodeView view)
    {
        using var step = run.Timeline.Begin("plan");
        var plan = Planner.Plan(view.Config, view.Facts, run.Diagnostics);
        return run.Diagnostics.HasErrors ? null : plan;
    }

    private AwsOptions AwsOptions() => new()
    {
        Environment = io.Environment,
        Clock = io.Clock,
        Log = run.Log,
        Timeline = run.Timeline,
        KnowsInstanceType = type => InstanceCatalog.Find(type) is not null,
        ReadHostFile = file => root.ReadFile(file) is { } bytes ? Encoding.UTF8.GetString(bytes) : null,
    };

    private static bool WantsUserData(IReadOnlyList<string> sources) =>
        sources.Count == 0 || sources.Any(s => s.StartsWith("imds://", StringComparison.OrdinalIgnoreCase));

    /// <summary>What asks IMDS and AWS; nothing is asked before it is told to.</summary>
    public AwsFactSource OpenAws() => new(AwsOptions());

    /// <summary>The facts of a file; null when it cannot be read, which was reported.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<NodeFacts?> ReadFactsFileAsync(string path, CancellationToken cancellation)
    {
        var read = await new BoundedInput(io).ReadFileAsync(path, cancellation);
        if (read.Bytes is { } bytes)
        {
            using var text = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
            return FactsFile.Read(await text.ReadToEndAsync(cancellation), path, run.Diagnostics);
        }

        run.Diagnostics.Report(
            DiagnosticCatalogue.FactsFileUnreadable,
            $"The facts file `{path}` cannot be read: {read.Problem}.",
            read.IsTooLarge ? "Give a file that `eksnode facts` wrote." : "`eksnode facts` on a node prints such a file.");
        return null;
    }

    // The manifest's defaults are the lowest source.
    private async Task<NodeConfig> ReadConfigurationAsync(
        Func<CancellationToken, Task<ReadOnlyMemory<byte>?>>? userData,
        TreeMap? imageDefaults,
        ReadOptions options,
        CancellationToken cancellation)
    {
        var loader = new SourceLoader(io, root, run.Diagnostics) { RefuseWritable = options.RefuseWritable };
        var errors = run.Diagnostics.Items.Count(d => d.Severity == Severity.Error);
        var sources = await loader.LoadAsync(run.Request.Sources, userData, cancellation);
        digest = new Lazy<string>(() => ConfiguredRecord.DigestOf(sources, root));
        var allErrors = run.Diagnostics.Items.Count(d => d.Severity == Severity.Error);
        if (!options.NeedsConfiguration && sources.IsEmpty && imageDefaults is null)
        {
            return NodeConfig.Empty;
        }

        var bag = new DiagnosticBag();
        var read = ConfigurationReader.Read(sources, bag, imageDefaults);
        read = read with { Configuration = WithFiles(read.Configuration, sources, options, bag) };
        documents = [.. ReferencedFiles.Layers(read.Configuration), .. read.Documents];
        SourceDocuments = [.. read.Configuration.Preset is { } preset && Presets.DocumentOf(preset.Value) is { } values ? new[] { values } : [], .. imageDefaults is null ? [] : new[] { imageDefaults }, .. read.Sources.SelectMany(s => s.Documents).Select(d => d.Document)];
        foreach (var secret in NodeConfigSecrets.Of(read.Configuration))
        {
            run.Redactor.Add(secret);
        }

        if (!read.HasConfiguration && allErrors == errors && bag.Items.All(d => d.Severity != Severity.Error || d.Code == DiagnosticCatalogue.NoConfiguration.Code) && Memory?.Configuration is { } kept)
        {
            run.Log.Write(Host.Logging.LogLevel.Info, "no source gives a configuration; the one of the last run is used");
            foreach (var secret in NodeConfigSecrets.Of(kept))
            {
                run.Redactor.Add(secret);
            }

            return kept;
        }

        // A source that cannot be read is an error already, and its configuration is not missing but unknown.
        var mayLack = !options.NeedsConfiguration || allErrors > errors;
        run.Diagnostics.AddRange(mayLack ? bag.Items.Where(d => d.Code != DiagnosticCatalogue.NoConfiguration.Code) : bag.Items);
        return read.Configuration;
    }

    // With the content of the files that it names, which count among the sources from here on.
    private NodeConfig WithFiles(NodeConfig config, ImmutableArray<SourceContent> sources, ReadOptions options, DiagnosticBag bag)
    {
        if (ReferencedFiles.Of(config) is not { IsEmpty: false } references)
        {
            return config;
        }

        var contents = new ReferencedFileReader(root, bag, options.RefuseWritable).Read(references);
        foreach (var content in contents)
        {
            sources = [.. sources, .. content.Files];
        }

        digest = new Lazy<string>(() => ConfiguredRecord.DigestOf(sources, root));
        return ReferencedFiles.Enter(config, contents, bag);
    }
}
