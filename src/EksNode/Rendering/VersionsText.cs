using System.Text.Json;
using EksNode.Host.Inventory;

namespace EksNode.Rendering;

/// <summary>Components and their versions, for people, documents and tools.</summary>
internal static class VersionsText
{
    /// <summary>Writes a table for each kind.</summary>
    public static void WriteTable(TextWriter writer, IReadOnlyList<NodeComponent> components, Style style)
    {
        var (name, version) = (0, 0);
        foreach (var component in components)
        {
            name = Math.Max(name, component.Name.Length);
            version = Math.Max(version, Version(component).Length);
        }

        ComponentKind? kind = null;
        foreach (var component in components)
        {
            if (component.Kind != kind)
            {
                writer.Write(kind is null ? "" : "\n");
                kind = component.Kind;
                writer.WriteLine(style.Bold(Title(component.Kind)));
            }

            writer.WriteLine($"  {component.Name.PadRight(name)}  {Version(component).PadRight(version)}  {style.Dim(Remark(component))}".TrimEnd());
        }
    }

    /// <summary>Writes a table of Markdown for each kind.</summary>
    public static void WriteMarkdown(TextWriter writer, IReadOnlyList<NodeComponent> components)
    {
        ComponentKind? kind = null;
        foreach (var component in components)
        {
            if (component.Kind != kind)
            {
                writer.Write(kind is null ? "" : "\n");
                kind = component.Kind;
                writer.WriteLine($"## {Title(component.Kind)}\n\n| name | version | |\n| --- | --- | --- |");
            }

            writer.WriteLine($"| {Cell(component.Name)} | {Cell(Version(component))} | {Cell(Remark(component))} |");
        }
    }

    /// <summary>Writes comma-separated values (RFC 4180) with a header line.</summary>
    public static void WriteCsv(TextWriter writer, IReadOnlyList<NodeComponent> components)
    {
        writer.WriteLine("name,kind,version,source,path,architecture,digest");
        foreach (var component in components)
        {
            writer.WriteLine(string.Join(
                ',',
                MaxPodsText.Cell(component.Name),
                Word(component.Kind),
                MaxPodsText.Cell(component.Version ?? ""),
                component.Source,
                MaxPodsText.Cell(component.Path ?? ""),
                component.Architecture ?? "",
                component.Digest ?? ""));
        }
    }

    /// <summary>Writes the items into an open array: <c>{"name":…,"kind":…,"version":…,"source":…,"path":…}</c>.</summary>
    public static void WriteJson(Utf8JsonWriter json, IReadOnlyList<NodeComponent> components)
    {
        foreach (var component in components)
        {
            json.WriteStartObject();
            json.WriteString("name", component.Name);
            json.WriteString("kind", Word(component.Kind));
            json.WriteString("version", component.Version);
            json.WriteString("source", component.Source);
            Optional(json, "path", component.Path);
            Optional(json, "architecture", component.Architecture);
            Optional(json, "digest", component.Digest);
            json.WriteEndObject();
        }
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static string Word(ComponentKind kind) => kind switch
    {
        ComponentKind.Program => "binary",
        ComponentKind.Kernel => "kernel",
        ComponentKind.KernelModule => "module",
        ComponentKind.ContainerImage => "image",
        _ => "package",
    };

    private static string Title(ComponentKind kind) => kind switch
    {
        ComponentKind.Program => "Programs",
        ComponentKind.Kernel => "Kernels",
        ComponentKind.KernelModule => "Kernel modules",
        ComponentKind.ContainerImage => "Container images",
        _ => "Packages",
    };

    private static string Version(NodeComponent component) => component.Version ?? "not known";

    private static string Remark(NodeComponent component) =>
        component.Kind switch
        {
            ComponentKind.Package => component.Architecture ?? "",
            ComponentKind.Kernel => component.Source,
            ComponentKind.ContainerImage => component.Digest == component.Version ? "" : component.Digest ?? "",
            _ => component.Path ?? "",
        };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
