using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Boot;

/// <summary>
/// Whether cloud-init has something to run after its init stage, from what it keeps on disk: the user and vendor data of this
/// instance as it read them itself, the configuration of the image, and the scripts in its folders. Paths and names are those of
/// cloud-init's documentation ("Directory layout").
/// </summary>
public static class CloudInitFiles
{
    private const string DataFolder = "/var/lib/cloud/instance";
    private const string ConfigurationFile = "/etc/cloud/cloud.cfg";
    private const string ConfigurationFolder = "/etc/cloud/cloud.cfg.d";
    private const string ScriptFolder = "/var/lib/cloud/scripts";

    // `vendor` holds what vendor data brought; the others are the image builder's.
    private static readonly string[] scriptFolders = ["per-boot", "per-instance", "per-once", "vendor"];

    /// <summary>The reasons to wait for cloud-init's last stage; none when it has nothing to do. Valid once the init stage is done.</summary>
    /// <param name="root">The root of the node.</param>
    public static ImmutableArray<string> Work(HostRoot root)
    {
        var reasons = new List<string>();
        Collect(reasons, "the user data", () => Data(root, "the user data", DataFolder + "/user-data.txt", required: true));
        Collect(reasons, "the vendor data", () => Data(root, "the vendor data", DataFolder + "/vendor-data.txt", required: false));
        Collect(reasons, "the second vendor data", () => Data(root, "the second vendor data", DataFolder + "/vendor-data2.txt", required: false));
        Collect(reasons, ConfigurationFile, () => Configuration(root, ConfigurationFile));
        Collect(reasons, ConfigurationFolder, () => Folder(root));
        foreach (var folder in scriptFolders)
        {
            var path = $"{ScriptFolder}/{folder}";
            Collect(reasons, path, () => [.. (root.List(path) ?? []).Order(StringComparer.Ordinal).Select(name => $"there is the script {path}/{name}")]);
        }

        Collect(reasons, "/proc/cmdline", () => root.ReadFile("/proc/cmdline") is { } line ? CloudInitWork.OfKernelCommandLine(Encoding.UTF8.GetString(line)) : []);
        return reasons.ToImmutable();
    }

    /// <summary>
    /// The unit of cloud-init that this process is part of, such as <c>cloud-final.service</c> for a script in user data; null for any other
    /// process. To wait for it would be to wait for oneself.
    /// </summary>
    /// <param name="root">The root of the machine.</param>
    public static string? OwnUnit(HostRoot root) => root.ReadFile("/proc/self/cgroup") is { } groups
        ? Encoding.UTF8.GetString(groups).Split('/', '\n').FirstOrDefault(name =>
            name.StartsWith("cloud-", StringComparison.Ordinal) && name.EndsWith(".service", StringComparison.Ordinal))
        : null;

    // In doubt there is something to run.
    private static void Collect(List<string> reasons, string what, Func<ImmutableArray<string>> read)
    {
        try
        {
            reasons.AddRange(read());
        }
        catch (DiagnosticException failure)
        {
            reasons.Add($"{what} cannot be read ({failure.Diagnostic.Message.TrimEnd('.')})");
        }
    }

    private static ImmutableArray<string> Data(HostRoot root, string name, string path, bool required) =>
        root.ReadFile(path, Largest) is { } bytes ? CloudInitWork.OfData(name, bytes)
        : required ? [$"{path}, where cloud-init keeps {name}, is not there"]
        : [];

    private static ImmutableArray<string> Folder(HostRoot root) =>
    [
        .. (root.List(ConfigurationFolder) ?? [])
            .Where(name => name.EndsWith(".cfg", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .SelectMany(name => Configuration(root, $"{ConfigurationFolder}/{name}")),
    ];

    private static ImmutableArray<string> Configuration(HostRoot root, string path) =>
        root.ReadFile(path, Largest) is { } bytes ? CloudInitWork.OfConfiguration(path, bytes) : [];

    // User data has 16 KiB at most on EC2, and more elsewhere.
    private const int Largest = 16 * 1024 * 1024;
}
