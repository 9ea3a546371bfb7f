using System.Text;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>
/// Settings of the running kernel. The plan wins whoever changed a value: other files, or a service, set values at every boot. What was there
/// before eksnode is remembered, and comes back when the setting is planned no more, unless somebody set another value since. A root
/// without <c>/proc/sys</c> has no kernel: there is nothing to compare.
/// </summary>
internal sealed class SysctlEffect : Effect
{
    private const string Folder = "/proc/sys";

    /// <summary>The only one.</summary>
    public static SysctlEffect Instance { get; } = new();

    /// <inheritdoc/>
    public override Change? Compare(Resource resource, DiffContext context)
    {
        var sysctl = (SysctlResource)resource;
        if (!HasKernel(context.Root))
        {
            return null;
        }

        if (ValueAt(sysctl.Path, context.Root) is not { } actual)
        {
            // With a module that a start loads, it may come.
            if (!context.AwaitsModules)
            {
                context.Diagnostics.Report(
                    DiagnosticCatalogue.SysctlMissing,
                    $"The kernel has no setting {sysctl.Name}: there is no {sysctl.Path} that has a value.",
                    Suggestions.DidYouMean(sysctl.Name, Beside(sysctl, context.Root), "Check the name; if a module brings it, name the module in `spec.kernel.modules`."),
                    sysctl.Reasons[0].Origin,
                    SettingOf(sysctl));
            }

            return null;
        }

        var record = new SysctlRecord(context.State.Sysctls.GetValueOrDefault(sysctl.Name)?.Original ?? actual, sysctl.Value);
        context.IntentSysctls[sysctl.Name] = record;
        context.FinalSysctls[sysctl.Name] = record;
        return ChangeOf(sysctl.Id, sysctl.Path, sysctl, actual, sysctl.Value);
    }

    /// <summary>Finds what must become of a setting that eksnode set and that is planned no more.</summary>
    public Change? Undo(string name, SysctlRecord record, DiffContext context)
    {
        if (!HasKernel(context.Root))
        {
            return null;
        }

        context.FinalSysctls.Remove(name);
        var path = SysctlName.PathOf(name);
        return ValueAt(path, context.Root) is { } actual && actual == record.Written && actual != record.Original
            ? ChangeOf("sysctl:" + name, path, null, actual, record.Original)
            : null;
    }

    /// <inheritdoc/>
    public override void Apply(Change change, FileTransaction transaction)
    {
        if (change is { Action: ChangeAction.Update, After: { } after })
        {
            transaction.Set(change.Path, Encoding.UTF8.GetString(after.Content.AsSpan()).TrimEnd('\n'), isUndo: change.Resource is null);
        }
    }

    /// <summary>Whether a setting has the planned value; null when there is no kernel.</summary>
    public static Finding? Find(SysctlResource sysctl, HostRoot root, AppliedState state)
    {
        if (!HasKernel(root))
        {
            return null;
        }

        var actual = ValueAt(sysctl.Path, root);
        var record = state.Sysctls.GetValueOrDefault(sysctl.Name);
        return new Finding(sysctl.Id, sysctl.Path, Whose(actual, record))
        {
            Resource = sysctl,
            AsPlanned = actual == sysctl.Value,
            Applied = record is null ? null : VersionOf(record.Written).Identity,
            Planned = VersionOf(sysctl.Value),
            Actual = actual is null ? null : VersionOf(actual),
        };
    }

    /// <summary>Whose a setting is that is planned no more, or for which there is no plan; null when there is nothing to say.</summary>
    public static Finding? Find(string name, SysctlRecord record, HostRoot root, bool hasPlan)
    {
        var path = SysctlName.PathOf(name);
        if (!HasKernel(root) || ValueAt(path, root) is not { } actual)
        {
            return null;
        }

        return new Finding("sysctl:" + name, path, Whose(actual, record))
        {
            HasPlan = hasPlan,
            IsUndone = hasPlan && (actual == record.Original || actual != record.Written),
            Applied = VersionOf(record.Written).Identity,
            Actual = VersionOf(actual),
        };
    }

    /// <summary>The path of a setting in the configuration: <c>spec.kernel.sysctls.vm.swappiness</c>.</summary>
    public static string SettingOf(SysctlResource sysctl) => "spec." + sysctl.Reasons[0].Setting;

    // The names of what is in the same folder of the kernel's.
    private static IEnumerable<string> Beside(SysctlResource sysctl, HostRoot root)
    {
        var last = sysctl.Path.LastIndexOf('/');
        foreach (var name in root.List(sysctl.Path[..last]) ?? [])
        {
            yield return sysctl.Name[..^(sysctl.Path.Length - last - 1)] + name;
        }
    }

    private static Ownership Whose(string? actual, SysctlRecord? record) =>
        actual is null ? Ownership.Missing
        : record is null ? Ownership.NotOurs
        : actual == record.Written ? Ownership.OursUnchanged
        : Ownership.OursChangedByHand;

    private static bool HasKernel(HostRoot root) => root.Status(Folder, followLink: true) is { Kind: FileKind.Directory };

    private static string? ValueAt(string path, HostRoot root)
    {
        // Some can only be written (net.ipv4.route.flush): they begin something, and have no value.
        const int ownerMayRead = 0x100;
        return root.Status(path) is { Kind: FileKind.File } status && (status.Mode & ownerMayRead) != 0 && root.ReadFile(path) is { } bytes
            ? SysctlName.Normalise(Encoding.UTF8.GetString(bytes))
            : null;
    }

    private Change ChangeOf(string id, string path, SysctlResource? resource, string actual, string planned) => new()
    {
        Effect = this,
        ResourceId = id,
        Path = path,
        Resource = resource,
        Action = actual == planned ? ChangeAction.None : ChangeAction.Update,
        Verdict = Verdict.Ours,
        Before = VersionOf(actual),
        After = VersionOf(planned),
    };

    private static ObjectVersion VersionOf(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value + "\n");
        return new ObjectVersion(new ObjectIdentity { Kind = FileKind.Special, Sha256 = Hashing.Sha256.Of(bytes) }, [.. bytes], Sensitive: false);
    }
}
