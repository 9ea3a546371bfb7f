using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Kubelet;

/// <summary>
/// The configuration that the running kubelet has, value for value as its <c>/configz</c> tells it, each leaf with what decided it. The
/// rules, learned from kubelets 1.33 and 1.36:
/// <list type="number">
/// <item>The file is decoded: null is no value, and neither is zero, false or empty where the field is not optional in the API. What it lacks
/// has the kubelet's default.</item>
/// <item>Each drop-in is a JSON merge patch (RFC 7396) over that: maps merge deep, lists are replaced, null takes a value away; zero is a
/// value here, and is decoded afterwards as above. Then the defaults apply once more.</item>
/// <item><c>evictionHard</c> has a default where the file itself lacks it, and only there.</item>
/// <item>Flags win over all of it. Feature gates of flags join those of the files.</item>
/// <item><c>reservedSystemCPUs</c> takes the place of reserved CPU, and a kubelet without serving certificate names the one that it makes.</item>
/// </list>
/// </summary>
public sealed class EffectiveKubelet
{
    private readonly KubeletInputs inputs;
    private readonly ImmutableArray<KubeletLeaf> leaves;
    private readonly KubeletFieldValue[] values;

    private EffectiveKubelet(KubeletInputs inputs)
    {
        this.inputs = inputs;
        leaves = KubeletDefaults.Of(inputs.Minor);
        values = new KubeletFieldValue[leaves.Length];
        var flags = KubeletFlagFields.Of(inputs.Arguments, leaves);
        Decode();
        Default(flags);
        DefaultEviction();
        if (inputs.DropIns is { } dropIns)
        {
            Encode();
            foreach (var dropIn in dropIns)
            {
                Patch(dropIn);
            }

            Default(flags);
        }

        Apply(flags);
        ReservedCpus();
        ServingCertificate();
        Settings = new EffectiveSettings(inputs, leaves, values, flags).All();
    }

    /// <summary>The leaves, sorted by path.</summary>
    public ImmutableArray<EffectiveSetting> Settings { get; }

    /// <summary>Works it out.</summary>
    public static EffectiveKubelet Of(KubeletInputs inputs) => new(inputs);

    /// <summary>The leaf of a path, or null when the kubelet has no value there.</summary>
    public EffectiveSetting? Find(string path)
    {
        foreach (var setting in Settings)
        {
            if (setting.Path == path)
            {
                return setting;
            }
        }

        return null;
    }

    private int IndexOf(string path)
    {
        for (var i = 0; i < leaves.Length; i++)
        {
            if (leaves[i].Path == path)
            {
                return i;
            }
        }

        return -1;
    }

    private TreeNode? ValueOf(string path) => IndexOf(path) is >= 0 and var at ? values[at].Value : null;

    private void Decode()
    {
        for (var i = 0; i < leaves.Length; i++)
        {
            if (KubeletFieldValue.Find(inputs.File, leaves[i].Keys) is { } node)
            {
                values[i] = new KubeletFieldValue(SettingLayer.Generated, KubeletFieldValue.Decoded(leaves[i], node), node.Origin);
            }
        }
    }

    // The kubelet writes the file as JSON again before it merges drop-ins, and thereby forgets lists and maps that are empty.
    private void Encode()
    {
        for (var i = 0; i < leaves.Length; i++)
        {
            if (values[i].Value is TreeList { Items.IsEmpty: true } or TreeMap { Entries.IsEmpty: true })
            {
                values[i] = values[i] with { Value = null };
            }
        }
    }

    private void Patch(TreeMap dropIn)
    {
        for (var i = 0; i < leaves.Length; i++)
        {
            if (KubeletFieldValue.Find(dropIn, leaves[i].Keys) is not { } node)
            {
                continue;
            }

            var patched = (values[i].Value, node) switch
            {
                (_, TreeMap patch) => KubeletFieldValue.Patched(values[i].Value as TreeMap, patch),
                _ => KubeletFieldValue.Decoded(leaves[i], node),
            };
            values[i] = new KubeletFieldValue(SettingLayer.Configuration, patched, node.Origin);
        }
    }

