using System.Collections.Immutable;
using EksNode.Commands;
using EksNode.Configuration;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Imaging;
using EksNode.Planning.Image;
using EksNode.Planning.Validation;

namespace EksNode.Validating;

/// <summary>Reads and checks configurations; what it finds goes into the run's diagnostics, file by file, each by place.</summary>
internal sealed class ConfigurationValidation(CommandRun run, NodePipeline pipeline, CommandIo io, CheckTarget target)
{
    private readonly Dictionary<string, SourceText> texts = new(StringComparer.Ordinal);
    private readonly List<string> names = [];

    /// <summary>The text of every source that was read, by its name.</summary>
    public IReadOnlyDictionary<string, SourceText> Texts => texts;

    /// <summary>The names of the sources that were read, in order.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>How bad the worst is that a configuration has: whatever it is about, it is the configuration that is wrong.</summary>
    public Severity Worst { get; private set; } = Severity.Info;

    /// <summary>Checks each file for itself and the sources of the request together.</summary>
    /// <param name="files">The files and folders.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task RunAsync(IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var wanted = target;
        if (run.Request.FactsFile is { } path)
        {
            if (await pipeline.ReadFactsFileAsync(path, cancellation) is not { } facts)
            {
                return;
            }

            wanted = target with { Facts = facts };
        }

        foreach (var file in files)
        {
            foreach (var content in await LoadAsync([file], null, cancellation))
            {
                if (IsImage(content))
                {
                    await CheckImageAsync(content, cancellation);
                    continue;
                }

                // A file that is named is meant as a configuration: one that is none is worth a warning.
                Check([content with { IsUserData = false }], whole: false, wanted);
            }
        }

        if (files.Count == 0 || run.Request.Sources.Count > 0)
        {
            using var aws = pipeline.OpenAws();
            var contents = await LoadAsync(run.Request.Sources, run.Request.FactsFile is null ? aws.UserDataAsync : null, cancellation);
            Check(contents, whole: true, wanted);
        }
    }

    private async Task<ImmutableArray<SourceContent>> LoadAsync(
        IReadOnlyList<string> sources, Func<CancellationToken, Task<ReadOnlyMemory<byte>?>>? userData, CancellationToken cancellation)
    {
        var contents = await new SourceLoader(io, pipeline.Root, run.Diagnostics).LoadAsync(sources, userData, cancellation);
        foreach (var content in contents)
        {
            texts[content.Name] = SourceText.Of(content);
            names.Add(content.Name);
        }

        return contents;
    }

    private void Check(ImmutableArray<SourceContent> contents, bool whole, CheckTarget wanted)
    {
        var failed = run.Diagnostics.HasErrors;
        var bag = new DiagnosticBag();
        var read = ConfigurationReader.Read(contents, bag);
        foreach (var secret in NodeConfigSecrets.Of(read.Configuration))
        {
            run.Redactor.Add(secret);
        }

        if (read.HasConfiguration)
        {
            NodeConfigRules.CheckCluster(read.Configuration, whole, bag);
            ConfigurationCheck.Report(read.Configuration, wanted with { Whole = whole }, bag);
        }

        // A file without a configuration has its warning; of a node's sources that could not be read nothing is known to be missing.
        var found = bag.Items.Where(d => d.Code != DiagnosticCatalogue.NoConfiguration.Code || (whole && !(contents.IsEmpty && failed)));
        foreach (var item in DiagnosticOrder.ByPlace(found, contents))
        {
            if (!IsExplained(item, bag))
            {
                var severity = item.Code == DiagnosticCatalogue.KeyIsNotText.Code ? WorstAt(item, bag)
                    : !whole && item.Code == DiagnosticCatalogue.EmptySource.Code ? Severity.Warning
                    : item.Severity;
                Worst = item.Severity < Worst ? item.Severity : severity < Worst ? severity : Worst;
                run.Diagnostics.Add(item with { Severity = severity });
            }
        }
    }

    private static bool IsImage(SourceContent content) =>
        SourceReader.Read(content, new DiagnosticBag()).Documents.Any(d => d is { ApiVersion: ApiGroups.EksNodeV1Alpha1, Kind: ApiGroups.ImageConfig });

    // With what it includes, and what it plans: what does not work together is found there.
    private async Task CheckImageAsync(SourceContent content, CancellationToken cancellation)
    {
        var bag = new DiagnosticBag();
        var loader = new ImageConfigLoader(io, bag, document => texts[document.Name] = SourceText.Of(document));
        if (await loader.LoadAsync(content.Name, null, cancellation, content.Bytes.ToArray()) is { } loaded)
        {
            ImagePlanner.Plan(loaded.Config, loaded.Files, bag);
        }

        foreach (var item in DiagnosticOrder.ByPlace(bag.Items, [content]))
        {
            Worst = item.Severity < Worst ? item.Severity : Worst;
            run.Diagnostics.Add(item);
        }
    }

    // The finding of a key that is a boolean stands for what follows from it.
    private static Severity WorstAt(Diagnostic key, DiagnosticBag bag)
    {
        var worst = key.Severity;
        foreach (var item in bag.Items)
        {
            worst = item.Severity < worst && Equals(item.Origin, key.Origin) ? item.Severity : worst;
        }

        return worst;
    }

    // That a message is for cloud-init alone, when a part of it looks like ours; and what the name `false` is refused for, where `n` was written.
    private static bool IsExplained(Diagnostic item, DiagnosticBag bag) =>
        (item.Code != DiagnosticCatalogue.KeyIsNotText.Code && bag.Items.Any(d => d.Code == DiagnosticCatalogue.KeyIsNotText.Code && Equals(d.Origin, item.Origin)))
        || (item.Code == DiagnosticCatalogue.ForCloudInit.Code && bag.Items.Any(d => d.Code == DiagnosticCatalogue.SuspiciousPartType.Code && d.Origin?.Source == item.Origin?.Source));
}
