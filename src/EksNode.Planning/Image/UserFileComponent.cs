using System.Collections.Immutable;
using System.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary><c>spec.files</c>.</summary>
internal sealed class UserFileComponent : IImageComponent
{
    /// <inheritdoc/>
    public string Name => "own files";

    /// <inheritdoc/>
    public string AtBoot => "`spec.hooks` of a NodeConfig, or user data for cloud-init";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        foreach (var (path, settings) in context.Config.Files)
        {
            ImmutableArray<byte> content;
            if (settings.Content is { } text)
            {
                content = [.. Encoding.UTF8.GetBytes(text.Value)];
            }
            else if (!context.Files.TryGetValue(path, out content))
            {
                // It was reported when it could not be read.
                continue;
            }

            yield return new FileResource
            {
                Path = path,
                Content = content,
                Mode = settings.Mode?.Value ?? FileModes.Public,
                Reasons = [new Reason("files", path, settings.Origin)],
            };
        }
    }
}
