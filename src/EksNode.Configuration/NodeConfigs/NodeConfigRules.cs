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
        var beside = Beside(cluster);
        Require(cluster.Name is not null, "name", "Add the cluster's name.", diagnostics, beside);
        if (known is null)
        {
            return;
        }

        Require(
            cluster.ApiServerEndpoint is not null || known.ApiServerEndpoint,
            "apiServerEndpoint",
            "Add it, as `aws eks describe-cluster --query cluster.endpoint` prints it.",
            diagnostics,
            beside);
        Require(
            cluster.CertificateAuthority is not null || known.CertificateAuthority,
            "certificateAuthority",
            "Add it, as `aws eks describe-cluster --query cluster.certificateAuthority.data` prints it.",
            diagnostics,
            beside);
        Require(
            cluster.Cidr is not null || known.Cidr,
            "cidr",
            "Add the service CIDR, as `aws eks describe-cluster --query cluster.kubernetesNetworkConfig` prints it.",
            diagnostics,
            beside);
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

    /// <summary>
    /// Checks that a cluster is named, before a node reads the configuration: always by the sources of a node together; by a single
    /// file, which may be a part of them, only when it describes a cluster.
    /// </summary>
    /// <param name="config">The configuration.</param>
    /// <param name="whole">Whether these are all sources of a node.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void CheckCluster(NodeConfig config, bool whole, DiagnosticBag diagnostics)
    {
        var cluster = config.Cluster;
        var details = (cluster.ApiServerEndpoint is null ? 0 : 1) + (cluster.CertificateAuthority is null ? 0 : 1) + (cluster.Cidr is null ? 0 : 1);
        if (whole || details > 1)
        {
            CheckRequired(config, diagnostics);
        }
    }

    /// <summary>Reports settings that have no effect because another one is missing.</summary>
    /// <param name="merged">The merged configuration.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void CheckUnused(NodeConfig merged, DiagnosticBag diagnostics)
    {
        if (!merged.Proxy.IsSet)
        {
            Unused(merged.Proxy.NoProxy?.Origin, "spec.proxy.noProxy", "spec.proxy.https", diagnostics);
        }

        CheckReplacement(merged.Kubelet, diagnostics);
        var storage = merged.Instance.LocalStorage;
        if (storage.Strategy is null)
        {
            Unused(storage.MountPath?.Origin, "spec.instance.localStorage.mountPath", "spec.instance.localStorage.strategy", diagnostics);
            Unused(storage.DisabledMounts?.Origin, "spec.instance.localStorage.disabledMounts", "spec.instance.localStorage.strategy", diagnostics);
            Unused(storage.Match?.Origin, "spec.instance.localStorage.match", "spec.instance.localStorage.strategy", diagnostics);
            Unused(storage.Seed?.Origin, "spec.instance.localStorage.seed", "spec.instance.localStorage.strategy", diagnostics);
            if (merged.Instance.Volumes.IsEmpty)
            {
                Unused(merged.Instance.StorageEarly?.Origin, "spec.instance.storage.early", "spec.instance.storage.volumes", diagnostics);
            }
        }
    }

    /// <summary>Reports <c>configMode: Replace</c> without a document that replaces.</summary>
    /// <param name="kubelet">The kubelet's settings.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static void CheckReplacement(KubeletSettings kubelet, DiagnosticBag diagnostics)
    {
        if (kubelet is { Replaces: true, Config: null or { Entries.IsEmpty: true }, ConfigFile: null })
        {
            diagnostics.Report(
                DiagnosticCatalogue.KubeletReplacementEmpty,
                "`spec.kubelet.configMode` is `Replace`, and there is no configuration to replace eksnode's with: the kubelet runs with its own defaults.",
                "Write it in `spec.kubelet.config`, or name it with `spec.kubelet.configFile`, or use `configMode: Merge`.",
                kubelet.ConfigMode!.Origin,
                "spec.kubelet.configMode");
        }
    }

    // What is missing has no place; where the cluster's other settings stand is where it belongs.
    private static Origin? Beside(ClusterSettings cluster) =>
        cluster.Name?.Origin ?? cluster.ApiServerEndpoint?.Origin ?? cluster.Cidr?.Origin ?? cluster.CertificateAuthority?.Origin;

    private static void Require(bool there, string key, string help, DiagnosticBag diagnostics, Origin? origin = null)
    {
        // A value that is there but wrong was reported where it stands, and left out.
        var path = $"spec.cluster.{key}";
        if (!there && !diagnostics.Items.Any(d => d.Severity == Severity.Error && (d.Path == path || d.Path is "spec" or "spec.cluster")))
        {
            diagnostics.Report(
                DiagnosticCatalogue.MissingSetting, $"`{path}` is missing.", help, origin, path);
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
