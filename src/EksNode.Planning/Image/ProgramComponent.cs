using EksNode.Configuration.ImageConfigs;
using EksNode.Planning.Accelerators;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>Programs that are downloaded from their publishers.</summary>
internal sealed class ProgramComponent : IImageComponent
{
    /// <inheritdoc/>
    public string Name => "programs";

    /// <inheritdoc/>
    public string AtBoot => "no: a node that downloads programs cannot start without their publishers";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        foreach (var component in context.Decisions.Components)
        {
            if (component.Url is not { } url)
            {
                continue;
            }

            yield return new BinaryResource
            {
                Path = component.Files[0].Path.TrimEnd('/'),
                Name = component.Name,
                Version = component.Version,
                Url = url,
                Sha256 = component.Sha256,
                IsArchive = component.IsArchive,
                Files = component.Files,
                Signature = component.Signature,
                Signer = component.Signer,
                SignerKeys = component.SignerKeys,
                Reasons = [new Reason("components." + component.Name, component.Version?.ToString() ?? component.Constraint.Text, component.Origin)],
            };
        }

        if (context.Decisions.Variant.Value == ImageVariant.Nvidia)
        {
            foreach (var (word, archive) in context.Config.Nvidia.Archives)
            {
                yield return Archive(NvidiaModule.BuildOf(word), archive, "nvidia.archives." + word);
            }
        }
    }

    // It stays an archive: dkms takes it at boot.
    private static BinaryResource Archive(string build, ComponentSettings archive, string setting)
    {
        var path = $"{NvidiaModule.ArchiveFolder}/{build}/{build}.tar.gz";
        return new BinaryResource
        {
            Path = path,
            Name = build,
            Version = null,
            Url = archive.Source!.Value,
            Sha256 = archive.Sha256!.Value,
            IsArchive = false,
            Files = [new InstalledFile(build + ".tar.gz", path)],
            Reasons = [new Reason(setting, archive.Source.Value, archive.Source.Origin)],
        };
    }
}
