using System.Globalization;
using System.Text;
using System.Text.Json;
using EksNode.Imaging.Bills;

namespace EksNode.Rendering;

/// <summary>A bill of materials as SPDX 2.3 (spdx.github.io/spdx-spec/v2.3). What nobody tells is <c>NOASSERTION</c>.</summary>
internal static class SpdxJson
{
    private const string Unknown = "NOASSERTION";
    private const string Image = "SPDXRef-Image";

    /// <summary>Writes the document.</summary>
    public static void Write(Utf8JsonWriter json, BillOfMaterials bill)
    {
        json.WriteStartObject();
        json.WriteString("spdxVersion", "SPDX-2.3");
        json.WriteString("dataLicense", "CC0-1.0");
        json.WriteString("SPDXID", "SPDXRef-DOCUMENT");
        json.WriteString("name", bill.Name);
        json.WriteString("documentNamespace", $"https://eksnode.io/spdx/{bill.Name}-{bill.Hash}");
        json.WriteStartObject("creationInfo");
        json.WriteString("created", bill.Created);
        json.WriteStartArray("creators");
        json.WriteStringValue("Tool: eksnode-" + ProductVersion.Text);
        json.WriteEndArray();
        json.WriteEndObject();

        var licenses = new SortedDictionary<string, string>(StringComparer.Ordinal);
        json.WriteStartArray("packages");
        json.WriteStartObject();
        json.WriteString("SPDXID", Image);
        json.WriteString("name", bill.Name);
        json.WriteString("versionInfo", bill.Version);
        json.WriteString("primaryPackagePurpose", "OPERATING_SYSTEM");
        WriteUnknown(json, null);
        json.WriteEndObject();
        for (var i = 0; i < bill.Components.Count; i++)
        {
            Write(json, bill.Components[i], Id(i), licenses);
        }

        json.WriteEndArray();
        if (licenses.Count > 0)
        {
            json.WriteStartArray("hasExtractedLicensingInfos");
            foreach (var (id, text) in licenses)
            {
                json.WriteStartObject();
                json.WriteString("licenseId", id);
                json.WriteString("extractedText", text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteStartArray("relationships");
        Relate(json, "SPDXRef-DOCUMENT", "DESCRIBES", Image);
        for (var i = 0; i < bill.Components.Count; i++)
        {
            Relate(json, Image, "CONTAINS", Id(i));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, BillComponent component, string id, SortedDictionary<string, string> licenses)
    {
        json.WriteStartObject();
        json.WriteString("SPDXID", id);
        json.WriteString("name", component.Name);
        json.WriteString("versionInfo", component.Version);
        if (component.Kind != BillKind.Package)
        {
            json.WriteString("primaryPackagePurpose", component.Kind == BillKind.Program ? "APPLICATION" : "CONTAINER");
        }

        if (component.Supplier is { } supplier)
        {
            json.WriteString("supplier", "Organization: " + supplier);
        }

        string? license = null;
        if (component.License is { } words)
        {
            // The words of a packager are no expression of SPDX's own names.
            license = LicenseId(words);
            licenses[license] = words;
        }

        WriteUnknown(json, license, component.Url);
        if (component.Sha256 is { } sha256)
        {
            json.WriteStartArray("checksums");
            json.WriteStartObject();
            json.WriteString("algorithm", "SHA256");
            json.WriteString("checksumValue", sha256);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteStartArray("externalRefs");
        json.WriteStartObject();
        json.WriteString("referenceCategory", "PACKAGE-MANAGER");
        json.WriteString("referenceType", "purl");
        json.WriteString("referenceLocator", component.Purl);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteUnknown(Utf8JsonWriter json, string? license, string? url = null)
    {
        json.WriteString("downloadLocation", url ?? Unknown);
        json.WriteBoolean("filesAnalyzed", false);
        json.WriteString("licenseConcluded", Unknown);
        json.WriteString("licenseDeclared", license ?? Unknown);
        json.WriteString("copyrightText", Unknown);
    }

    private static void Relate(Utf8JsonWriter json, string from, string type, string to)
    {
        json.WriteStartObject();
        json.WriteString("spdxElementId", from);
        json.WriteString("relationshipType", type);
        json.WriteString("relatedSpdxElement", to);
        json.WriteEndObject();
    }

    private static string Id(int index) => string.Create(CultureInfo.InvariantCulture, $"SPDXRef-Component-{index + 1}");

    // Letters, digits, `.` and `-`; other characters by their number, so that two texts never share an id.
    private static string LicenseId(string words)
    {
        var id = new StringBuilder("LicenseRef-");
        foreach (var letter in words)
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter is '.')
            {
                id.Append(letter);
            }
            else
            {
                id.Append(CultureInfo.InvariantCulture, $"-{(int)letter:x}-");
            }
        }

        return id.ToString();
    }
}
