using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Finds every secret of a configuration, so that a <see cref="Redactor"/> can take it out of whatever is printed.</summary>
public static class NodeConfigSecrets
{
    // Tables of containerd's registry settings that hold credentials only.
    private static readonly string[] CredentialTables = ["auth", "header", "headers"];

    /// <summary>All secrets, in the order of the model. The same one may come twice.</summary>
    public static IEnumerable<Secret> Of(NodeConfig config) =>
    [
        .. Named(config.Metadata),
        .. Environment(config),
        .. Hooks(config.Hooks),
        .. Proxy(config.Proxy),
        .. Registries(config.Registries),
        .. Providers(config.CredentialProviders),
        .. Flags(config.Kubelet.Flags),
        .. Kubelet(config.Kubelet.Config),
        .. Containerd(config.Containerd.Config, inCredentials: false),
        .. config.Containerd.Layers.SelectMany(layer => Containerd(layer, inCredentials: false)),
        .. Assignments(config.Containerd.BaseRuntimeSpec),
    ];

    /// <summary>The secrets of a containerd configuration.</summary>
    /// <param name="config">The configuration.</param>
    public static IEnumerable<Secret> OfContainerd(TreeMap config) => Containerd(config, inCredentials: false);

    /// <summary>The secrets of a KubeletConfiguration.</summary>
    /// <param name="config">The configuration.</param>
    public static IEnumerable<Secret> OfKubelet(TreeMap config) => Kubelet(config);

    /// <summary>The secrets of a base runtime spec.</summary>
    /// <param name="spec">The spec.</param>
    public static IEnumerable<Secret> OfRuntimeSpec(TreeMap spec) => Assignments(spec);

    /// <summary>The secrets of kubelet arguments as they stand on one line.</summary>
    /// <param name="arguments">The arguments, with quotes as systemd reads them.</param>
    public static IEnumerable<Secret> OfKubeletArguments(string arguments) => Flags([new Sourced<string>(arguments, Origin.Default("a line of arguments"))]);

    private static IEnumerable<Secret> Environment(NodeConfig config)
    {
        foreach (var (_, variables) in config.Instance.Environment)
        {
            foreach (var (name, value) in variables)
            {
                foreach (var secret in Redactor.SecretsIn(name, value.Value.Reveal()))
                {
                    yield return secret;
                }
            }
        }
    }

    /// <summary>The secrets of a proxy.</summary>
    /// <param name="proxy">The proxy.</param>
    public static IEnumerable<Secret> OfProxy(ProxySettings proxy) => Proxy(proxy);

    // By the form of a URL not every password would be found: quotes end one.
    private static IEnumerable<Secret> Proxy(ProxySettings proxy)
    {
        foreach (var url in new[] { proxy.Http, proxy.Https })
        {
            var user = url is null ? "" : ProxyUrl.UserOf(url.Value.Reveal());
            var password = user[(user.IndexOf(':', StringComparison.Ordinal) + 1)..];
            if (user.Length > 0)
            {
                yield return new Secret(user);
                yield return new Secret(password);
                yield return new Secret(Uri.UnescapeDataString(password));
            }
        }
    }

    private static IEnumerable<Secret> Hooks(HookSettings hooks)
    {
        foreach (var (_, list) in hooks.ByStage)
        {
            foreach (var (hook, origin) in list)
            {
                foreach (var (name, value) in hook.Environment)
                {
                    foreach (var secret in Redactor.SecretsIn(name, value.Value.Reveal()))
                    {
                        yield return secret;
                    }
                }

                // As arguments of any program: the value of `--password` is the next one.
                foreach (var secret in Containerd(new TreeList([.. hook.Command.Select(word => TreeScalar.Of(word, origin))], origin), inCredentials: false))
                {
                    yield return secret;
                }
            }
        }
    }

    private static IEnumerable<Secret> Registries(SortedMap<RegistrySettings> registries)
    {
        foreach (var (_, registry) in registries)
        {
            foreach (var mirror in registry.Mirrors?.Value ?? [])
            {
                foreach (var (_, header) in mirror.Headers)
                {
                    yield return header.Value;
                }
            }
        }
    }

    /// <summary>The secrets of a CredentialProviderConfig.</summary>
    /// <param name="config">The configuration.</param>
    public static IEnumerable<Secret> OfCredentialProviders(TreeMap config) =>
        config["providers"] is TreeList list ? Providers([.. list.Items.OfType<TreeMap>()]) : [];

