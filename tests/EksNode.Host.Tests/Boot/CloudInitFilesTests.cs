using EksNode.Host.Boot;
using EksNode.Host.Tests.Files;

namespace EksNode.Host.Tests.Boot;

/// <summary>What cloud-init has to run, from what it keeps on disk.</summary>
public sealed class CloudInitFilesTests
{
    private const string NodeConfig = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n";

    [Fact]
    public void Nothing_with_a_NodeConfig_and_a_plain_image() => Assert.Empty(Work(root => root
        .Write("/etc/cloud/cloud.cfg", "users: [default]\ncloud_final_modules: [scripts-user]\n")
        .Write("/etc/cloud/cloud.cfg.d/05_logging.cfg", "_log: [a]\n")
        .Write("/etc/cloud/cloud.cfg.d/README", "runcmd: [ls]\n")
        .Write("/var/lib/cloud/instances/i-1/vendor-data.txt", "")
        .Write("/proc/cmdline", "ro quiet\n")));

    [Theory]
    [InlineData("/var/lib/cloud/instances/i-1/vendor-data.txt", "#cloud-config\nruncmd: [ls]\n", "the vendor data is a cloud-config")]
    [InlineData("/var/lib/cloud/instances/i-1/vendor-data2.txt", "#!/bin/sh\n", "the second vendor data is a shell script")]
    [InlineData("/var/lib/cloud/scripts/per-boot/a.sh", "#!/bin/sh\n", "there is the script /var/lib/cloud/scripts/per-boot/a.sh")]
    [InlineData("/var/lib/cloud/scripts/per-instance/a.sh", "#!/bin/sh\n", "there is the script /var/lib/cloud/scripts/per-instance/a.sh")]
    [InlineData("/var/lib/cloud/scripts/per-once/a.sh", "#!/bin/sh\n", "there is the script /var/lib/cloud/scripts/per-once/a.sh")]
    [InlineData("/var/lib/cloud/scripts/vendor/part-001", "#!/bin/sh\n", "there is the script /var/lib/cloud/scripts/vendor/part-001")]
    [InlineData("/etc/cloud/cloud.cfg", "runcmd: [ls]\n", "/etc/cloud/cloud.cfg has `runcmd`")]
    [InlineData("/etc/cloud/cloud.cfg.d/10-a.cfg", "packages: [jq]\n", "/etc/cloud/cloud.cfg.d/10-a.cfg has `packages`")]
    [InlineData("/etc/cloud/cloud.cfg.d/10-a.cfg", "a: [", "/etc/cloud/cloud.cfg.d/10-a.cfg cannot be read")]
    [InlineData("/proc/cmdline", "ro cc: {} end_cc", "the kernel command line has a configuration of cloud-init")]
    public void Each_place_counts(string path, string content, string reason) =>
        Assert.StartsWith(reason, Assert.Single(Work(root => root.Write(path, content))), StringComparison.Ordinal);

    [Theory]
    [InlineData("0::/system.slice/cloud-final.service\n", "cloud-final.service")]
    [InlineData("12:pids:/system.slice/cloud-config.service\n0::/system.slice/cloud-config.service\n", "cloud-config.service")]
    [InlineData("0::/system.slice/eksnode-start.service\n", null)]
    [InlineData("0::/user.slice/user-0.slice/session-1.scope\n", null)]
    [InlineData("", null)]
    public void A_process_of_cloud_init_is_known_by_its_cgroup(string groups, string? unit)
    {
        using var root = new TestRoot();
        root.Write("/proc/self/cgroup", groups);
        using var host = root.Open();
        Assert.Equal(unit, CloudInitFiles.OwnUnit(host));
    }

    [Fact]
    public void Without_the_user_data_that_it_read_there_is_doubt()
    {
        using var root = new TestRoot();
        using var host = root.Open();
        Assert.Contains("is not there", Assert.Single(CloudInitFiles.Work(host)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_read_is_doubt() =>
        Assert.Contains("cannot be read", Assert.Single(Work(root => root.Write("/etc/cloud/cloud.cfg/file", ""))), StringComparison.Ordinal);

    private static System.Collections.Immutable.ImmutableArray<string> Work(Action<TestRoot> prepare)
    {
        using var root = new TestRoot();
        // As cloud-init has it: a link to the folder of the instance.
        root.Write("/var/lib/cloud/instances/i-1/user-data.txt", NodeConfig).Link("/var/lib/cloud/instance", "/var/lib/cloud/instances/i-1");
        prepare(root);
        using var host = root.Open();
        return CloudInitFiles.Work(host);
    }
}
