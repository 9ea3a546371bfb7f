using System.Text.Json;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Image.Hardening;
using EksNode.Planning.Plans;

namespace EksNode.Rendering;

/// <summary>The plan of an image for tools: <c>{"lock":{…},"cuda":13,"resources":[{"id":…,"phase":"image","reasons":[…],"controls":[…]}],"bakeable":[…],"controls":[{"id":…,"status":…}]}</c>; <c>cuda</c> is the newest major that containers may have on NVIDIA's driver; a resource that <c>spec.bake</c> moved has <c>"baked":{"gain":…,"cost":…}</c>.</summary>
internal static class ImagePlanJson
{
    /// <summary>Writes the members into an open object.</summary>
    /// <param name="json">Where it is written.</param>
    /// <param name="image">The plan.</param>
    /// <param name="resolved">The resolved part of the lock; null: nothing is resolved.</param>
    /// <param name="redactor">Takes secrets out.</param>
    public static void Write(Utf8JsonWriter json, ImagePlan image, TreeMap? resolved, Redactor redactor)
    {
        json.WritePropertyName("lock");
        json.WriteRawValue(ImageLock.Write(image, resolved));
        if (image.Decisions.Driver is { } driver && CudaCompatibility.Newest(driver.Value) is { } cuda)
        {
            json.WriteNumber("cuda", cuda);
        }

        json.WriteStartArray("resources");
        foreach (var resource in image.Plan.Resources)
        {
            json.WriteStartObject();
            json.WriteString("id", resource.Id);
            json.WriteString("phase", resource.Phase == Phase.Image ? "image" : "boot");
            json.WriteStartArray("reasons");
            foreach (var reason in resource.Reasons)
            {
                json.WriteStartObject();
                json.WriteString("setting", reason.Setting);
                json.WriteString("value", redactor.Redact(reason.Value));
                OriginJson.Write(json, reason.Origin, redactor);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("controls");
            foreach (var control in resource.Controls)
            {
                json.WriteStringValue(control);
            }

            json.WriteEndArray();
            if (image.Baked.Contains(resource.Id) && resource.Baking is { } baking)
            {
                json.WriteStartObject("baked");
                json.WriteString("gain", baking.Gain);
                json.WriteString("cost", baking.Cost);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("bakeable");
        foreach (var id in image.Bakeable)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
        json.WriteStartArray("controls");
        foreach (var control in image.Controls)
        {
            json.WriteStartObject();
            json.WriteString("id", control.Id);
            json.WriteString("title", control.Title);
            json.WriteString("status", ImageControl.Word(control.Status));
            if (control.Reason.Length > 0)
            {
                json.WriteString("reason", control.Reason);
            }

            json.WriteStartArray("resources");
            foreach (var resource in control.Resources)
            {
                json.WriteStringValue(resource);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
