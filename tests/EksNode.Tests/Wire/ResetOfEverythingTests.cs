using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace EksNode.Tests.Wire;

/// <summary>Reset on a machine undoes what is more than files: mounts, certificate authorities, a prefetch that runs; and it needs no room that there is not.</summary>
public sealed class ResetOfEverythingTests : IAsyncLifetime
{
    private const string Anchors = "/etc/pki/ca-trust/source/anchors";
    private const string Bundle = "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem";
    private const string MountHeader = "# Written by eksnode on every boot, from the disks that are there.\n";
    private const UnixFileMode Program = (UnixFileMode)0x1ED; // 0755

    // As Amazon Linux has it: the store is made of what is in the folder.
    private const string UpdateCaTrust = "#!/bin/sh\nset -e\n[ \"$1\" = extract ]\ncat /etc/test/bundle.pem $(find " + Anchors + " -name '*.pem' | sort) >" + Bundle + "\n";

    private SimulatedMachine? machine;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (SimulatedMachine.MissingWithContainerd is not null)
        {
            return;
        }

        machine = await SimulatedMachine.PrepareWithContainerdAsync();
        machine.Systemd.Write("/etc/test/bundle.pem", "of the distribution\n");
        machine.Systemd.Write(Anchors + "/own.pem", "of the image\n");
        machine.Systemd.Write(Bundle, "of the distribution\nof the image\n");
        machine.Systemd.Write("/usr/bin/update-ca-trust", UpdateCaTrust, Program);
        machine.Systemd.Write("/etc/containerd/config.toml", "# of the image, without an end of its line", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        machine.Systemd.Write("/etc/kubernetes/kubelet/config.json.d/00-image.conf", "{}");
        machine.Systemd.Link("/etc/eks/image-credential-provider/config.json", "of-the-image");
        await machine.Systemd.BootAsync();
    }

