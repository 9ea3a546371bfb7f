using System.Buffers.Binary;
using System.Collections.Immutable;
using System.CommandLine;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using EksNode.Commands;
using EksNode.Host.Tests.Packages;
using EksNode.Imaging;

namespace EksNode.Tests.Imaging;

/// <summary>
/// A repository of packages as Amazon Linux 2023 names and lays them out, for both processors, a mirror with the downloads of an image, and roots that dnf makes
/// of it. Programs of arm64 are the heads of such programs; the shell is this machine's own, in every root: what is run of a root leaves <see cref="Trace"/>.
/// </summary>
public sealed class AmazonLinux : IDisposable
{
    /// <summary>What every script and every program that runs in a root writes.</summary>
    public const string Trace = "/ran";

    private const string Kernel = "6.12.55-74.119.amzn2023";
    private const int EverybodyRuns = 0x1ED; // 0755

    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-al2023-").FullName;
    private readonly ImageBuild.FakeStore store = new();
    private readonly Dictionary<string, BuiltRoot> built = new(StringComparer.Ordinal);

    public AmazonLinux()
    {
        if (Missing is not null)
        {
            return;
        }

        foreach (var architecture in (ReadOnlySpan<string>)["x86_64", "aarch64"])
        {
            BuildPackages(architecture);
            BuildDownloads(architecture == "aarch64" ? "arm64" : "amd64", architecture);
        }

        TestProgram.Run("createrepo_c", "--quiet", Repository);
    }

    public static string? Missing { get; } = TestProgram.Missing("dnf", "rpm", "rpmbuild", "createrepo_c", "systemctl", "systemd-sysusers", "depmod")
        ?? (System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64 ? null : "the roots are for this machine's x86_64, and for arm64 as the other processor");

    /// <summary>The words for the kernel that a root's boot entry begins with.</summary>
    public static string BootWords => "root=/dev/nvme0n1p1 ro";

    /// <summary>The boot entry of a root.</summary>
    public static string BootEntry => $"/boot/loader/entries/{Kernel}.conf";

    /// <summary>The index of a kernel's modules, which a script of its package makes.</summary>
    public static string ModuleIndex => $"/usr/lib/modules/{Kernel}/modules.dep";

    private string Repository => folder + "/packages";

    private string Mirror => folder + "/mirror";

    /// <summary>A root with what a base has, for <c>x86_64</c> or <c>aarch64</c>: made by dnf, without scripts.</summary>
    public string MakeRoot(string architecture)
    {
        var root = Directory.CreateDirectory($"{folder}/root-{architecture}-{Path.GetRandomFileName()}").FullName;
        Directory.CreateDirectory(root + "/etc/yum.repos.d");
        File.WriteAllText(root + "/etc/yum.repos.d/test.repo", $"[test]\nname=test\nbaseurl=file://{Repository}\nenabled=1\ngpgcheck=0\n");
        var home = Directory.CreateDirectory(folder + "/home").FullName;
        File.WriteAllText(home + "/.rpmmacros", "%_dbpath /var/lib/rpm\n");
        TestProgram.Run(
            "env", "HOME=" + home, "dnf", "-y", "-q", "--installroot=" + root, "--forcearch=" + architecture, "--releasever=2023", "--setopt=tsflags=noscripts,notriggers", "install", "base", "telnet");
        Assert.False(File.Exists(root + Trace));
        return root;
    }

    /// <summary>A root of a base that a build has made an image of; made once.</summary>
    public async Task<BuiltRoot> BuiltAsync(string architecture)
    {
        if (!built.TryGetValue(architecture, out var root))
        {
            var path = MakeRoot(architecture);
            var document = Document(architecture);
            built[architecture] = root = new BuiltRoot(path, document, await RunAsync(architecture == "x86_64", "image", "apply", "-c", document, "--root", path));
            if (architecture == "x86_64")
            {
                // The script of this kernel makes no index, as its root has no depmod.
                TestProgram.Run("depmod", "-b", path, Kernel);
            }
        }

        Assert.True(root.Build.Exit == 0, root.Build.Error + root.Build.Out);
        return root;
    }