    private void Default(KubeletFlagFields flags)
    {
        var update = ValueOf("nodeStatusUpdateFrequency");
        for (var i = 0; i < leaves.Length; i++)
        {
            var leaf = leaves[i];
            var text = leaf.Default;
            var why = "the kubelet's own default";
            switch (leaf.Path)
            {
                case "evictionHard":
                    continue;
                case "nodeStatusReportFrequency" when update is TreeScalar { } set:
                    (text, why) = (set.Text, "the kubelet takes `nodeStatusUpdateFrequency` when that is set");
                    break;
                case "serializeImagePulls" when ValueOf("maxParallelImagePulls") is TreeScalar { } pulls
                    && int.TryParse(pulls.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var most) && most >= 2:
                    (text, why) = ("false", "the kubelet's own default with `maxParallelImagePulls`");
                    break;
                case "podPidsLimit" when values[i].Value is TreeScalar { Text: ['-', ..] }:
                    values[i] = values[i] with { Value = TreeScalar.Of(-1L, values[i].Value!.Origin) };
                    break;
            }

            if (values[i].Value is null && text.Length > 0 && (leaf.Gate.Length == 0 || IsOn(leaf.Gate, flags)))
            {
                var origin = values[i].Origin is { } taken ? taken.Because("not a value: " + why + " counts") : Origin.Default(why);
                values[i] = new KubeletFieldValue(values[i].Origin is null ? SettingLayer.Kubelet : values[i].Layer, KubeletFieldValue.Read(leaf.Type, text, origin), values[i].Origin);
            }
        }
    }

    private void DefaultEviction()
    {
        var at = IndexOf("evictionHard");
        var own = values[at].Value as TreeMap;
        if (own is not null && ValueOf("mergeDefaultEvictionSettings") is not TreeScalar { Text: "true" })
        {
            return;
        }

        var all = (TreeMap)KubeletFieldValue.Read(leaves[at].Type, leaves[at].Default, Origin.Default("the kubelet's own default"));
        values[at] = values[at] with { Value = own is null ? all : TreeMerge.Merge(all, own) };
    }

    private bool IsOn(string gate, KubeletFlagFields flags)
    {
        var text = (ValueOf("featureGates") as TreeMap)?[gate] is TreeScalar scalar ? scalar.Text
            : (flags.Find("featureGates")?.Value as TreeMap)?[gate] is TreeScalar flag ? flag.Text
            : null;
        return text is null ? KubeletGates.Default(gate, inputs.Minor) == true : text == "true";
    }

    private void Apply(KubeletFlagFields flags)
    {
        for (var i = 0; i < leaves.Length; i++)
        {
            if (flags.Find(leaves[i].Path) is not { } flag)
            {
                continue;
            }

            var value = leaves[i].Path == "featureGates" && values[i].Value is TreeMap gates && flag.Value is TreeMap more
                ? TreeMerge.Merge(gates, more)
                : flag.Value;
            values[i] = new KubeletFieldValue(SettingLayer.Flag, value, flag.Origin);
        }
    }

    // CPUs that are reserved by number are the reserved CPU of the system, and the kubelet has none of its own.
    private void ReservedCpus()
    {
        if (ValueOf("reservedSystemCPUs") is not TreeScalar { } cpus || CpuSet.Count(cpus.Text) is not { } count)
        {
            return;
        }

        var (kube, system) = (IndexOf("kubeReserved"), IndexOf("systemReserved"));
        values[kube] = values[kube] with { Value = (values[kube].Value as TreeMap)?.Without("cpu") };
        if (values[system].Value is TreeMap { Entries.IsEmpty: false } reserved)
        {
            values[system] = values[system] with { Value = reserved.With("cpu", TreeScalar.Of(count.ToString(CultureInfo.InvariantCulture), cpus.Origin.Because("the number of `reservedSystemCPUs`"))) };
        }
    }

    // Without a certificate of its own the kubelet signs one, and names the files.
    private void ServingCertificate()
    {
        if (ValueOf("serverTLSBootstrap") is TreeScalar { Text: "true" } || ValueOf("tlsCertFile") is not null || ValueOf("tlsPrivateKeyFile") is not null)
        {
            return;
        }

        var folder = "/var/lib/kubelet/pki";
        foreach (var argument in inputs.Arguments)
        {
            if (argument.Value.StartsWith("--cert-dir=", StringComparison.Ordinal))
            {
                folder = argument.Value["--cert-dir=".Length..];
            }
        }

        var origin = Origin.Default("the kubelet signs a certificate for itself");
        values[IndexOf("tlsCertFile")] = new KubeletFieldValue(SettingLayer.Kubelet, TreeScalar.Of(folder + "/kubelet.crt", origin), null);
        values[IndexOf("tlsPrivateKeyFile")] = new KubeletFieldValue(SettingLayer.Kubelet, TreeScalar.Of(folder + "/kubelet.key", origin), null);
    }
}
