using EksNode.Configuration.Sources;

namespace EksNode.Configuration.Schemas;

/// <summary>The JSON Schema (2020-12) of an ImageConfig, for editors: made of the table of its settings. A key that it does not know does not conform.</summary>
public static class ImageConfigSchema
{
    /// <summary>The schema.</summary>
    public static string Write() => SchemaNode.Write($"{ApiGroups.ImageConfig} ({ApiGroups.EksNodeV1Alpha1})", NodeConfigField.OfImageConfig());
}
