using EksNode.Configuration.Documents;

namespace EksNode.Planning.Containerd;

/// <summary>Reads the sandbox image out of a configuration of containerd, whoever wrote it.</summary>
public static class SandboxSetting
{
    /// <summary>The image; null when the configuration names none, so that containerd's own default counts.</summary>
    /// <param name="config">The configuration.</param>
    public static string? Of(TreeMap config) =>
        (TreeLeaves.Find(config, ["plugins", ContainerdTemplate.CriImages, "pinned_images", "sandbox"])
            ?? TreeLeaves.Find(config, ["plugins", ContainerdTemplate.Cri, "sandbox_image"])) is TreeScalar { Kind: ScalarKind.String } image
            ? image.Text
            : null;
}
