using System.Text;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Tests.Cases;

/// <summary>What a node would get, as files: those of the plan, a <c>manifest</c> of everything in it, and the <c>diagnostics</c>.</summary>
internal static class Effects
{
    public const string Manifest = "manifest";
    public const string Diagnostics = "diagnostics";

    public static SortedDictionary<string, string> Of(Plan? plan, DiagnosticBag diagnostics)
    {
        var effects = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [Manifest] = string.Concat((plan?.Resources ?? []).Select(Line)),
        };
        if (diagnostics.Items.Count > 0)
        {
            effects[Diagnostics] = string.Concat(diagnostics.Items.Select(Text));
        }

        foreach (var file in plan?.Resources.OfType<FileResource>() ?? [])
        {
            effects.Add(file.Path[1..], Encoding.UTF8.GetString(file.Content.AsSpan()));
        }

        return effects;
    }

    private static string Line(Resource resource)
    {
        var line = resource switch
        {
            FileResource file => $"file {Octal(file.Mode)} {file.Path}{(file.Sensitive ? " secret" : "")}",
            DirectoryResource directory => $"directory {Octal(directory.Mode)} {directory.Path}",
            SymlinkResource link => $"symlink {link.Path} to {link.Target}",
            HostsEntryResource hosts => $"hosts {hosts.Path}: {hosts.HostName} {string.Join(' ', hosts.Addresses)}".TrimEnd(),
            KernelModuleResource { Build: "" } module => $"kernel module {module.Name}",
            SysctlResource sysctl => $"sysctl {sysctl.Name} = {sysctl.Value}",
            KernelModuleResource module => $"kernel module {module.Name}, build {module.Build}",
            ReleasedResource released => $"released {released.Path} to {released.Owner}",
            RaidResource raid => $"{raid.Id} level {raid.Level} of {string.Join(' ', raid.Members.Select(m => m.Name))}{Early(raid)}",
            FilesystemResource system => $"{system.Id} {system.Type} on {system.Device.Raid ?? system.Device.Volume?.ToString() ?? "one of " + string.Join(' ', system.Device.Pool.Select(m => m.Name))}{Early(system)}",
            MountResource { Directory: { } directory } mount =>
                $"{mount.Id} from {mount.FilesystemPath}/{directory} {mount.Options} seed {mount.Seed}{(mount.WholeWhenGiven ? " whole when given" : "")}{Services(mount)}{Early(mount)}",
            MountResource mount => $"{mount.Id} of {mount.Filesystem} {mount.Options}{Services(mount)}{Early(mount)}",
            _ => throw new InvalidOperationException($"The manifest has no line for {resource.Id}."),
        };
        return line
            + (resource.Restarts.IsEmpty ? "" : $" restarts {string.Join(' ', resource.Restarts)}") + "\n"
            + string.Concat(resource.Controls.Select(c => $"  satisfies {c}\n"));
    }

    private static string Early(Resource resource) => resource.Stage == Stage.Configure ? " early" : "";

    private static string Services(MountResource mount) => mount.Services.IsEmpty ? "" : $" for {string.Join(' ', mount.Services)}";

    private static string Text(Diagnostic diagnostic) =>
        $"{diagnostic.Severity.ToString().ToLowerInvariant()} {diagnostic.Code} {diagnostic.Origin?.ToString() ?? "-"} {diagnostic.Path ?? "-"}\n"
        + $"  {diagnostic.Message}\n  {diagnostic.Help}\n";

    private static string Octal(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');
}