    public ValueTask DisposeAsync() => machine?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Authorities_and_a_prefetch_that_still_runs_are_undone_byte_for_byte()
    {
        // A registry that takes connections and says nothing: what pulls from it waits.
        using var registry = new TcpListener(IPAddress.Loopback, 0);
        registry.Start();
        var pem = Machine().Authority.Pem;
        Configure(string.Create(CultureInfo.InvariantCulture, $$"""
              trust:
                certificateAuthorities:
                  - name: inspection
                    pem: |
                      {{pem.TrimEnd().Replace("\n", "\n          ", StringComparison.Ordinal)}}
              images:
                prefetch: ["127.0.0.1:{{((IPEndPoint)registry.LocalEndpoint).Port}}/team/app:1"]
              instance:
                environment:
                  default: {OWN: "1"}
                  kubelet: {OWN: "2"}

            """));
        await Machine().SystemctlAsync("start", "containerd.service");
        await Machine().SystemctlAsync("stop", "containerd.service");
        var before = await TreeAsync();
        await Machine().ExpectAsync(0, "join", "-c", "/etc/test/node.yaml");
        Assert.Contains(pem.Trim(), Machine().Read(Bundle), StringComparison.Ordinal);
        Assert.Equal("active", await Machine().SystemctlAsync("is-active", "eksnode-prefetch.service"));
        await Machine().ExpectAsync(0, "verify", "-c", "/etc/test/node.yaml");

        var reset = await Machine().JsonAsync(0, "reset", "--yes");
        Assert.Equal(
            ["eksnode-prefetch.service", "kubelet.service", "containerd.service"], reset.GetProperty("stopped").EnumerateArray().Select(s => s.GetString()!));
        Assert.Equal("of the distribution\nof the image\n", Machine().Read(Bundle));
        Assert.Equal("not-found", await Machine().SystemctlAsync("show", "-P", "LoadState", "eksnode-prefetch.service"));
        Assert.Equal(before, await TreeAsync());
        Assert.DoesNotContain("OWN=", await Machine().SystemctlAsync("show-environment"), StringComparison.Ordinal);
        Assert.Equal("", await Machine().SystemctlAsync("--failed", "--no-legend", "--plain", "list-units", "eksnode*", "kubelet*", "containerd*"));

        // A second one has nothing to do and does nothing, the store least of all.
        Machine().Systemd.Write("/usr/bin/update-ca-trust", "#!/bin/sh\nexit 5\n", Program);
        var again = await Machine().JsonAsync(0, "reset", "--yes");
        Assert.Empty(again.GetProperty("stopped").EnumerateArray());
        Machine().Systemd.Write("/usr/bin/update-ca-trust", UpdateCaTrust, Program);
        Assert.Equal(before, await TreeAsync());

        // And the machine can become a node again.
        await Machine().ExpectAsync(0, "join", "-c", "/etc/test/node.yaml");
        Assert.Contains(pem.Trim(), Machine().Read(Bundle), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_of_authorities_that_cannot_be_made_is_told_and_the_next_reset_makes_it()
    {
        var pem = Machine().Authority.Pem;
        Configure($"  trust:\n    certificateAuthorities:\n      - name: inspection\n        pem: |\n          {pem.TrimEnd().Replace("\n", "\n          ", StringComparison.Ordinal)}\n");
        await Machine().ExpectAsync(0, "join", "--no-start", "-c", "/etc/test/node.yaml");
        Machine().Systemd.Write("/usr/bin/update-ca-trust", "#!/bin/sh\necho no space >&2\nexit 1\n", Program);
        var failed = await Machine().ExpectAsync(1, "reset", "--yes");
        Assert.Contains("update-ca-trust", failed.Error, StringComparison.Ordinal);
        Assert.False(Machine().Has(Anchors + "/inspection.pem"));
        Machine().Systemd.Write("/usr/bin/update-ca-trust", UpdateCaTrust, Program);
        await Machine().ExpectAsync(0, "reset", "--yes");
        Assert.Equal("of the distribution\nof the image\n", Machine().Read(Bundle));
        Assert.False(Machine().Has("/var/lib/eksnode/state.json"));
    }

    [Fact]
    public async Task What_was_mounted_is_unmounted_and_a_mount_that_is_in_use_ends_the_reset_before_any_file()
    {
        Configure("");
        await Machine().ExpectAsync(0, "join", "--no-start", "-c", "/etc/test/node.yaml");
        // As a join leaves them: a file system, a directory of it bound over another path, and a service that waits for it.
        const string units = "/run/systemd/system";
        Machine().Systemd.Write(units + "/mnt-fast.mount", MountHeader + "[Mount]\nWhat=tmpfs\nWhere=/mnt/fast\nType=tmpfs\n");
        Machine().Systemd.Write(units + "/var-lib-data.mount", MountHeader + "[Unit]\nRequires=mnt-fast.mount\nAfter=mnt-fast.mount\n[Mount]\nWhat=/mnt/fast/data\nWhere=/var/lib/data\nType=none\nOptions=bind\n");
        Machine().Systemd.Write(units + "/containerd.service.d/50-eksnode-storage.conf", MountHeader + "[Unit]\nRequiresMountsFor=/var/lib/data\n");
        Machine().Systemd.Write(units + "/srv-own.mount", "[Mount]\nWhat=tmpfs\nWhere=/srv/own\nType=tmpfs\n");
        await Machine().SystemctlAsync("daemon-reload");
        await Machine().SystemctlAsync("start", "mnt-fast.mount", "srv-own.mount");
        await InsideAsync("mkdir /mnt/fast/data && systemctl start var-lib-data.mount && echo kept >/var/lib/data/file");

        // Somebody works in it, and no service does, which systemd would stop first.
        await InsideAsync("cd /var/lib/data && (setsid sleep infinity >/dev/null 2>&1 </dev/null & echo $! >/run/user-of-it)");
        var joined = await TreeAsync();
        var refused = await Machine().JsonAsync(1, "reset", "--yes");
        var error = Assert.Single(refused.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("severity").GetString() == "error");
        Assert.Equal(("EKN0964", "/var/lib/data"), (error.GetProperty("code").GetString(), error.GetProperty("path").GetString()));
        Assert.Equal(joined, await TreeAsync());
        Assert.Equal("kept", await InsideAsync("cat /var/lib/data/file"));

        await InsideAsync("kill $(cat /run/user-of-it)");
        var dry = await Machine().ExpectAsync(0, "reset", "--dry-run");
        Assert.Contains("/var/lib/data", dry.Output, StringComparison.Ordinal);
        Assert.Equal("kept", await InsideAsync("cat /var/lib/data/file"));
        var reset = await Machine().JsonAsync(0, "reset", "--yes");
        Assert.Equal("/srv/own", await InsideAsync("findmnt -rno TARGET -t tmpfs | grep -E '^/(mnt|var|srv)' || true"));
        Assert.Contains(reset.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("message").GetString()!.Contains("mounted at /mnt/fast, keeps", StringComparison.Ordinal));
        foreach (var path in (string[])[units + "/mnt-fast.mount", units + "/var-lib-data.mount", units + "/containerd.service.d", "/var/lib/eksnode/state.json"])
        {
            Assert.False(Machine().Has(path), path);
        }

        Assert.True(Machine().Has(units + "/srv-own.mount"));
        Assert.Equal("not-found", await Machine().SystemctlAsync("show", "-P", "LoadState", "var-lib-data.mount"));
        var again = await Machine().JsonAsync(0, "reset", "--yes");
        Assert.DoesNotContain(again.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("severity").GetString() == "error");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/containerd")]
    [InlineData("/var/lib/eksnode")]
    public async Task On_a_full_disk_nothing_is_half_undone_and_with_room_the_reset_goes_on(string full)
    {
        const string root = "/srv/root";
        Configure("");
        await InsideAsync($"mkdir -p {root} && mount -t tmpfs -o size=4m,mode=755 tmpfs {root} && mkdir -p {root}/etc/containerd {root}/var/lib/eksnode && chmod 700 {root}/var/lib/eksnode"
            + (full.Length == 0 ? "" : $" && mount -t tmpfs -o size=256k,mode={(full.StartsWith("/var", StringComparison.Ordinal) ? "700" : "755")} tmpfs {root}{full}"));
        // Larger than what replaces it, and than what is left when the disk is full.
        await InsideAsync($"head -c 40000 /dev/zero | tr '\\0' x >{root}/etc/containerd/config.toml && chmod 640 {root}/etc/containerd/config.toml");
        var facts = "/etc/test/facts.json";
        Machine().Systemd.Write(facts, await File.ReadAllTextAsync(Path.Combine(Repository.Root, "examples/facts/m6i.large.json"), Cancellation));
        var before = await TreeAsync(root);
        await Machine().ExpectAsync(0, "join", "--no-start", "--root", root, "--facts", facts, "-c", "/etc/test/node.yaml");
        var joined = await TreeAsync(root);
        await InsideAsync($"head -c 8M /dev/zero >{root}{full}/fill 2>/dev/null; true");

        var first = await Machine().RunAsync("reset", "--root", root, "--yes", "--output", "json");
        await InsideAsync($"rm {root}{full}/fill");
        if (first.ExitCode != 0)
        {
            Assert.True(first.ExitCode == 1, first.ToString());
            using var document = JsonDocument.Parse(first.Output);
            var error = Assert.Single(document.RootElement.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("severity").GetString() == "error");
            Assert.Equal("EKN0801", error.GetProperty("code").GetString());
            Assert.Equal(joined, await TreeAsync(root));
            await Machine().ExpectAsync(0, "reset", "--root", root, "--yes");
        }

        Assert.True(first.ExitCode == 1 || full == "/var/lib/eksnode", first.ToString());
        Assert.Equal(before, await TreeAsync(root));
        Assert.False(Machine().Has(root + "/var/lib/eksnode/state.json"));
    }

    private SimulatedMachine Machine()
    {
        Assert.SkipUnless(machine is not null, SimulatedMachine.MissingWithContainerd ?? "");
        return machine!;
    }

    private void Configure(string more) => Machine().Systemd.Write("/etc/test/node.yaml", Machine().Configuration(more));

    private async Task<string> InsideAsync(string script)
    {
        var result = await Machine().Systemd.RunAsync("sh", "-c", script);
        Assert.True(result.ExitCode == 0, $"{script}: {result}");
        return result.Output.Trim();
    }

    // Kind, mode, owner and target of everything, and the digest of every file; not what services and the tests themselves write.
    private async Task<string> TreeAsync(string root = "")
    {
        const string left = "-path ./etc/test -o -path ./var/log -o -path ./var/lib/containerd -o -path ./var/lib/systemd -o -path ./var/lib/eksnode -o -path ./opt/containerd -o -path ./var/tmp -o -name fill";
        return await InsideAsync(
            $"cd {root}/ && for d in etc opt var usr/lib/systemd usr/libexec; do [ -e $d ] && echo ./$d; done >/tmp/folders; "
            + $"xargs -I{{}} find {{}} \\( {left} \\) -prune -o -printf '%p %y %m %u:%g %l\\n' </tmp/folders | sort; "
            + $"xargs -I{{}} find {{}} \\( {left} \\) -prune -o -type f -print0 </tmp/folders | sort -z | xargs -0r sha256sum");
    }
}
