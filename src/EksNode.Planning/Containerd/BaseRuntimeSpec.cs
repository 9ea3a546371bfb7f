using System.Text;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Containerd;

/// <summary>
/// The OCI runtime spec that every container starts from: the default one with the user's part merged deep over it (lists are
/// replaced).
/// </summary>
/// <remarks>
/// Source of the default: the spec of an EKS-optimized AL2023 image, which is containerd's own default (<c>ctr oci spec</c>) with
/// limits for open files.
/// </remarks>
internal static class BaseRuntimeSpec
{
    /// <summary>Where it is; containerd's configuration names it.</summary>
    public const string Path = NodePaths.BaseRuntimeSpec;

    private const int Indent = 4;
    private const string NoFile = "RLIMIT_NOFILE";

    /// <summary>No limit: RLIM_INFINITY of setrlimit(2).</summary>
    internal const string NoLimit = "18446744073709551615";

    private static readonly Origin Standard = Origin.Default("containerd's default runtime spec");
    private static readonly Origin OpenFiles = Origin.Default("open files: the soft limit that programs expect, and room to raise it");

    /// <summary>The file.</summary>
    /// <param name="user">The user's part, or null.</param>
    /// <param name="limits">The user's limits of processes, below their part: an OCI runtime's names.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static FileResource File(TreeMap? user, SortedMap<Sourced<ProcessLimit>> limits, DiagnosticBag diagnostics)
    {
        if (user is not null)
        {
            RuntimeSpecCheck.Check(user, diagnostics);
        }

        var spec = TreeMerge.Merge(Default(limits), user ?? new TreeMap([], Standard));
        return new FileResource
        {
            Path = Path,
            Content = [.. Encoding.UTF8.GetBytes(JsonWriter.Write(spec, Indent, sortKeys: true))],
            // The environment of processes and hooks can hold a user's secret.
            Mode = user is null ? FileModes.Public : FileModes.Secret,
            Sensitive = user is not null,
            Restarts = [ContainerdComponent.Unit],
            Baking = Baking.OfEveryNode,
            Reasons = TreeReasons.Of("containerd.baseRuntimeSpec", spec),
            Document = spec,
        };
    }

    private static TreeMap Default(SortedMap<Sourced<ProcessLimit>> limits) => Tree.Map(
        ("ociVersion", Text("1.1.0")),
        ("process", Process(limits)),
        ("root", Tree.Map(("path", Text("rootfs")))),
        ("mounts", Mounts()),
        ("linux", Linux()));

    private static TreeMap Process(SortedMap<Sourced<ProcessLimit>> limits)
    {
        var capabilities = Texts(
            "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD",
            "CAP_NET_BIND_SERVICE", "CAP_NET_RAW", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT");
        return Tree.Map(
            ("capabilities", Tree.Map(("bounding", capabilities), ("effective", capabilities), ("permitted", capabilities))),
            ("cwd", Text("/")),
            ("noNewPrivileges", Tree.Bool(true, Standard)),
            ("rlimits", Rlimits(limits)),
            ("user", Tree.Map(("uid", Tree.Number(0, Standard)), ("gid", Tree.Number(0, Standard)))));
    }

    // One of each kind: the user's, or the default. A list is replaced as a whole in a merge.
    private static TreeList Rlimits(SortedMap<Sourced<ProcessLimit>> limits)
    {
        var all = limits.ContainsKey(NoFile)
            ? limits
            : limits.Add(NoFile, new Sourced<ProcessLimit>(new ProcessLimit { Soft = "65536", Hard = "1048576" }, OpenFiles));
        var items = new List<TreeNode>();
        foreach (var (name, (limit, origin)) in all)
        {
            items.Add(Tree.Map(("type", Tree.Text(name, origin)), ("soft", Limit(limit.Soft, origin)), ("hard", Limit(limit.Hard, origin))));
        }

        return new TreeList(items.ToImmutable(), limits.IsEmpty ? OpenFiles : limits.Values.First().Origin);
    }

    private static TreeScalar Limit(string text, Origin origin) =>
        new(ScalarKind.Integer, text == ProcessLimit.Infinity ? NoLimit : text, origin);

    private static TreeList Mounts() => new(
        [
            Mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            Mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
            Mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            Mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            Mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        ],
        Standard);

    private static TreeMap Mount(string destination, string type, string source, params ReadOnlySpan<string> options) => Tree.Map(
        ("destination", Text(destination)),
        ("type", Text(type)),
        ("source", Text(source)),
        ("options", Tree.Texts(Standard, options)));

    private static TreeMap Linux() => Tree.Map(
        ("namespaces", new TreeList([.. ((string[])["ipc", "mount", "network", "pid", "uts"]).Select(n => Tree.Map(("type", Text(n))))], Standard)),
        ("maskedPaths", Texts(
            "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi",
            "/proc/timer_list", "/proc/timer_stats", "/sys/firmware")),
        ("readonlyPaths", Texts("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")),
        ("resources", Tree.Map(("devices", new TreeList(
            [Tree.Map(("allow", Tree.Bool(false, Standard)), ("access", Text("rwm")))],
            Standard)))));

    private static TreeScalar Text(string value) => Tree.Text(value, Standard);

    private static TreeList Texts(params ReadOnlySpan<string> values) => Tree.Texts(Standard, values);
}
