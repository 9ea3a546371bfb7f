using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Decisions;

namespace EksNode.Planning.Containerd;

/// <summary>
/// containerd's configuration: eksnode's template with the user's settings merged over it, in the schema that the installed
/// containerd reads.
/// </summary>
/// <remarks>
/// The schema of a user's settings is the one that <c>version</c> declares; without it, schema 3 when a setting has a place there
/// only, else schema 2, as NodeConfig has always been read. Settings are converted one by one, whatever was declared, so that a
/// configuration merged from several sources may speak both. Where the installed containerd is 1.x, settings of schema 3 are
/// converted back when each has a place in schema 2; one that has none is an error, since there is no file in which it would do
/// what was asked.
/// </remarks>
internal static class ContainerdConfiguration
{
    /// <summary>The path of the inline TOML in a NodeConfig: what diagnostics put before a setting.</summary>
    public const string SettingPrefix = "spec.containerd.config.";

    private static readonly string[] Cni = ["plugins", ContainerdTemplate.CriRuntime, "cni"];

    // `cni.bin_dirs` came with containerd 2.1; its migration, and only that, uses it for the older `bin_dir`.
    private static readonly SemanticVersion BinDirsSince = new(2, 1, 0);

    /// <summary>The configuration to write; null when the user's settings cannot be planned, which was reported.</summary>
    /// <param name="settings">The user's settings: files, lowest first, and the inline document over them.</param>
    /// <param name="decisions">What the node is.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static TreeMap? Build(ContainerdSettings settings, NodeDecisions decisions, DiagnosticBag diagnostics)
    {
        var containerd = decisions.ContainerdVersion.Value;
        var schema = ContainerdSchemas.Of(containerd);
        TreeMap? user = null;
        var spoken = ContainerdSchema.Two;
        var written = schema;
        var planned = true;

        // Each is converted by itself: a setting of an upper layer wins over the same one of a lower layer, whatever schema they speak.
        foreach (var layer in settings.Config is { } inline ? [.. settings.Layers, inline] : settings.Layers)
        {
            if (layer.Entries.IsEmpty)
            {
                continue;
            }

            var declared = Declared(layer, containerd, diagnostics, out var readable);
            planned &= readable;

            // Settings are converted one by one, so that those beside a version that nothing reads are judged all the same.
            if (Converted(readable ? layer : layer.Without("version"), schema, containerd, diagnostics) is not { } converted)
            {
                planned = false;
                continue;
            }

            user = TreeMerge.MergeOptional(user, converted);
            spoken = declared ?? Spoken(layer);
            written = declared == ContainerdSchema.Four ? ContainerdSchema.Four : written;
        }

        if (user is null)
        {
            return planned ? ContainerdTemplate.Build(schema, decisions) : null;
        }

        var merged = TreeMerge.Merge(Template(written, spoken, user, decisions), user);
        ContainerdContradictions.Check(merged, written, containerd, diagnostics);
        return planned ? merged : null;
    }

    private static TreeMap? Converted(TreeMap layer, ContainerdSchema schema, SemanticVersion containerd, DiagnosticBag diagnostics)
    {
        ContainerdNames.Check(layer, schema, containerd, diagnostics);
        var conversion = schema == ContainerdSchema.Two ? ContainerdConversion.ToSchema2(layer) : ContainerdConversion.ToSchema3(layer, containerd);
        return ConversionReport.Write(conversion, schema, containerd, diagnostics) ? conversion.Tree : null;
    }

    // Before containerd 2.3, nothing newer than the schema that eksnode writes can be read.
    private static ContainerdSchema? Declared(TreeMap user, SemanticVersion containerd, DiagnosticBag diagnostics, out bool readable)
    {
        readable = true;
        if (user.Find("version") is not { } version)
        {
            return null;
        }

        var newest = ContainerdSchemas.Newest(containerd);
        ContainerdSchema? schema = version.Value is TreeScalar { Kind: ScalarKind.Integer } number
            ? number.Text switch
            {
                "2" => ContainerdSchema.Two,
                "3" => ContainerdSchema.Three,
                "4" when newest == ContainerdSchema.Four => ContainerdSchema.Four,
                _ => null,
            }
            : null;
        if (schema is null)
        {
            readable = false;
            var given = version.Value is TreeScalar { Kind: ScalarKind.Integer } other ? other.Text : $"that is {version.Value.Describe()}";
            diagnostics.Report(
                DiagnosticCatalogue.ContainerdSchemaUnknown,
                $"The containerd configuration declares a version {given}, which containerd {containerd} cannot be given.",
                $"Write the settings in schema {(int)ContainerdSchemas.Of(containerd)} and `version = {(int)ContainerdSchemas.Of(containerd)}`, or leave `version` out.",
                version.Value.Origin,
                SettingPrefix + "version");
        }

        return schema;
    }

    private static ContainerdSchema Spoken(TreeMap user) =>
        TreeLeaves.Of(user).Any(leaf =>
            ContainerdKeys.Ask(ContainerdSchema.Two, leaf.Path).Finding == ContainerdKeyFinding.Unknown
            && ContainerdKeys.Ask(ContainerdSchema.Three, leaf.Path).Finding != ContainerdKeyFinding.Unknown)
            ? ContainerdSchema.Three
            : ContainerdSchema.Two;

    // The CNI plugins have two settings that exclude each other. A template for schema 2 settings has the one to which containerd's
    // migration takes it, so that the effective configuration is the one of a migrated file; of the two, the user's counts.
    private static TreeMap Template(ContainerdSchema schema, ContainerdSchema spoken, TreeMap user, NodeDecisions decisions)
    {
        var template = ContainerdTemplate.Build(schema, decisions);
        if (schema == ContainerdSchema.Two || decisions.ContainerdVersion.Value < BinDirsSince)
        {
            return template;
        }

        var userDirs = TreeLeaves.Find(user, [.. Cni, "bin_dirs"]) is TreeList { Items.IsEmpty: false };
        var userDir = TreeLeaves.Find(user, [.. Cni, "bin_dir"]) is not null;
        if (userDirs)
        {
            return TreeLeaves.Remove(template, [.. Cni, "bin_dir"]);
        }

        if (spoken != ContainerdSchema.Two || userDir || TreeLeaves.Find(template, [.. Cni, "bin_dir"]) is not { } directory)
        {
            return template;
        }

        var list = new TreeList([directory], directory.Origin);
        return TreeLeaves.Add(TreeLeaves.Remove(template, [.. Cni, "bin_dir"]), [.. Cni, "bin_dirs"], directory.Origin, list) ?? template;
    }
}
