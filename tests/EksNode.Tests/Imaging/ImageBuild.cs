using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EksNode.Commands;
using EksNode.Configuration.Text;
using EksNode.Host.Downloads;
using EksNode.Host.Files;
using EksNode.Host.Imaging;
using EksNode.Host.Packages;
using EksNode.Imaging;
using EksNode.Planning.Plans;

namespace EksNode.Tests.Imaging;

/// <summary>A folder shaped like Debian, a document for it, and <c>eksnode image apply</c> in this process, with a package manager, downloads and a store of its own.</summary>
internal sealed class ImageBuild : IDisposable
{
    private const string Head = "apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\n";
    private const string Kubelet = "#!/bin/sh\necho Kubernetes v1.33.4\n";

    // What a file of a package has as its time, as packages do.
    private static readonly DateTime Packaged = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly DirectoryInfo folder;

    /// <summary>Makes the folder.</summary>
    /// <param name="parent">Where; null: where temporary folders are.</param>
    public ImageBuild(string? parent = null)
    {
        folder = parent is null ? Directory.CreateTempSubdirectory("eksnode-build-") : Directory.CreateDirectory($"{parent}/eksnode-build-{Guid.NewGuid():N}");
        Root = Directory.CreateDirectory(Path.Combine(folder.FullName, "root")).FullName;
        Write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        Write("/etc/ssh/ssh_host_ed25519_key", "secret\n");
        Write("/etc/hostname", "builder\n");
        Write("/var/log/cloud-init.log", "lines\n");
        Write("/var/lib/cloud/instances/i-1/user-data.txt", "secret\n");
        File.WriteAllText(KubeletSource, Kubelet);
        Packages = new FakePackages(this);
    }

    public string Root { get; }

    public FakePackages Packages { get; }

    public FakeStore Store { get; } = new();

    /// <summary>The variables that the package manager was made with.</summary>
    public ImmutableArray<string> Environment { get; private set; } = [];

    public FakeDownloader Downloader { get; } = new();

    /// <summary>Is told of every effect on the root; null: nobody is.</summary>
    public IStepObserver? Steps { get; set; }

    public string KubeletSource => Path.Combine(folder.FullName, "kubelet");

