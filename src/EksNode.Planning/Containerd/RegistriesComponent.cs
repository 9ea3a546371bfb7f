using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Containerd;

/// <summary>
/// <c>spec.registries</c>: a <c>hosts.toml</c> for each registry, which containerd reads at every pull, so that nothing is restarted.
/// </summary>
/// <remarks>Format: containerd, <c>docs/hosts.md</c>. Mirrors are asked in the order of the file.</remarks>
public sealed class RegistriesComponent : IComponent
{
    /// <summary>The folder of registries: the first in the <c>config_path</c> of eksnode's containerd configuration.</summary>
    public const string Folder = "/etc/containerd/certs.d";

    /// <inheritdoc/>
    public string Name => "registries";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        Check(context.Config, context.Diagnostics);
        foreach (var (host, registry) in context.Config.Registries)
        {
            if (registry is { Server: null, Mirrors: null })
            {
                continue;
            }

            var (text, reasons) = Hosts(host, registry);
            yield return new FileResource
            {
                Path = $"{Folder}/{host}/hosts.toml",
                Content = [.. Encoding.UTF8.GetBytes(text)],
                Mode = FileModes.Secret,
                Sensitive = true,
                Baking = Baking.OfSetting,
                Reasons = reasons,
            };
        }
    }

    // Tables in the order of the mirrors, which TomlWriter would sort.
    private static (string Text, ImmutableArray<Reason> Reasons) Hosts(string host, RegistrySettings registry)
    {
        var text = new StringBuilder();
        var reasons = ImmutableArray.CreateBuilder<Reason>();
        if (registry.Server is { } server)
        {
            text.Append(TomlWriter.Write(Tree.Map(("server", Tree.Text(server.Value, server.Origin)))));
            reasons.Add(new Reason($"registries.{host}.server", server.Value, server.Origin));
        }

        foreach (var mirror in registry.Mirrors?.Value ?? [])
        {
            var settings = Settings(mirror);
            var header = $"host.'{mirror.Url.Value}'";
            text.Append(text.Length > 0 ? "\n" : "").Append('[').Append(header).Append("]\n").Append(TomlWriter.Write(settings));
            reasons.Add(new Reason($"registries.{host}.host", mirror.Url.Value, mirror.Url.Origin));
            reasons.AddRange(TreeReasons.Of($"registries.{host}.{header}", settings));
            if (mirror.Headers.IsEmpty)
            {
                continue;
            }

            text.Append("\n[").Append(header).Append(".header]\n");
            foreach (var (name, value) in mirror.Headers)
            {
                text.Append(TomlWriter.Write(Tree.Map((name, Tree.Text(value.Value.Reveal(), value.Origin)))));
                reasons.Add(new Reason($"registries.{host}.{header}.header.{name}", Secret.Redacted, value.Origin));
            }
        }

        return (text.ToString(), reasons.ToImmutable());
    }

    private static TreeMap Settings(RegistryMirror mirror)
    {
        var map = new TreeMap([], mirror.Url.Origin);
        if (mirror.Capabilities is { } capabilities)
        {
            map = map.With("capabilities", Tree.Texts(capabilities.Origin, capabilities.Value.AsSpan()));
        }

        if (mirror.OverridePath is { } path)
        {
            map = map.With("override_path", Tree.Bool(path.Value, path.Origin));
        }

        if (mirror.SkipVerify is { } skip)
        {
            map = map.With("skip_verify", Tree.Bool(skip.Value, skip.Origin));
        }

        if (mirror.CertificateAuthority is { } authority)
        {
            map = map.With("ca", Tree.Text(authority.Value, authority.Origin));
        }

        return mirror.ClientCertificate is not { } certificate
            ? map
            : map.With("client", mirror.ClientKey is { } key
                ? new TreeList([Tree.Texts(certificate.Origin, certificate.Value, key.Value)], certificate.Origin)
                : Tree.Text(certificate.Value, certificate.Origin));
    }

    /// <summary>Warns where the user's own containerd configuration makes containerd look elsewhere.</summary>
    /// <param name="config">The merged configuration.</param>
    /// <param name="diagnostics">Where to report.</param>
    internal static void Check(NodeConfig config, DiagnosticBag diagnostics)
    {
        if (config.Registries.IsEmpty || config.Containerd.Config is not { } user)
        {
            return;
        }

        foreach (var plugin in (ReadOnlySpan<string>)[ContainerdTemplate.Cri, ContainerdTemplate.CriImages])
        {
            if (TreeLeaves.Find(user, ["plugins", plugin, "registry", "config_path"]) is TreeScalar given && !given.Text.Split(':').Contains(Folder))
            {
                diagnostics.Report(
                    DiagnosticCatalogue.RegistriesUnread,
                    $"containerd does not look into {Folder}, where `spec.registries` is written: `config_path` is {Configuration.Values.Quoted.Text(given.Text)}.",
                    $"Add {Folder} to it, or leave it out.",
                    given.Origin,
                    ContainerdConfiguration.SettingPrefix + TomlPath.Format(["plugins", plugin, "registry", "config_path"]));
            }
        }
    }
}
