using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Imaging;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Tests.Imaging;

/// <summary>A root that is shaped like Debian's and has everything that its document plans, with the lock and the manifest that a build leaves there.</summary>
internal sealed class BuiltImage : IDisposable
{
    private const UnixFileMode Program = (UnixFileMode)0x1ED; // 0755
    private const string Kubelet = "#!/bin/sh\necho Kubernetes v1.33.4\n";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-built-");

    private BuiltImage()
    {
    }

    /// <summary>The root.</summary>
    public string Root => Path.Combine(folder.FullName, "root");

    /// <summary>The document.</summary>
    public string Document => Path.Combine(folder.FullName, "image.yaml");

    /// <summary>What the document says, but for its head.</summary>
    public static string Spec { get; } = $$"""
        spec:
          kubernetes: "1.33.4"
          architecture: {{Own}}
          base: {distribution: debian}
          profile: none
          components:
            kubelet: {source: "https://example.com/kubelet", sha256: {{Sha256(Kubelet)}}}
          packages:
            telnet: absent
          files:
            /etc/issue: {content: "Authorized use only.\n", mode: "0600"}
          units:
            demo.service: enabled
            rpcbind.socket: masked
          kernel:
            modules: [br_netfilter, overlay]
            arguments: [audit=1]

        """;

    private static string Own => System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "x86_64";

    /// <summary>The modules that a kernel of it has built in: all that its files name, but <c>br_netfilter</c>.</summary>
    public static string BuiltIn => "kernel/fs/overlayfs/overlay.ko\nkernel/net/ipv4/netfilter/ip_tables.ko\nkernel/net/ipv4/netfilter/iptable_nat.ko\n";

    /// <summary>Makes it, as a build would.</summary>
    public static async Task<BuiltImage> MakeAsync(CancellationToken cancellation)
    {
        var image = new BuiltImage();
        File.WriteAllText(image.Document, "apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\n" + Spec);
        var diagnostics = new DiagnosticBag();
        var io = new CommandIo { Out = TextWriter.Null, Error = TextWriter.Null, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty };
        var loaded = (await new ImageConfigLoader(io, diagnostics).LoadAsync(image.Document, null, cancellation))!;
        var plan = ImagePlanner.Plan(loaded.Config, loaded.Files, diagnostics);
        Assert.True(plan is not null, string.Join('\n', diagnostics.Items.Select(d => d.Message)));
        foreach (var resource in plan.Plan.Resources)
        {
            image.Make(resource);
        }

        foreach (var unit in plan.Plan.Resources.OfType<UnitStateResource>().Where(u => u.State != UnitState.Disabled))
        {
            image.Systemctl(unit.State == UnitState.Enabled ? "enable" : "mask", unit.Name);
        }

        image.Write("/lib/modules/6.1.0-1/modules.dep", "kernel/net/bridge/br_netfilter.ko.xz: kernel/net/bridge/bridge.ko.xz\n");
        image.Write("/lib/modules/6.1.0-1/modules.builtin", BuiltIn);
        image.Write("/etc/default/grub", "GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX=\"net.ifnames=0 audit=1\"\n");
        image.Write("/etc/machine-id", "");
        var images = plan.Plan.Resources.OfType<ContainerImageResource>().Select(i => $$"""{"name": "{{i.Name}}", "digest": "sha256:{{Sha256(i.Name)}}", "pinned": true}""");
        image.Write("/etc/eksnode/image.json", $$"""
            {"schemaVersion": 1, "variant": "standard", "components": {"kubelet": {"version": "1.33.4", "path": "/usr/bin/kubelet", "size": {{Kubelet.Length}} } },
             "images": [{{string.Join(", ", images)}}], "baked": ["file:/etc/issue", "file:/etc/baked-at-build"]}
            """);
        image.Write("/etc/baked-at-build", "");
        image.Write("/etc/eksnode/image.lock.json", ImageLock.Write(plan));
        return image;
    }

    /// <summary>The place of a path of the root on this machine.</summary>
    public string At(string path) => Root + path;

    /// <summary>Writes a file of the root.</summary>
    public void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), content);
    }

    /// <summary>Replaces text in a file of the root.</summary>
    public void Edit(string path, string before, string after)
    {
        var text = File.ReadAllText(At(path));
        Assert.Contains(before, text, StringComparison.Ordinal);
        File.WriteAllText(At(path), text.Replace(before, after, StringComparison.Ordinal));
    }

    /// <summary>Changes the state of a unit.</summary>
    public void Systemctl(string verb, string unit)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/systemctl", ["--root=" + Root, verb, unit]) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }

    /// <summary>The SHA-256 of a text.</summary>
    public static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public void Dispose() => folder.Delete(recursive: true);

    private void Make(Resource resource)
    {
        switch (resource)
        {
            case FileResource file:
                Write(file.Path, Encoding.UTF8.GetString(file.Content.AsSpan()));
                File.SetUnixFileMode(At(file.Path), (UnixFileMode)file.Mode);
                break;
            case DirectoryResource directory:
                Directory.CreateDirectory(At(directory.Path));
                break;
            case SymlinkResource link:
                Directory.CreateDirectory(Path.GetDirectoryName(At(link.Path))!);
                File.CreateSymbolicLink(At(link.Path), link.Target);
                break;
            case PackageResource { Version: { } version } package:
                var installed = version.Text == "*" ? "3.2" : (version.Exact?.ToString() ?? version.Text.Replace(".*", "", StringComparison.Ordinal) + ".7");
                Directory.CreateDirectory(At("/var/lib/dpkg"));
                File.AppendAllText(At("/var/lib/dpkg/status"), $"Package: {package.Name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:{installed}~ds1-1\n\n");
                break;
            case BinaryResource binary:
                foreach (var file in binary.Files)
                {
                    var path = file.Path.EndsWith('/') ? file.Path + "loopback" : file.Path;
                    Write(path, binary.Name == "kubelet" ? Kubelet : $"#!/bin/sh\necho {binary.Name} v{binary.Version}{(file.Path.EndsWith('/') ? " >&2" : "")}\n");
                    File.SetUnixFileMode(At(path), Program);
                }

                break;
            case OwnProgramResource own:
                Write(own.Path, "#!/bin/sh\necho eksnode 1.0.0\n");
                File.SetUnixFileMode(At(own.Path), Program);
                break;
            case UnitStateResource { State: not UnitState.Masked } unit when !File.Exists(At("/usr/lib/systemd/system/" + unit.Name)) && !File.Exists(At("/etc/systemd/system/" + unit.Name)):
                Write("/usr/lib/systemd/system/" + unit.Name, "[Unit]\nDescription=Demo\n[Install]\nWantedBy=multi-user.target\n");
                break;
        }
    }
}
