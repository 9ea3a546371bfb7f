using EksNode.Configuration.NodeConfigs;

namespace EksNode.Configuration.ImageConfigs;

/// <summary>The words of an ImageConfig for what is no text in the model: what the reader accepts, and what is written of it.</summary>
public static class ImageWords
{
    /// <summary><c>spec.architecture</c>: as EC2 has it.</summary>
    public static WordList<Architecture> Architectures { get; } = WordList.Of(["x86_64", "arm64"], [Architecture.X86, Architecture.Arm64]);

    /// <summary><c>spec.variant</c>.</summary>
    public static WordList<ImageVariant> Variants { get; } = WordList.Of(
        ["standard", "nvidia", "neuron"], [ImageVariant.Standard, ImageVariant.Nvidia, ImageVariant.Neuron]);

    /// <summary>What a unit of <c>spec.units</c> may be.</summary>
    public static WordList<UnitState> UnitStates { get; } = WordList.Of(
        ["enabled", "disabled", "masked"], [UnitState.Enabled, UnitState.Disabled, UnitState.Masked]);
}