    /// <summary>A document for a root, with everything from the mirror.</summary>
    public string Document(string architecture, string more = "")
    {
        var (word, go) = architecture == "aarch64" ? ("arm64", "arm64") : ("x86_64", "amd64");
        var path = $"{folder}/{Path.GetRandomFileName()}.yaml";
        var own = architecture == "aarch64" ? $"    /usr/bin/eksnode: {{source: eksnode-arm64, mode: \"0755\"}}\n    /etc/eks/pause.tar: {{content: an archive}}\n" : "";
        File.WriteAllBytes(folder + "/eksnode-arm64", Program("aarch64", "eksnode", ""));
        File.WriteAllText(path, $$"""
            apiVersion: eksnode.io/v1alpha1
            kind: ImageConfig
            spec:
              kubernetes: "1.33.4"
              architecture: {{word}}
              profile: cis-l1
              mirror: file://{{Mirror}}
              components:
                kubelet: {sha256: {{Sha256(Downloads(go)[0])}}}
                crictl: {version: 1.33.0, sha256: {{Sha256(Downloads(go)[1])}}}
                cniPlugins: {version: 1.9.1, sha256: {{Sha256(Downloads(go)[2])}}}
              packages:
                kernel6.12: "*"
              kernel:
                arguments: [audit=1]
              files:
                /etc/demo.conf: {content: "x\n"}

            """ + own + more);
        return path;
    }

    /// <summary>
    /// Runs a command of eksnode: the published executable where <c>EKSNODE_EXE</c> names it, else the same in this process. A build for this machine's processor
    /// needs a store for container images that is no containerd, and is therefore always in this process.
    /// </summary>
    public async Task<(int Exit, string Out, string Error)> RunAsync(bool isOwnProcessor, params string[] arguments)
    {
        if (arguments[1] == "apply")
        {
            arguments = [.. arguments, "--cache", folder + "/cache"];
        }

        if (!isOwnProcessor && !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("EKSNODE_EXE")))
        {
            await using var process = Wire.EksNodeProcess.Start(arguments, ImmutableDictionary<string, string>.Empty);
            var result = await process.EndAsync();
            return (result.ExitCode, result.Stdout, result.Stderr);
        }

