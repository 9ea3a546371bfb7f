using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs.KubeletRules;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Finds every secret of a configuration, so that a <see cref="Redactor"/> can take it out of whatever is printed.</summary>
public static class NodeConfigSecrets
{
    // Tables of containerd's registry settings that hold credentials only.
    private static readonly string[] CredentialTables = ["auth", "header", "headers"];

    private static readonly string[] CredentialFlags = ["--manifest-url-header", "--storage-driver-password"];

    /// <summary>All secrets, in the order of the model. The same one may come twice.</summary>
    public static IEnumerable<Secret> Of(NodeConfig config) =>
    [
        .. Named(config.Metadata),
        .. Environment(config),
        .. Flags(config.Kubelet.Flags),
        .. Kubelet(config.Kubelet.Config),
        .. Containerd(config.Containerd.Config, inCredentials: false),
        .. Assignments(config.Containerd.BaseRuntimeSpec),
    ];

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

    private static IEnumerable<Secret> Flags(ImmutableArray<Sourced<string>> flags)
    {
        foreach (var argument in KubeletArguments.Split(flags, ""))
        {
            var value = argument.Value ?? "";
            var isCredential = CredentialFlags.Contains(argument.Name)
                || argument.Name.EndsWith("password", StringComparison.OrdinalIgnoreCase)
                || argument.Name.EndsWith("token", StringComparison.OrdinalIgnoreCase);
            if (isCredential && value.Length > 0)
            {
                yield return new Secret(value);
                var colon = value.IndexOf(':', StringComparison.Ordinal);
                if (argument.Name == "--manifest-url-header" && colon >= 0)
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
                foreach (var item in list.Items)
                {
                    foreach (var secret in Containerd(item, inCredentials))
                    {
                        yield return secret;
                    }
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
