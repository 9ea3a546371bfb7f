using EksNode.Planning.Facts;

namespace EksNode.Planning.Plans;

/// <summary>The permission bits of what eksnode writes.</summary>
public static class FileModes
{
    /// <summary>0600: whatever can hold a user's secret.</summary>
    public const int Secret = 0x180;

    /// <summary>0644: what any user may read.</summary>
    public const int Public = 0x1A4;

    /// <summary>
    /// The certificate authority and the generated kubelet configuration hold no secret: any user may read them, unless the image
    /// has a CIS or STIG profile, which want 0600 (CIS Amazon EKS Benchmark 3.1 and 3.2; Kubernetes STIG V-242405 and V-242406).
    /// </summary>
    public static int ForProfile(ImageFacts image) => image.Profile is { } profile
        && (profile.StartsWith("cis", StringComparison.OrdinalIgnoreCase) || profile.StartsWith("stig", StringComparison.OrdinalIgnoreCase))
        ? Secret
        : Public;
}