        var (output, error) = (new StringWriter(), new StringWriter());
        var io = new CommandIo { Out = output, Error = TextWriter.Synchronized(error), OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty };
        var cancellation = TestContext.Current.CancellationToken;
        int exit;
        if (isOwnProcessor && arguments[1] == "apply")
        {
            var machine = ImageTools.OfMachine;
            var tools = new ImageTools { Packages = machine.Packages, Downloader = machine.Downloader, Store = _ => store, Executable = machine.Executable };
            exit = await ImageApplyCommand.Build(io, tools).Parse(arguments[2..]).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, cancellation);
        }
        else
        {
            exit = await CommandLine.RunAsync(arguments, io, cancellation);
        }

        return (exit, output.ToString(), error.ToString());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Sha256(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes($"{Mirror}/{file}")));

    private void BuildDownloads(string go, string architecture)
    {
        var files = Downloads(go);
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{Mirror}/{file}")!);
        }

        File.WriteAllBytes($"{Mirror}/{files[0]}", Program(architecture, "kubelet", "echo Kubernetes v1.33.4"));
        Archive($"{Mirror}/{files[1]}", architecture, ("crictl", "echo crictl version v1.33.0"));
        Archive($"{Mirror}/{files[2]}", architecture, ("./loopback", "echo CNI loopback plugin v1.9.1 >&2"), ("./bridge", ""));
    }

    // Where publishers have them, below the mirror.
    private static string[] Downloads(string go) =>
    [
        $"dl.k8s.io/release/v1.33.4/bin/linux/{go}/kubelet",
        $"github.com/kubernetes-sigs/cri-tools/releases/download/v1.33.0/crictl-v1.33.0-linux-{go}.tar.gz",
        $"github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-{go}-v1.9.1.tgz",
    ];

    private static void Archive(string path, string architecture, params (string Name, string Script)[] programs)
    {
        using var stream = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        using var tar = new TarWriter(stream, TarEntryFormat.Ustar);
        foreach (var (name, script) in programs)
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { Mode = (UnixFileMode)EverybodyRuns, DataStream = new MemoryStream(Program(architecture, name, script)) });
        }
    }

    // Of arm64 the head of an executable, which no other machine starts; of x86_64 a script for the shell of the root.
    private static byte[] Program(string architecture, string name, string script)
    {
        if (architecture == "x86_64")
        {
            return Encoding.UTF8.GetBytes($"#!/bin/sh\necho {name} >>{Trace}\n{script}\n");
        }

        var head = new byte[128];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(18), 183);
        Encoding.ASCII.GetBytes(name, head.AsSpan(64));
        return head;
    }

    // All packages are of one spec, whose files are laid out here.
    private void BuildPackages(string architecture)
    {
        var work = Directory.CreateDirectory($"{folder}/build-{architecture}").FullName;
        var tree = Directory.CreateDirectory(work + "/tree").FullName;
        var spec = new StringBuilder(
            "Name: base\nVersion: 2023\nRelease: 1.amzn2023\nSummary: A package of a test\nLicense: None\nAutoReqProv: no\n"
            + "Requires: bash filesystem setup system-release systemd openssh-server audit crypto-policies grubby\n%global debug_package %{nil}\n%global __os_install_post %{nil}\n%description\nA package of a test.\n");
        spec.Append(CultureInfo.InvariantCulture, $"%install\ncp -a {tree}/. %{{buildroot}}\n%files\n");
        Add("filesystem", "3.14", [], links: [("/bin", "usr/bin"), ("/sbin", "usr/sbin"), ("/lib", "usr/lib"), ("/lib64", "usr/lib64")]);
        Add("setup", "2.13.7", [
            ("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:Kernel Overflow User:/:/sbin/nologin\n"), ("/etc/group", "root:x:0:\nnobody:x:65534:\n"),
            ("/etc/shadow", "root:*:19000:0:99999:7:::\n"), ("/etc/gshadow", "root:::\n"),
            ("/etc/passwd-", "x\n"), ("/etc/group-", "x\n"), ("/etc/shadow-", "x\n"), ("/etc/gshadow-", "x\n"), ("/etc/machine-id", "")]);
        Add("system-release", "2023.11.20260526", [
            ("/usr/lib/os-release", "NAME=\"Amazon Linux\"\nVERSION=\"2023\"\nID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"\nPLATFORM_ID=\"platform:al2023\"\n"),
            ("/usr/lib/issue", "\\S\nKernel \\r on an \\m\n"), ("/etc/issue.net", "\\S\n")],
            links: [("/etc/os-release", "../usr/lib/os-release"), ("/etc/issue", "../usr/lib/issue"), ("/etc/motd", "../var/lib/update-motd/motd")]);
        Add("systemd", "252.23", [
            ("/usr/lib/systemd/system/multi-user.target", "[Unit]\nDescription=Multi-User\n"), ("/usr/lib/systemd/system/local-fs.target", "[Unit]\nDescription=Local\n"),
            ("/usr/lib/systemd/system/systemd-journal-remote.socket", "[Socket]\nListenStream=19532\n[Install]\nWantedBy=sockets.target\n"),
            ("/etc/systemd/journald.conf", "[Journal]\n"), ("/usr/lib/systemd/system-preset/99-default-disable.preset", "disable *\n")]);
        Add("openssh-server", "8.7p1", [("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nSubsystem sftp /usr/libexec/openssh/sftp-server\n")]);
        Add("audit", "3.0.6", [("/etc/audit/rules.d/audit.rules", "-D\n-a never,task\n"), ("/etc/audit/auditd.conf", "max_log_file = 8\n")]);
        Add("crypto-policies", "20240828", [
            ("/usr/share/crypto-policies/LEGACY/openssl.txt", "x\n"), ("/etc/crypto-policies/config", "LEGACY\n"),
            .. new[] { "bind", "gnutls", "java", "javasystem", "krb5", "libreswan", "libssh", "nss", "openssh", "opensshserver", "openssl", "opensslcnf" }
                .Select(n => ($"/usr/share/crypto-policies/DEFAULT/{n}.txt", "x\n"))],
            links: [("/etc/crypto-policies/back-ends/openssl.config", "/usr/share/crypto-policies/LEGACY/openssl.txt")]);
        Add("grubby", "8.40", [
            ("/boot/grub2/grub.cfg", "x\n"), ("/etc/default/grub", $"GRUB_CMDLINE_LINUX=\"{BootWords}\"\n"),
            (BootEntry, $"title Amazon Linux (6.12)\nlinux /boot/vmlinuz\noptions {BootWords}\ngrub_class amzn\n"),
            ("/boot/grub2/user.cfg", "x\n"), ("/etc/crontab", "x\n"),
            .. new[] { "hourly", "daily", "weekly", "monthly", "d" }.Select(f => ($"/etc/cron.{f}/demo", "x\n"))]);
        AddProgram("/usr/sbin/grubby", $"[ \"$1\" = --info=ALL ] && echo \"args=\\\"$(sed -n 's/^options //p' {BootEntry})\\\"\"\n[ \"$1\" != --update-kernel=ALL ] || sed -i \"s|^options .*|& ${{2#--args=}}|\" {BootEntry}");
        Add("selinux-policy-targeted", "38.1", [("/etc/selinux/config", "SELINUX=permissive\nSELINUXTYPE=targeted\n")]);

        // This machine's: it runs in every root.
        Add("bash", "5.2", [], more: "Provides: /bin/sh");
        foreach (var file in (ReadOnlySpan<string>)["/bin/sh", "/bin/sed", .. Libraries()])
        {
            var target = "/usr" + file;
            Directory.CreateDirectory(Path.GetDirectoryName(tree + target)!);
            File.Copy(file, tree + target, overwrite: true);
            spec.Append(CultureInfo.InvariantCulture, $"{target}\n");
        }

        Add("containerd", "2.2.4", [
            ("/usr/lib/systemd/system/containerd.service", "[Service]\nExecStart=/usr/bin/containerd\n[Install]\nWantedBy=multi-user.target\n")], scripts: Script("post", "containerd"), more: "Requires: runc >= 1.3");
        AddProgram("/usr/bin/containerd", "");
        AddProgram("/usr/bin/ctr", "");
        Add("runc", "1.3.4", []);
        AddProgram("/usr/bin/runc", "");
        Add("soci-snapshotter", "0.11.1", [
            ("/usr/lib/systemd/system/soci-snapshotter.service", "[Service]\nExecStart=/usr/bin/soci-snapshotter-grpc\n"),
            ("/usr/lib/systemd/system/soci-snapshotter.socket", "[Socket]\nListenStream=/run/soci.sock\n[Install]\nWantedBy=sockets.target\n")]);
        AddProgram("/usr/bin/soci-snapshotter-grpc", "");
        Add("amazon-ssm-agent", "3.3.2746", [("/usr/lib/systemd/system/amazon-ssm-agent.service", "[Service]\nExecStart=/usr/bin/amazon-ssm-agent\n[Install]\nWantedBy=multi-user.target\n")]);
        AddProgram("/usr/bin/amazon-ssm-agent", "");
        Add("chrony", "4.3", [
            ("/usr/lib/sysusers.d/chrony.conf", "u chrony - \"chrony system user\" /var/lib/chrony\n"),
            ("/usr/lib/systemd/system/chronyd.service", "[Service]\nExecStart=/usr/sbin/chronyd\n[Install]\nWantedBy=multi-user.target\n")], scripts: Script("pre", "chrony"));
        Add("nfs-utils", "2.5.4", [("/usr/lib/systemd/system/nfs-server.service", "[Service]\nExecStart=/usr/sbin/rpc.nfsd\n[Install]\nWantedBy=multi-user.target\n")]);
        Add("kernel6.12", "6.12.55", [
            ($"/usr/lib/modules/{Kernel}/modules.builtin", "kernel/fs/overlayfs/overlay.ko\nkernel/net/ipv4/netfilter/ip_tables.ko\nkernel/net/ipv4/netfilter/iptable_nat.ko\n"),
            ($"/usr/lib/modules/{Kernel}/modules.order", "kernel/net/bridge/br_netfilter.ko\n"), ($"/usr/lib/modules/{Kernel}/modules.builtin.modinfo", "")], scripts: Script("posttrans", "kernel6.12"));
        AddFile($"/usr/lib/modules/{Kernel}/kernel/net/bridge/br_netfilter.ko", Module(architecture));
        Add("telnet", "0.17", []);
        AddProgram("/usr/bin/telnet", "");
        foreach (var name in (ReadOnlySpan<string>)[
            "amazon-ec2-utils", "conntrack-tools", "ec2-instance-connect", "ethtool", "ipset", "iptables-nft", "ipvsadm", "jq", "mdadm", "nftables", "pigz",
            "python3-dnf-plugin-versionlock", "socat", "xfsprogs", "libselinux"])
        {
            Add(name, "1.0", []);
        }

        File.WriteAllText(work + "/base.spec", spec.ToString());
        TestProgram.Run("rpmbuild", "--quiet", "-bb", "--target", architecture, "--define", "_topdir " + work, "--define", "_rpmdir " + Repository, "--define", "_build_id_links none", work + "/base.spec");

        static string Script(string when, string name) => $"%{when} -n {name}\necho {when} {name} >>{Trace}\n";

        void Add(string name, string version, (string Path, string Text)[] files, (string Path, string Target)[]? links = null, string scripts = "", string more = "")
        {
            spec.Append(CultureInfo.InvariantCulture, $"%package -n {name}\nVersion: {version}\nRelease: 1.amzn2023\nSummary: A package of a test\nAutoReqProv: no\n{more}\n%description -n {name}\nA package of a test.\n");
            spec.Append(scripts).Append(CultureInfo.InvariantCulture, $"%files -n {name}\n");
            foreach (var (path, text) in files)
            {
                AddFile(path, Encoding.UTF8.GetBytes(text));
            }

            foreach (var (path, target) in links ?? [])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(tree + path)!);
                File.CreateSymbolicLink(tree + path, target);
                spec.Append(CultureInfo.InvariantCulture, $"{path}\n");
            }
        }

        void AddProgram(string path, string script) => AddFile(path, Program(architecture, Path.GetFileName(path), script), EverybodyRuns);

        void AddFile(string path, byte[] content, int mode = 0x1A4)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(tree + path)!);
            File.WriteAllBytes(tree + path, content);
            File.SetUnixFileMode(tree + path, (UnixFileMode)mode);
            spec.Append(CultureInfo.InvariantCulture, $"{path}\n");
        }
    }

    // What the shell and sed of this machine are linked with.
    private static SortedSet<string> Libraries()
    {
        var libraries = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var word in TestProgram.Run("ldd", "/bin/sh", "/bin/sed").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (word.StartsWith("/lib", StringComparison.Ordinal))
            {
                libraries.Add(word);
            }
        }

        return libraries;
    }

    // A kernel module with one section, `.modinfo`, which names it.
    private static byte[] Module(string architecture)
    {
        const int Head = 64;
        var names = "\0.shstrtab\0.modinfo\0"u8.ToArray();
        var about = "name=br_netfilter\0license=GPL\0depends=\0"u8.ToArray();
        var table = (Head + names.Length + about.Length + 7) / 8 * 8;
        var file = new byte[table + (3 * Head)];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(file);
        Put16(16, 1);
        Put16(18, architecture == "aarch64" ? 183 : 62);
        Put16(20, 1);
        Put16(40, table);
        Put16(52, Head);
        Put16(58, Head);
        Put16(60, 3);
        Put16(62, 1);
        names.CopyTo(file, Head);
        about.CopyTo(file, Head + names.Length);
        Section(1, 1, 3, Head, names.Length);
        Section(2, 11, 1, Head + names.Length, about.Length);
        return file;

        void Put16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), (ushort)value);

        void Section(int index, int name, int kind, int offset, int size)
        {
            var at = table + (index * Head);
            Put16(at, name);
            Put16(at + 4, kind);
            Put16(at + 24, offset);
            Put16(at + 32, size);
            Put16(at + 48, 1);
        }
    }
}

/// <summary>A root that was built.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Document">What it was built from.</param>
/// <param name="Build">How the build ended.</param>
public sealed record BuiltRoot(string Path, string Document, (int Exit, string Out, string Error) Build);
