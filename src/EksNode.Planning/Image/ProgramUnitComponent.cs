using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>
/// The units of programs that come without one: the publishers' archives have programs alone, and so has Debian's package of the SOCI snapshotter. They are the files below <c>image/units/</c>.
/// </summary>
internal sealed class ProgramUnitComponent : IImageComponent
{
    private const string Prefix = "image/units/";

    /// <inheritdoc/>
    public string Name => "units of downloads";

    /// <inheritdoc/>
    public string AtBoot => "no: a boot begins with these units";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        foreach (var component in context.Decisions.Components)
        {
            string[] units = component.Name switch
            {
                "containerd" when component.Package is null => ["containerd.service"],
                "sociSnapshotter" when component.Package is null || !context.Decisions.IsAmazonLinux => ["soci-snapshotter.service"],
                _ => [],
            };
            foreach (var resource in Files(units, component.Name))
            {
                yield return resource;
            }
        }
    }

    private static ImmutableArray<FileResource> Files(string[] units, string component)
    {
        var files = new FileResource[units.Length];
        for (var i = 0; i < files.Length; i++)
        {
            using var stream = typeof(ProgramUnitComponent).Assembly.GetManifestResourceStream(Prefix + units[i])!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            files[i] = new FileResource
            {
                Path = $"{UnitStateComponent.Folder}/{units[i]}",
                Content = ImmutableArray.Create(bytes),
                Reasons = [new Reason("components." + component, units[i], Origin.Default("what it comes from has the program alone"))],
            };
        }

        return ImmutableArray.Create(files);
    }
}