    public string KubeletSha256 => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(KubeletSource)));

    /// <summary>A document that needs no network.</summary>
    public string Spec(string more = "", string? sha256 = null) =>
        $$"""
        spec:
          kubernetes: "1.33.4"
          profile: none
          architecture: {{(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x86_64")}}
          base: {distribution: debian}
          components:
            kubelet: {source: "file://{{KubeletSource}}", sha256: "{{sha256 ?? KubeletSha256}}"}
            cniPlugins: {source: package}
            crictl: {enabled: false}
            sociSnapshotter: {enabled: false}

        """ + more;

    public void Dispose() => folder.Delete(recursive: true);

    public string At(string path) => Root + path;

    public string Outside(string name) => Path.Combine(folder.FullName, name);

    public string Read(string path) => File.ReadAllText(At(path));

    public ImageBuild Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
        return this;
    }

    /// <summary>The same for Amazon Linux.</summary>
    public string AmazonSpec(string more = "") => Spec(more)
        .Replace("distribution: debian", "distribution: al2023", StringComparison.Ordinal)
        .Replace("cniPlugins: {source: package}", "cniPlugins: {enabled: false}\n    ssmAgent: {enabled: false}", StringComparison.Ordinal);

    /// <summary>A shell with its libraries, so that scripts run in the root.</summary>
    public void AddShell()
    {
        using var ldd = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("ldd", "/bin/sh") { RedirectStandardOutput = true })!;
        var libraries = ldd.StandardOutput.ReadToEnd();
        ldd.WaitForExit();
        foreach (var file in libraries.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(w => w[0] == '/').Prepend("/bin/sh"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(file))!);
            File.Copy(file, At(file), overwrite: true);
        }
    }

    public Task<(int Exit, string Out, string Error)> ApplyAsync(string spec, params string[] arguments)
    {
        var document = Outside("image.yaml");
        File.WriteAllText(document, Head + spec);
        return RunAsync(ImageApplyCommand.Build, ["-c", document, "--root", Root, .. arguments]);
    }

    public async Task<(int Exit, string Out, string Error)> RunAsync(Func<CommandIo, ImageTools?, Command> build, string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var io = new CommandIo { Out = output, Error = TextWriter.Synchronized(error), OpenInput = () => new MemoryStream(), Environment = ImmutableDictionary<string, string>.Empty };
        var executable = Outside("eksnode");
        if (!File.Exists(executable))
        {
            File.WriteAllText(executable, "this executable");
        }

        var tools = new ImageTools
        {
            Packages = (_, _, environment, _, _) =>
            {
                Environment = environment;
                return Packages;
            },
            Downloader = _ => Downloader,
            Store = _ => Store,
            Executable = executable,
            Watched = root => Steps is null ? root : HostRoot.Open(Root, resolveByHand: false, Steps),
        };
        var exit = await build(io, tools).Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }

    /// <summary>Everything in the root, a line each: but the log, and without the times of programs and the folder of this build.</summary>
    public string Tree()
    {
        var lines = new List<string>();
        foreach (var entry in new DirectoryInfo(Root).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, ReturnSpecialDirectories = false }))
        {
            var path = entry.FullName[Root.Length..];
            // The lock may be held still, by a program that a test of another class is starting just now; no boot finds what is in /run.
            if (path.StartsWith("/var/log/eksnode", StringComparison.Ordinal) || path == "/run/eksnode/lock")
            {
                continue;
            }

            var what = entry.LinkTarget is { } target ? "-> " + target : entry is DirectoryInfo ? "folder" : Content(path);
            var mode = entry.LinkTarget is null ? Convert.ToString((int)entry.UnixFileMode, 8) : "link";
            lines.Add($"{path} {mode} {what}");
        }

        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    private string Content(string path)
    {
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(At(path))).Replace(folder.FullName, "", StringComparison.Ordinal);
        if (path is "/etc/eksnode/image.json" or "/var/lib/eksnode/image/programs.json")
        {
            text = Regex.Replace(text, "\"(mtime|modified)\": \"?[^\",\\n]+\"?", "\"$1\": 0", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(5));
        }

        return text.Length > 200 ? Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(text))) : text.ReplaceLineEndings("|");
    }

    /// <summary>Packages that are a few files each; what is installed is in the root, as it is with every package manager.</summary>
    internal sealed class FakePackages(ImageBuild build) : IPackageManager
    {
        private ImmutableArray<ResolvedPackage> All =>
        [
            new("containerd", Containerd, "amd64", "https://deb.example.org/containerd.deb", new string('a', 64), false),
            new("containernetworking-plugins", "1.7.1-1", "amd64", "https://deb.example.org/cni.deb", new string('c', 64), false),
            new("libexample", "1.0-1", "amd64", "https://deb.example.org/libexample.deb", new string('d', 64), true),
            new("runc", "1.3.3+ds1-2", "amd64", "https://deb.example.org/runc.deb", new string('b', 64), false),
        ];

        /// <summary>Whether the one that another needs is there half, so that it is resolved no more.</summary>
        public bool HalfInstalled { get; set; }

        /// <summary>What installing does beside.</summary>
        public Action Installing { get; set; } = () => { };

        /// <summary>The version of containerd that its repository has.</summary>
        public string Containerd { get; set; } = "1:2.1.4-1+b2";

        public List<string> Calls { get; } = [];

        public string Name => "fake";

        /// <summary>What installing fails with; null: it does not.</summary>
        public DiagnosticException? Failure { get; set; }

        private string Status => build.At("/var/lib/fake/status");

        public Task<ImmutableArray<InstalledPackage>> InstalledAsync(CancellationToken cancellation) => Task.FromResult<ImmutableArray<InstalledPackage>>(
            [.. (File.Exists(Status) ? File.ReadAllLines(Status) : []).Select(l => l.Split(' ')).Select(w => new InstalledPackage(w[0], w[1], w[2]))]);

        // What an installed package needs is resolved no more.
        public Task<ImmutableArray<ResolvedPackage>> ResolveAsync(ImmutableArray<PackageRequest> requests, CancellationToken cancellation)
        {
            Calls.Add("resolve");
            return Task.FromResult(File.Exists(Status) || HalfInstalled ? [.. All.Where(p => !p.IsDependency)] : All);
        }

        public async Task<ImmutableArray<string>> ApplyAsync(ImmutableArray<ResolvedPackage> install, ImmutableArray<string> remove, CancellationToken cancellation)
        {
            Calls.Add("apply " + string.Join(',', install.Select(p => $"{p.Name}={p.Version}")));
            if (Failure is not null)
            {
                throw Failure;
            }

            var there = (await InstalledAsync(cancellation)).Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
            if (install.All(p => there.Contains(p.Name)))
            {
                return [];
            }

            Installing();
            Put("/usr/bin/containerd", "containerd");
            Put("/usr/bin/ctr", "ctr");
            Put("/usr/sbin/runc", "runc");
            Put("/usr/lib/systemd/system/containerd.service", "[Service]\nExecStart=/usr/bin/containerd\n[Install]\nWantedBy=multi-user.target\n");
            Directory.CreateDirectory(build.At("/etc/systemd/system/multi-user.target.wants"));
            File.Delete(build.At("/etc/systemd/system/multi-user.target.wants/containerd.service"));
            File.CreateSymbolicLink(build.At("/etc/systemd/system/multi-user.target.wants/containerd.service"), "/usr/lib/systemd/system/containerd.service");
            Put("/var/lib/fake/status", string.Concat((HalfInstalled ? All : install).Select(p => $"{p.Name} {p.Version} {p.Architecture}\n")));
            return [.. install.Select(p => p.Name)];
        }

        private void Put(string path, string text)
        {
            build.Write(path, text);
            File.SetLastWriteTimeUtc(build.At(path), Packaged);
        }
    }

    /// <summary>Files of this machine are where they are.</summary>
    internal sealed class FakeDownloader : IDownloader
    {
        public List<string> Fetched { get; } = [];

        /// <summary>What it was asked for, and who must have signed it.</summary>
        public List<Download> Downloads { get; } = [];

        /// <summary>What it fails with; null: it does not.</summary>
        public DiagnosticException? Failure { get; set; }

        /// <summary>What it says of every file; null: nothing.</summary>
        public Diagnostic? Remark { get; set; }

        public Task<ImmutableArray<DownloadedFile>> FetchAsync(ImmutableArray<Download> downloads, IDownloadProgress? progress, CancellationToken cancellation)
        {
            Fetched.AddRange(downloads.Select(d => d.Name));
            Downloads.AddRange(downloads);
            return Failure is not null ? throw Failure : Task.FromResult<ImmutableArray<DownloadedFile>>(
                [.. downloads.Select(d => new DownloadedFile(d.Name, d.Url.LocalPath, new FileInfo(d.Url.LocalPath).Length, 0, TimeSpan.Zero) { Remark = Remark })]);
        }
    }

    /// <summary>A store that has whatever it is asked for.</summary>
    internal sealed class FakeStore : IContainerStore
    {
        private readonly HashSet<string> there = new(StringComparer.Ordinal);

        public Task<ImmutableArray<StoredImage>> FillAsync(ImmutableArray<ContainerImageResource> images, Action<string> changed, CancellationToken cancellation)
        {
            foreach (var image in images)
            {
                if (there.Add(image.Name))
                {
                    changed(image.Name);
                }
            }

            return Task.FromResult<ImmutableArray<StoredImage>>(
                [.. images.SelectMany(i => i.Tags.Prepend(i.Name)).Order(StringComparer.Ordinal).Select(n => new StoredImage(n, "sha256:" + new string('e', 64), true))]);
        }
    }

    /// <summary>Ends a build before one of its effects, and before every later one: what is killed does nothing more.</summary>
    internal sealed class KillAt(int step) : IStepObserver
    {
        private int count;

        public int Count => count;

        public void Before(string step1, string path)
        {
            if (Interlocked.Increment(ref count) > step)
            {
                throw new KilledException(string.Create(CultureInfo.InvariantCulture, $"{step1} {path}"));
            }
        }
    }

    internal sealed class KilledException(string message) : Exception(message);
}
