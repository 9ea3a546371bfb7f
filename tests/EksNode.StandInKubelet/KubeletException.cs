namespace EksNode.StandInKubelet;

/// <summary>What a kubelet ends with: it says what it does not accept.</summary>
internal sealed class KubeletException(string message) : Exception(message);
