using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;

namespace EksNode.Planning.Image;

/// <summary>
/// FIPS mode is for regions in which AWS has FIPS endpoints: elsewhere a node in FIPS mode would fetch its images from endpoints that are not validated
/// ("Amazon ECR endpoints and quotas" in the AWS General Reference; <c>ecr-registries.tsv</c>).
/// </summary>
internal static class FipsRegions
{
    /// <summary>Reports every registry and cluster that the document names and that is in another region.</summary>
    public static void Check(ImageConfig config, DiagnosticBag diagnostics)
    {
        if (config.Images is { } images)
        {
            for (var i = 0; i < images.Value.Length; i++)
            {
                Check(images.Value[i].Split('/')[0], images.Origin, SettingPath.Item("spec.images", i), diagnostics);
            }
        }

        var prefetched = (config.Node?["images"] as TreeMap)?["prefetch"] as TreeList;
        for (var i = 0; i < (prefetched?.Items.Length ?? 0); i++)
        {
            if (prefetched!.Items[i] is TreeScalar image)
            {
                Check(image.Text.Split('/')[0], image.Origin, SettingPath.Item("spec.node.images.prefetch", i), diagnostics);
            }
        }

        foreach (var registry in (config.Node?["registries"] as TreeMap)?.Entries ?? [])
        {
            Check(registry.Key, registry.KeyOrigin, SettingPath.Child("spec.node.registries", registry.Key), diagnostics);
        }

        if ((config.Node?["cluster"] as TreeMap)?["apiServerEndpoint"] is TreeScalar endpoint && Uri.TryCreate(endpoint.Text, UriKind.Absolute, out var url))
        {
            Check(url.Host, endpoint.Origin, "spec.node.cluster.apiServerEndpoint", diagnostics);
        }
    }

    private static void Check(string host, Origin origin, string path, DiagnosticBag diagnostics)
    {
        if (EksRegistry.RegionWithoutFips(host) is { } region)
        {
            diagnostics.Report(
                DiagnosticCatalogue.ImageContradiction,
                $"`{host}` is in {region}, where ECR has no FIPS endpoint, and the image is in FIPS mode.",
                $"Name one in a region that has them ({string.Join(", ", EksRegistry.FipsRegions)}), or leave `fips: true` out.",
                origin,
                path);
        }
    }
}
