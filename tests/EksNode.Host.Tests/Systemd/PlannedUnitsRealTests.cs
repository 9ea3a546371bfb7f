using EksNode.Simulation.Systemd;

namespace EksNode.Host.Tests.Systemd;

/// <summary>A real systemd takes the units and drop-ins that the cases of the proxy and of prefetching plan and that images have for downloads, and services get the values as they were written.</summary>
public sealed class PlannedUnitsRealTests
{
    private const string Folder = "/etc/systemd/system";

    [Fact]
    public async Task R07_Drop_ins_of_the_proxy_and_the_unit_that_pulls_images_are_valid_and_give_the_values_as_written()
    {
        Assert.SkipUnless(RealSystemd.Missing is null, RealSystemd.Missing ?? "");
        await using var systemd = new RealSystemd();
        List<string> units = [];
        foreach (var folder in (string[])["proxy", "registries"])
        {
            var root = Path.Combine(Repository(), "tests", "cases", folder, "expected");
            foreach (var file in Directory.EnumerateFiles(root + Folder, "*", SearchOption.AllDirectories).Where(f => !f.Contains('@')))
            {
                systemd.Write(file[root.Length..], await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
                var unit = Path.GetFileName(file) is var name && name.EndsWith(".service", StringComparison.Ordinal) ? name : Path.GetFileName(Path.GetDirectoryName(file)!)[..^2];
                if (!units.Contains(unit))
                {
                    units.Add(unit);
                }
            }
        }

        systemd.Write("/usr/bin/eksnode", "#!/bin/sh\nprintf '%s\\n' \"$@\" >/run/pulled\n", (UnixFileMode)0b111_101_101);
        foreach (var unit in units.Where(u => u != "eksnode-prefetch.service"))
        {
            systemd.Write($"{Folder}/{unit}", $"[Service]\nType=oneshot\nExecStart=/bin/sh -c 'env >/run/{unit}.env'\n");
        }

        await systemd.BootAsync();
        var verified = await systemd.RunAsync(["systemd-analyze", "verify", "--man=no", .. units.Select(u => $"{Folder}/{u}")]);
        Assert.True(verified.ExitCode == 0 && verified.Error.Length == 0, verified.ToString());
        Assert.Contains("kubelet.service", units);
        foreach (var unit in units)
        {
            var started = await systemd.RunAsync("systemctl", "start", unit);
            Assert.True(started.ExitCode == 0, started.ToString());
        }

        var environment = (await systemd.RunAsync("cat", "/run/kubelet.service.env")).Output.Split('\n');
        Assert.Contains("HTTPS_PROXY=http://node:p%25a\"ss%40@proxy.example.com:3128", environment);
        Assert.Contains("https_proxy=http://node:p%25a\"ss%40@proxy.example.com:3128", environment);
        Assert.Contains(environment, line => line.StartsWith("NO_PROXY=.example.com,registry.example.com:5000,192.168.0.0/16,10.0.0.0/16,127.0.0.1,", StringComparison.Ordinal));

        // What spec.instance.environment gives a service is its own, whatever the case.
        var agent = (await systemd.RunAsync("cat", "/run/amazon-ssm-agent.service.env")).Output.Split('\n');
        Assert.Contains("https_proxy=http://ssm-proxy.example.com:8080", agent);
        Assert.DoesNotContain(agent, line => line.StartsWith("HTTPS_PROXY=", StringComparison.Ordinal));

        await systemd.RunAsync("sh", "-c", "until [ -e /run/pulled ]; do sleep 0.1; done; sleep 0.2");
        Assert.Equal(
            "pull\n--timeout\n1h\n123456789012.dkr.ecr.us-west-2.amazonaws.com/team/app:1.2\npublic.ecr.aws/docker/library/busybox:1.36\n",
            (await systemd.RunAsync("cat", "/run/pulled")).Output);
    }

    [Fact]
    public async Task Units_of_programs_that_come_without_one_are_valid_and_start_them()
    {
        Assert.SkipUnless(RealSystemd.Missing is null, RealSystemd.Missing ?? "");
        await using var systemd = new RealSystemd();
        var units = Directory.GetFiles(Path.Combine(Repository(), "image", "units"));
        Assert.Equal(["containerd.service", "soci-snapshotter.service"], units.Select(u => Path.GetFileName(u)).Order(StringComparer.Ordinal));
        foreach (var unit in units)
        {
            systemd.Write($"{Folder}/{Path.GetFileName(unit)}", await File.ReadAllTextAsync(unit, TestContext.Current.CancellationToken));
        }

        foreach (var program in new[] { "/usr/bin/containerd", "/usr/bin/soci-snapshotter-grpc" })
        {
            systemd.Write(program, "#!/bin/sh\nsystemd-notify --ready\nexec sleep 600\n", (UnixFileMode)0b111_101_101);
        }

        await systemd.BootAsync();
        foreach (var unit in units.Select(u => Path.GetFileName(u)))
        {
            var verified = await systemd.RunAsync("systemd-analyze", "verify", "--man=no", $"{Folder}/{unit}");
            Assert.True(verified.ExitCode == 0 && verified.Error.Length == 0, verified.ToString());

            // The stand-in tells with a program of its own; the real one tells by itself.
            systemd.Write($"{Folder}/{unit}.d/notify.conf", "[Service]\nNotifyAccess=all\n");
            await systemd.RunAsync("systemctl", "daemon-reload");
            var started = await systemd.RunAsync("systemctl", "start", unit);
            Assert.True(started.ExitCode == 0, started.ToString());
        }

        // Containers outlive a restart of containerd.
        Assert.Equal("Delegate=yes\nKillMode=process\n", (await systemd.RunAsync("systemctl", "show", "containerd.service", "-p", "KillMode", "-p", "Delegate")).Output);
    }

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "eksnode.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository is not above the tests.");
        }

        return folder;
    }
}
