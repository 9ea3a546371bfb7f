using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Tests.Containerd;

/// <summary>The runtime spec that containers start from.</summary>
public sealed class BaseRuntimeSpecTests
{
    [Fact]
    public void The_default_is_written_with_sorted_keys_four_spaces_and_no_line_break_at_the_end()
    {
        var text = ContainerdPlan.Of().Text(ContainerdPlan.RuntimeSpec);

        Assert.StartsWith(
            """
            {
                "linux": {
                    "maskedPaths": [
                        "/proc/acpi",
                        "/proc/asound",
                        "/proc/kcore",
                        "/proc/keys",
                        "/proc/latency_stats",
                        "/proc/sched_debug",
                        "/proc/scsi",
                        "/proc/timer_list",
                        "/proc/timer_stats",
                        "/sys/firmware"
                    ],
                    "namespaces": [
                        {
                            "type": "ipc"
                        },
            """,
            text,
            StringComparison.Ordinal);
        Assert.EndsWith("\"path\": \"rootfs\"\n    }\n}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_has_the_values_of_an_eks_image()
    {
        var spec = ContainerdPlan.ParseJson(ContainerdPlan.Of().Text(ContainerdPlan.RuntimeSpec));
        const string capabilities =
            "[\"CAP_AUDIT_WRITE\", \"CAP_CHOWN\", \"CAP_DAC_OVERRIDE\", \"CAP_FOWNER\", \"CAP_FSETID\", \"CAP_KILL\", \"CAP_MKNOD\", "
            + "\"CAP_NET_BIND_SERVICE\", \"CAP_NET_RAW\", \"CAP_SETFCAP\", \"CAP_SETGID\", \"CAP_SETPCAP\", \"CAP_SETUID\", \"CAP_SYS_CHROOT\"]";

        Assert.Equal("\"1.1.0\"", ContainerdPlan.Show(spec["ociVersion"]));
        Assert.Equal(
            $"{{capabilities: {{bounding: {capabilities}, effective: {capabilities}, permitted: {capabilities}}}, cwd: \"/\", noNewPrivileges: true, "
                + "rlimits: [{hard: 1048576, soft: 65536, type: \"RLIMIT_NOFILE\"}], user: {gid: 0, uid: 0}}",
            ContainerdPlan.Show(spec["process"]));
        Assert.Equal("{devices: [{access: \"rwm\", allow: false}]}", ContainerdPlan.Show(((TreeMap)spec["linux"]!)["resources"]));
        Assert.Equal(
            "[{type: \"ipc\"}, {type: \"mount\"}, {type: \"network\"}, {type: \"pid\"}, {type: \"uts\"}]",
            ContainerdPlan.Show(((TreeMap)spec["linux"]!)["namespaces"]));
        var mounts = Assert.IsType<TreeList>(spec["mounts"]);
        Assert.Equal(
            ["/dev tmpfs", "/dev/mqueue mqueue", "/dev/pts devpts", "/proc proc", "/sys sysfs"],
            mounts.Items.Cast<TreeMap>().Select(m => $"{((TreeScalar)m["destination"]!).Text} {((TreeScalar)m["type"]!).Text}"));
        Assert.Equal("[\"nosuid\", \"noexec\", \"nodev\", \"ro\"]", ContainerdPlan.Show(((TreeMap)mounts.Items[4])["options"]));
    }

    [Fact]
    public void The_default_passes_its_own_check()
    {
        var text = ContainerdPlan.Of().Text(ContainerdPlan.RuntimeSpec);
        var plan = ContainerdPlan.Of(spec: text);

        Assert.Empty(plan.Diagnostics);
        Assert.Equal(text, plan.Text(ContainerdPlan.RuntimeSpec));
    }

    [Fact]
    public void A_users_part_is_merged_deep_and_replaces_lists()
    {
        var plan = ContainerdPlan.Of(spec:
            """
            {"process": {"rlimits": [{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}], "noNewPrivileges": false},
             "linux": {"readonlyPaths": []}, "annotations": {"a": "b"}}
            """);
        var spec = ContainerdPlan.ParseJson(plan.Text(ContainerdPlan.RuntimeSpec));
        var process = Assert.IsType<TreeMap>(spec["process"]);

        Assert.Empty(plan.Diagnostics);
        Assert.Equal("[{hard: 0, soft: 0, type: \"RLIMIT_CORE\"}]", ContainerdPlan.Show(process["rlimits"]));
        Assert.Equal("false", ContainerdPlan.Show(process["noNewPrivileges"]));
        Assert.Equal("\"/\"", ContainerdPlan.Show(process["cwd"]));
        Assert.Equal("[]", ContainerdPlan.Show(((TreeMap)spec["linux"]!)["readonlyPaths"]));
        Assert.Equal("{a: \"b\"}", ContainerdPlan.Show(spec["annotations"]));
        var reason = Assert.Single(plan.File(ContainerdPlan.RuntimeSpec).Reasons, r => r.Setting == "containerd.baseRuntimeSpec.process.noNewPrivileges");
        Assert.Equal(OriginKind.Configuration, reason.Origin.Kind);
    }

    [Theory]
    [InlineData("""{"proces": {}}""", "EKN0511", "spec.containerd.baseRuntimeSpec.proces", "process")]
    [InlineData("""{"process": {"rlimit": []}}""", "EKN0511", "spec.containerd.baseRuntimeSpec.process.rlimit", "rlimits")]
    [InlineData("""{"process": {"rlimits": [{"typ": "x"}]}}""", "EKN0511", "spec.containerd.baseRuntimeSpec.process.rlimits[0].typ", "type")]
    [InlineData("""{"process": {"rlimits": {"RLIMIT_NOFILE": 5}}}""", "EKN0510", "spec.containerd.baseRuntimeSpec.process.rlimits", "a list of maps")]
    [InlineData("""{"process": {"rlimits": [{"soft": "65536"}]}}""", "EKN0510", "spec.containerd.baseRuntimeSpec.process.rlimits[0].soft", "an integer")]
    [InlineData("""{"process": {"noNewPrivileges": "yes"}}""", "EKN0510", "spec.containerd.baseRuntimeSpec.process.noNewPrivileges", "a boolean")]
    [InlineData("""{"linux": {"maskedPaths": ["/a", 5]}}""", "EKN0510", "spec.containerd.baseRuntimeSpec.linux.maskedPaths[1]", "a string")]
    [InlineData("""{"linux": {"sysctl": []}}""", "EKN0510", "spec.containerd.baseRuntimeSpec.linux.sysctl", "a map")]
    [InlineData("""{"process": {"user": {"additionalGids": ["a"]}}}""", "EKN0510", "spec.containerd.baseRuntimeSpec.process.user.additionalGids[0]", "an integer")]
    public void A_mistake_in_a_users_part_is_a_warning_and_written_as_asked(string spec, string code, string path, string help)
    {
        var diagnostic = Assert.Single(ContainerdPlan.Of(spec: spec).Diagnostics);

        Assert.Equal((code, Severity.Warning, path), (diagnostic.Code, diagnostic.Severity, diagnostic.Path));
        Assert.Contains(help, diagnostic.Help, StringComparison.Ordinal);
        Assert.Equal("user-data", diagnostic.Origin?.Source);
    }

    [Theory]
    [InlineData("""{"PROCESS": {"Cwd": "/x"}}""")]
    [InlineData("""{"linux": {"sysctl": {"net.core.somaxconn": "1024"}}, "windows": {"any": 1}}""")]
    [InlineData("""{"process": {"capabilities": null}}""")]
    public void What_containerd_takes_is_no_mistake(string spec) => Assert.Empty(ContainerdPlan.Of(spec: spec).Diagnostics);
}
