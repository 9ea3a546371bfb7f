using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Files;
using EksNode.Host.Packages;
using EksNode.Host.Processes;

namespace EksNode.Host.Tests.Packages;

/// <summary>An empty root of Amazon Linux's kind, with one repository.</summary>
internal sealed class PackageRoot : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-root-");

    public PackageRoot(string baseUrl, string? key)
    {
        Directory.CreateDirectory(Path + "/etc/yum.repos.d");
        Directory.CreateDirectory(Path + "/etc/dnf");
        File.WriteAllText(Path + "/etc/dnf/dnf.conf", "[main]\ngpgcheck=True\nretries=1\n");
        Use(baseUrl, key);
        Root = HostRoot.Open(Path);
    }

    public string Path => folder.FullName;

    public HostRoot Root { get; }

    public ProgramRunner Programs { get; } = new();

    public DiagnosticBag Diagnostics { get; } = new();

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Use(string baseUrl, string? key) => File.WriteAllText(
        Path + "/etc/yum.repos.d/test.repo",
        $"[test]\nname=test\nbaseurl={(baseUrl.StartsWith('/') ? "file://" : "")}{baseUrl}\nenabled=1\ngpgcheck=1\n{(key is null ? "" : "gpgkey=file://" + key)}\n");

    /// <summary>Gives the root this machine's shell, for the scripts of packages.</summary>
    public void LendShell()
    {
        foreach (var file in TestProgram.Run("ldd", "/bin/sh").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(w => w.StartsWith("/lib", StringComparison.Ordinal)).Append("/bin/sh"))
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path + file)!);
            File.Copy(file, Path + file, overwrite: true);
        }
    }

    public Dnf Dnf(Configuration.ImageConfigs.Architecture? architecture = null, params string[] environment) =>
        new(Target(Root, "al2023", architecture, environment), Programs, Logging.NoLog.Instance, Diagnostics);

    public static PackageTarget Target(HostRoot root, string distribution, Configuration.ImageConfigs.Architecture? architecture = null, params string[] environment) => new()
    {
        Root = root,
        Distribution = distribution,
        Release = "2023.11.20260526",
        Architecture = architecture ?? Own,
        LockWait = TimeSpan.Zero,
        Environment = [.. environment],
    };

    public static Configuration.ImageConfigs.Architecture Own =>
        System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64
            ? Configuration.ImageConfigs.Architecture.Arm64
            : Configuration.ImageConfigs.Architecture.X86;

    /// <summary>Requests as <c>spec.packages</c> has them: name, then constraint.</summary>
    public static ImmutableArray<PackageRequest> Requests(params string[] words)
    {
        var requests = ImmutableArray.CreateBuilder<PackageRequest>();
        for (var i = 0; i < words.Length; i += 2)
        {
            requests.Add(new PackageRequest(words[i], words[i + 1] == "absent" ? null : VersionConstraint.Parse(words[i + 1]).Value, Origin.Default("a test")));
        }

        return requests.ToImmutable();
    }

    /// <summary>A package of a lock.</summary>
    public static ResolvedPackage Locked(string name, string version, string architecture = "noarch", string? sha256 = null) => new(name, version, architecture, "", sha256, false);

    /// <summary>The installed ones, as <c>NAME VERSION</c>.</summary>
    public static async Task<string[]> InstalledAsync(IPackageManager manager) =>
        [.. (await manager.InstalledAsync(Cancellation)).Select(p => $"{p.Name} {p.Version}")];

    /// <summary>The diagnostic that an operation ends with.</summary>
    public static async Task<Diagnostic> FailureOfAsync(Task operation) => (await Assert.ThrowsAsync<DiagnosticException>(() => operation)).Diagnostic;

    public void Dispose()
    {
        Root.Dispose();
        folder.Delete(recursive: true);
    }
}
