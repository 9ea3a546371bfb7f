using System.Text.Json;
using EksNode.Imaging.Bills;

namespace EksNode.Rendering;

/// <summary>A bill of materials as CycloneDX 1.6 (cyclonedx.org/docs/1.6/json).</summary>
internal static class CycloneDxJson
{
    private const string Image = "image";

    /// <summary>Writes the document.</summary>
    public static void Write(Utf8JsonWriter json, BillOfMaterials bill)
    {
        json.WriteStartObject();
        json.WriteString("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
        json.WriteString("bomFormat", "CycloneDX");
        json.WriteString("specVersion", "1.6");
        json.WriteString("serialNumber", "urn:uuid:" + bill.Uuid);
        json.WriteNumber("version", 1);
        json.WriteStartObject("metadata");
        json.WriteString("timestamp", bill.Created);
        json.WriteStartObject("tools");
        json.WriteStartArray("components");
        Begin(json, "application", "eksnode", ProductVersion.Text, null);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("component");
        json.WriteString("type", "operating-system");
        json.WriteString("bom-ref", Image);
        json.WriteString("name", bill.Name);
        json.WriteString("version", bill.Version);
        json.WriteEndObject();
        json.WriteEndObject();

        json.WriteStartArray("components");
        foreach (var component in bill.Components)
        {
            Write(json, component);
        }

        json.WriteEndArray();
        json.WriteStartArray("dependencies");
        json.WriteStartObject();
        json.WriteString("ref", Image);
        json.WriteStartArray("dependsOn");
        foreach (var component in bill.Components)
        {
            json.WriteStringValue(component.Purl);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, string type, string name, string version, string? reference)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        if (reference is not null)
        {
            json.WriteString("bom-ref", reference);
        }

        json.WriteString("name", name);
        json.WriteString("version", version);
    }

    private static void Write(Utf8JsonWriter json, BillComponent component)
    {
        var type = component.Kind switch
        {
            BillKind.Package => "library",
            BillKind.Program => "application",
            _ => "container",
        };
        Begin(json, type, component.Name, component.Version, component.Purl);
        if (component.Supplier is { } supplier)
        {
            json.WriteString("publisher", supplier);
        }

        if (component.Sha256 is { } sha256)
        {
            json.WriteStartArray("hashes");
            json.WriteStartObject();
            json.WriteString("alg", "SHA-256");
            json.WriteString("content", sha256);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        if (component.License is { } license)
        {
            json.WriteStartArray("licenses");
            json.WriteStartObject();
            json.WriteStartObject("license");
            json.WriteString("name", license);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteString("purl", component.Purl);
        if (component.Url is { } url)
        {
            json.WriteStartArray("externalReferences");
            json.WriteStartObject();
            json.WriteString("type", "distribution");
            json.WriteString("url", url);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