    // What a provider is given in its environment is for it alone; of its arguments, what has the form of a secret.
    private static IEnumerable<Secret> Providers(ImmutableArray<TreeMap> providers)
    {
        foreach (var provider in providers)
        {
            foreach (var variable in provider["env"] is TreeList list ? list.Items : [])
            {
                if ((variable as TreeMap)?["value"] is TreeScalar { Kind: ScalarKind.String, Text.Length: > 0 } value)
                {
                    yield return new Secret(value.Text);
                }
            }

            foreach (var secret in Containerd(provider["args"], inCredentials: false))
            {
                yield return secret;
            }
        }
    }

    private static IEnumerable<Secret> Flags(ImmutableArray<Sourced<string>> flags)
    {
        foreach (var argument in KubeletArguments.Split(flags, ""))
        {
            var value = argument.Value ?? "";
            if (argument.IsCredential && value.Length > 0)
            {
                yield return new Secret(value);
                var colon = value.IndexOf(':', StringComparison.Ordinal);
                if (colon >= 0)
                {
                    yield return new Secret(value[(colon + 1)..].Trim());
                }
            }

            foreach (var secret in Redactor.SecretsIn("", value))
            {
                yield return secret;
            }
        }
    }

    // By name, half of the kubelet's settings would look secret (imagePullCredentialsVerificationPolicy), so only its one
    // setting that holds credentials counts, and what has the form of one.
    private static IEnumerable<Secret> Kubelet(TreeMap? config)
    {
        foreach (var (key, scalar) in Scalars(config))
        {
            foreach (var secret in Redactor.SecretsIn("", scalar.Text))
            {
                yield return secret;
            }
        }

        foreach (var (_, header) in Scalars(config?["staticPodURLHeader"]))
        {
            yield return new Secret(header.Text);
        }
    }

    private static IEnumerable<Secret> Containerd(TreeNode? node, bool inCredentials)
    {
        switch (node)
        {
            case TreeMap map:
                foreach (var entry in map.Entries)
                {
                    if (entry.Value is TreeScalar { Kind: ScalarKind.String } scalar)
                    {
                        foreach (var secret in Redactor.SecretsIn(entry.Key, scalar.Text))
                        {
                            yield return secret;
                        }
                    }

                    foreach (var secret in Containerd(
                        entry.Value, inCredentials || CredentialTables.Contains(entry.Key, StringComparer.OrdinalIgnoreCase)))
                    {
                        yield return secret;
                    }
                }

                break;
            case TreeList list:
                var isNamed = false;
                foreach (var item in list.Items)
                {
                    // Arguments of a program: the value of `--password` is the next one.
                    foreach (var secret in Containerd(item, inCredentials || isNamed))
                    {
                        yield return secret;
                    }

                    isNamed = item is TreeScalar { Kind: ScalarKind.String } word && word.Text.StartsWith('-')
                        && !word.Text.Contains('=', StringComparison.Ordinal) && Redactor.IsSecretName(word.Text);
                }

                break;
            case TreeScalar { Kind: ScalarKind.String } scalar:
                foreach (var secret in Redactor.SecretsIn("", scalar.Text))
                {
                    yield return secret;
                }

                if (inCredentials && scalar.Text.Length > 0)
                {
                    yield return new Secret(scalar.Text);
                }

                break;
        }
    }

    // Environments of processes and hooks: lists of NAME=value.
    private static IEnumerable<Secret> Assignments(TreeMap? spec)
    {
        foreach (var (key, scalar) in Scalars(spec))
        {
            var equals = scalar.Text.IndexOf('=', StringComparison.Ordinal);
            foreach (var secret in equals > 0
                ? Redactor.SecretsIn(scalar.Text[..equals], scalar.Text[(equals + 1)..])
                : Redactor.SecretsIn(key, scalar.Text))
            {
                yield return secret;
            }
        }
    }

    private static IEnumerable<Secret> Named(TreeMap? map)
    {
        foreach (var (key, scalar) in Scalars(map))
        {
            foreach (var secret in Redactor.SecretsIn(key, scalar.Text))
            {
                yield return secret;
            }
        }
    }

    private static IEnumerable<(string Key, TreeScalar Scalar)> Scalars(TreeNode? node, string key = "") => node switch
    {
        TreeMap map => map.Entries.SelectMany(entry => Scalars(entry.Value, entry.Key)),
        TreeList list => list.Items.SelectMany(item => Scalars(item, key)),
        TreeScalar { Kind: ScalarKind.String } scalar => [(key, scalar)],
        _ => [],
    };
}
