using EksNode.Planning.Plans;

namespace EksNode.Planning.Image.Hardening;

/// <summary><c>spec.profile</c> and <c>spec.fips</c>: what the controls of a profile ask for, as <see cref="ImageHardening"/> decided it.</summary>
internal sealed class HardeningComponent : IImageComponent
{
    /// <inheritdoc/>
    public string Name => "hardening";

    /// <inheritdoc/>
    public string AtBoot => "settings and modules by `spec.kernel` of a NodeConfig; the rest must be there before anything starts";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context) => context.Hardening.Resources;
}
