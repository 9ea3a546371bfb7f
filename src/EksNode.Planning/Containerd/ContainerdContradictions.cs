using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Planning.Containerd;

/// <summary>
/// Checks the merged configuration for what containerd's own validation refuses, and for what hides containerd from the kubelet.
/// The CRI plugin does not load then, and the node never becomes Ready.
/// </summary>
/// <remarks>Source: ValidatePluginConfig (1.7.24), ValidateImageConfig, ValidateRuntimeConfig and ValidateVersion (2.1.9) of containerd.</remarks>
internal static class ContainerdContradictions
{
    // Snapshotters built into containerd on Linux, in either major release.
    private static readonly string[] BuiltInSnapshotters = ["aufs", "blockfile", "btrfs", "devmapper", "erofs", "native", "overlayfs", "zfs"];

    /// <summary>Reports what does not go together.</summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="schema">Its schema.</param>
    /// <param name="containerd">The installed containerd.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void Check(TreeMap config, ContainerdSchema schema, SemanticVersion containerd, DiagnosticBag diagnostics)
    {
        var two = schema == ContainerdSchema.Two;
        string[] images = ["plugins", two ? ContainerdTemplate.Cri : ContainerdTemplate.CriImages];
        string[] runtime = ["plugins", two ? ContainerdTemplate.Cri : ContainerdTemplate.CriRuntime];
        Registry(config, [.. images, "registry"], diagnostics);
        Runtimes(config, [.. runtime, "containerd"], two, diagnostics);
        Snapshotter(config, two ? [.. images, "containerd", "snapshotter"] : [.. images, "snapshotter"], diagnostics);
        if (!two && containerd.AtLeast(2, 1))
        {
            BinDirs(config, [.. runtime, "cni"], diagnostics);
        }

        if (two)
        {
            PluginTables(config, diagnostics);
        }

        PluginNames(config, diagnostics);
        ProxyPlugins(config, diagnostics);
        Socket(config, schema, diagnostics);
    }

    private static void Registry(TreeMap config, string[] registry, DiagnosticBag diagnostics)
    {
        if (TreeLeaves.Find(config, [.. registry, "config_path"]) is not TreeScalar { Kind: ScalarKind.String, Text.Length: > 0 })
        {
            return;
        }

        const string help = "Describe the registry in `spec.registries` of `eksnode.io/v1alpha1` or in a `hosts.toml` below `/etc/containerd/certs.d`, or set `config_path` to an empty string.";
        if (TreeLeaves.Find(config, [.. registry, "mirrors"]) is TreeMap { Entries.IsEmpty: false } mirrors)
        {
            Refused(diagnostics, [.. registry, "mirrors"], mirrors.Origin, "cannot be set while `config_path` is", help);
        }

        if (TreeLeaves.Find(config, [.. registry, "configs"]) is TreeMap configs)
        {
            foreach (var host in configs.Entries)
            {
                if (host.Value is TreeMap settings && settings.Find("tls") is { } tls)
                {
                    Refused(diagnostics, [.. registry, "configs", host.Key, "tls"], tls.KeyOrigin, "cannot be set while `config_path` is", help);
                }
            }
        }
    }

    // containerd 2 always has its default runtime `runc` too; containerd 1 has only what the file defines.
    private static void Runtimes(TreeMap config, string[] section, bool two, DiagnosticBag diagnostics)
    {
        if (TreeLeaves.Find(config, [.. section, "default_runtime_name"]) is not TreeScalar { Kind: ScalarKind.String } name
            || (!two && name.Text == "runc")
            || (TreeLeaves.Find(config, [.. section, "runtimes"]) is TreeMap runtimes && runtimes.Find(name.Text) is not null))
        {
            return;
        }

        Refused(
            diagnostics,
            [.. section, "default_runtime_name"],
            name.Origin,
            "names a runtime that `runtimes` does not define",
            "Define the runtime under `runtimes`, or name one that is there.");
    }

    private static void Snapshotter(TreeMap config, string[] path, DiagnosticBag diagnostics)
    {
        if (TreeLeaves.Find(config, path) is TreeScalar { Kind: ScalarKind.String } name
            && !BuiltInSnapshotters.Contains(name.Text)
            && TreeLeaves.Find(config, "proxy_plugins", name.Text) is null
            && config["imports"] is null)
        {
            Refused(
                diagnostics,
                path,
                name.Origin,
                "names a snapshotter that is neither part of containerd nor one of `proxy_plugins`",
                "Define it under `proxy_plugins`, with `type = \"snapshot\"` and its socket's `address`.");
        }
    }

