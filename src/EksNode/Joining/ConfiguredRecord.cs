using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Host.Boot;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Planning.Facts;

namespace EksNode.Joining;

/// <summary>
/// What the configure stage leaves for the start stage in <c>/run/eksnode/configured.json</c>: a digest of the sources as it read
/// them, and the facts that it found. The start reads the sources again and, if they are the same, asks neither IMDS nor AWS for
/// these facts: an instance keeps them as long as it runs. It is valid in the boot and on the instance that wrote it.
/// </summary>
/// <param name="SourcesDigest">See <see cref="DigestOf"/>.</param>
/// <param name="Facts">The facts.</param>
public sealed record ConfiguredRecord(string SourcesDigest, NodeFacts Facts)
{
    /// <summary>The file in <c>/run/eksnode</c>.</summary>
    public const string FileName = "configured.json";

    private const int SchemaVersion = 1;

    private static readonly Origin here = Origin.Default("what the configure stage read");

    /// <summary>
    /// A digest of everything that the plan follows from and that may change between two stages: the bytes of each source with its
    /// name, in order, the image manifest, and the version of eksnode.
    /// </summary>
    /// <param name="sources">The sources.</param>
    /// <param name="root">The root of the node.</param>
    public static string DigestOf(ImmutableArray<SourceContent> sources, HostRoot root) => RuntimeRecord.Digest(
    [
        ("version", Encoding.UTF8.GetBytes(ProductVersion.Text)),
        .. sources.Select(s => (s.Name, s.Bytes)),
        (ImageManifest.Path, root.ReadFile(ImageManifest.Path) ?? []),
    ]);

    /// <summary>The recorded facts of instance and cluster, with those of this machine and its image as they are now.</summary>
    /// <param name="local">The facts of host and image.</param>
    public NodeFacts Over(NodeFacts local) => local with
    {
        Instance = Facts.Instance,
        InstanceType = Facts.InstanceType,
        Cluster = Facts.Cluster,
        Sources = Facts.Sources.With(local.Sources),
    };

    /// <summary>Writes the record. That it cannot be written is no failure: the start asks again.</summary>
    /// <param name="root">The root of the node.</param>
    /// <param name="view">What the stage read.</param>
    /// <param name="diagnostics">Takes why it cannot be written.</param>
    public static void Write(HostRoot root, NodeView view, DiagnosticBag diagnostics)
    {
        if (view.SourcesDigest is not { } digest || BootIdentity.BootId(root) is not { } boot)
        {
            return;
        }

        try
        {
            if (JsonReader.Read(FactsFile.Write(view.Facts), FileName, part: 0, diagnostics) is { } facts)
            {
                RuntimeRecord.Write(root, FileName, new TreeMap(
                    [
                        Entry("schemaVersion", TreeScalar.Of(SchemaVersion, here)),
                        Entry("bootId", TreeScalar.Of(boot, here)),
                        Entry("sourcesDigest", TreeScalar.Of(digest.Value, here)),
                        Entry("facts", facts),
                    ],
                    here));
            }
        }
        catch (DiagnosticException failure)
        {
            Report(diagnostics, $"What the configure stage read cannot be recorded: {failure.Diagnostic.Message}");
        }
    }

    /// <summary>The record of this boot; null when there is none that can be used.</summary>
    /// <param name="root">The root of the node.</param>
    /// <param name="diagnostics">Takes why it cannot be used.</param>
    public static ConfiguredRecord? Read(HostRoot root, DiagnosticBag diagnostics)
    {
        var found = new DiagnosticBag();
        try
        {
            if (RuntimeRecord.Read(root, FileName, found) is not { } document)
            {
                return found.Items.Count == 0 ? null : Unusable(found.Items[0].Message);
            }

            var reader = new TreeMapReader(document, "", DiagnosticCatalogue.BootRecordUnusable, found);
            var version = reader.Integer("schemaVersion", SchemaVersion, SchemaVersion);
            var digest = reader.Text("sourcesDigest");
            if (version is null || digest is null || document["facts"] is not TreeMap map || found.Items.Count > 0
                || FactsFile.Read(JsonWriter.Write(map, indent: 0, sortKeys: false), RuntimeRecord.PathOf(FileName), found) is not { } facts
                || found.Items.Count > 0)
            {
                return Unusable(found.Items.Count > 0 ? found.Items[0].Message : "it has another form");
            }

            // Not ours any more: an image that was made from a running machine, or one that was moved.
            var isOfThisBoot = reader.Text("bootId") is { } boot && boot == BootIdentity.BootId(root);
            var isOfThisInstance = BootIdentity.InstanceId(root) is not { } id || facts.Instance.Id == id;
            return isOfThisBoot && isOfThisInstance ? new ConfiguredRecord(digest, facts) : null;
        }
        catch (DiagnosticException failure)
        {
            return Unusable(failure.Diagnostic.Message);
        }

        ConfiguredRecord? Unusable(string why)
        {
            Report(diagnostics, $"{RuntimeRecord.PathOf(FileName)} cannot be used: {why}");
            return null;
        }
    }

    private static TreeEntry Entry(string key, TreeNode value) => new(key, here, value);

    private static void Report(DiagnosticBag diagnostics, string message) =>
        diagnostics.Report(DiagnosticCatalogue.BootRecordUnusable, message, "IMDS and AWS are asked for the facts again.", path: RuntimeRecord.PathOf(FileName));
}
