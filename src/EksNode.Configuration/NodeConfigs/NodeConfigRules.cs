using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Which cluster details are known beside the configuration: from EKS DescribeCluster or a facts file.</summary>
/// <param name="ApiServerEndpoint">Whether the API server's URL is known.</param>
/// <param name="CertificateAuthority">Whether the certificate authority is known.</param>
/// <param name="Cidr">Whether the service CIDR is known.</param>
/// <param name="Id">Whether the cluster's id is known.</param>
public sealed record KnownClusterDetails(bool ApiServerEndpoint, bool CertificateAuthority, bool Cidr, bool Id);

/// <summary>Rules for the configuration as a whole, after all sources are merged.</summary>
public static class NodeConfigRules
{
    /// <summary>
    /// Checks that what a node needs is there. The cluster's name is always required: everything else EKS DescribeCluster can
    /// tell.
    /// </summary>
    /// <param name="merged">The merged configuration.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <param name="known">
    /// What is known beside the configuration; null when EKS can still be asked, so that only the name is required.
    /// </param>
    public static void CheckRequired(NodeConfig merged, DiagnosticBag diagnostics, KnownClusterDetails? known = null)
    {
        var cluster = merged.Cluster;
        Require(cluster.Name is not null, "name", "Add the cluster's name.", diagnostics);
        if (known is null)
        {
            return;
        }

        Require(
            cluster.ApiServerEndpoint is not null || known.ApiServerEndpoint,
            "apiServerEndpoint",
            "Add it, as `aws eks describe-cluster --query cluster.endpoint` prints it.",
            diagnostics);
        Require(
            cluster.CertificateAuthority is not null || known.CertificateAuthority,
            "certificateAuthority",
            "Add it, as `aws eks describe-cluster --query cluster.certificateAuthority.data` prints it.",
            diagnostics);
        Require(
            cluster.Cidr is not null || known.Cidr,
            "cidr",
            "Add the service CIDR, as `aws eks describe-cluster --query cluster.kubernetesNetworkConfig` prints it.",
            diagnostics);
        if (cluster.EnableOutpost is { Value: true } outpost)
        {
            Require(
                cluster.Id is not null || known.Id,
                "id",
                "Add the cluster's id, as `aws eks describe-cluster --query cluster.id` prints it: `enableOutpost` needs it.",
                diagnostics,
                outpost.Origin);
        }
    }

    /// <summary>Reports settings that have no effect because another one is missing.</summary>
    /// <param name="merged">The merged configuration.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void CheckUnused(NodeConfig merged, DiagnosticBag diagnostics)
    {
        var storage = merged.Instance.LocalStorage;
        if (storage.Strategy is null)
        {
            Unused(storage.MountPath?.Origin, "spec.instance.localStorage.mountPath", "spec.instance.localStorage.strategy", diagnostics);
            Unused(storage.DisabledMounts?.Origin, "spec.instance.localStorage.disabledMounts", "spec.instance.localStorage.strategy", diagnostics);
        }
    }

    private static void Require(bool there, string key, string help, DiagnosticBag diagnostics, Origin? origin = null)
    {
        if (!there)
        {
            diagnostics.Report(
                DiagnosticCatalogue.MissingSetting, $"`spec.cluster.{key}` is missing.", help, origin, $"spec.cluster.{key}");
        }
    }

    private static void Unused(Origin? origin, string setting, string needed, DiagnosticBag diagnostics)
    {
        if (origin is not null)
        {
            diagnostics.Report(
                DiagnosticCatalogue.UnusedSetting,
                $"`{setting}` has no effect without `{needed}`.",
                $"Set `{needed}`, or leave `{setting}` out.",
                origin,
                setting);
        }
    }
}