    private static void BinDirs(TreeMap config, string[] cni, DiagnosticBag diagnostics)
    {
        if (TreeLeaves.Find(config, [.. cni, "bin_dir"]) is TreeScalar { Text.Length: > 0 } one
            && TreeLeaves.Find(config, [.. cni, "bin_dirs"]) is TreeList { Items.IsEmpty: false })
        {
            Refused(diagnostics, [.. cni, "bin_dir"], one.Origin, "cannot be set together with `bin_dirs`", "Keep `bin_dirs` alone.");
        }
    }

    private static void PluginNames(TreeMap config, DiagnosticBag diagnostics)
    {
        foreach (var key in (string[])["disabled_plugins", "required_plugins"])
        {
            foreach (var item in (config[key] as TreeList)?.Items ?? [])
            {
                if (item is not TreeScalar { Kind: ScalarKind.String } name)
                {
                    continue;
                }

                if (!name.Text.Contains('.', StringComparison.Ordinal))
                {
                    Refused(diagnostics, [key], item.Origin, "names a plugin without its type", "Write the full id, such as `io.containerd.snapshotter.v1.zfs`.");
                }
                else if (key == "disabled_plugins" && name.Text is ContainerdTemplate.Cri or ContainerdTemplate.CriImages or ContainerdTemplate.CriRuntime)
                {
                    OutOfReach(diagnostics, [key], item.Origin, $"disables {name.Text}, through which the kubelet uses containerd", "Take the plugin out of the list.");
                }
            }
        }
    }

    // containerd 1 refuses such a table, containerd 2 ignores it.
    private static void PluginTables(TreeMap config, DiagnosticBag diagnostics)
    {
        foreach (var plugin in (config["plugins"] as TreeMap)?.Entries ?? [])
        {
            if (!plugin.Key.Contains('.', StringComparison.Ordinal))
            {
                Refused(diagnostics, ["plugins", plugin.Key], plugin.KeyOrigin, "names a plugin without its type", "Write the full id, such as `io.containerd.grpc.v1.cri`.");
            }
        }
    }

    // containerd 1.7 and 2.1 panic at an entry without a type.
    private static void ProxyPlugins(TreeMap config, DiagnosticBag diagnostics)
    {
        foreach (var plugin in (config["proxy_plugins"] as TreeMap)?.Entries ?? [])
        {
            if (plugin.Value is TreeMap settings && settings["type"] is not TreeScalar { Text.Length: > 0 })
            {
                Refused(diagnostics, ["proxy_plugins", plugin.Key], plugin.KeyOrigin, "lacks `type`", "Add `type`, such as `type = \"snapshot\"`.");
            }
        }
    }

    private static void Socket(TreeMap config, ContainerdSchema schema, DiagnosticBag diagnostics)
    {
        string[] path = schema == ContainerdSchema.Four ? ["plugins", ContainerdTemplate.ServerGrpc, "address"] : ["grpc", "address"];
        if (TreeLeaves.Find(config, path) is TreeScalar { Kind: ScalarKind.String } address && address.Text != ContainerdTemplate.Socket)
        {
            OutOfReach(
                diagnostics,
                path,
                address.Origin,
                $"moves containerd's socket, and the kubelet looks for it at {ContainerdTemplate.Socket}",
                "Take the setting out, or set `containerRuntimeEndpoint` in the kubelet's configuration to the same socket.");
        }
    }

    private static void Refused(DiagnosticBag diagnostics, string[] path, Origin origin, string what, string help) =>
        diagnostics.Report(
            DiagnosticCatalogue.ContainerdSettingsContradict,
            $"`{TomlPath.Format(path)}` {what}: containerd will probably refuse it.",
            help,
            origin,
            ContainerdConfiguration.SettingPrefix + TomlPath.Format(path));

    private static void OutOfReach(DiagnosticBag diagnostics, string[] path, Origin origin, string what, string help) =>
        diagnostics.Report(
            DiagnosticCatalogue.ContainerdOutOfReach,
            $"`{TomlPath.Format(path)}` {what}.",
            help,
            origin,
            ContainerdConfiguration.SettingPrefix + TomlPath.Format(path));
}
