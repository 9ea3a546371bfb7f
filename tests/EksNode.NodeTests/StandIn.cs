namespace EksNode.NodeTests;

/// <summary>What the stand-in kubelet says it is.</summary>
internal static class StandIn
{
    public const string KubernetesMinor = "1.33";
}
