using System.Collections.Immutable;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>Compares a host with what was applied to it, and with a plan when there is one. It only reads.</summary>
public static class Verifier
{
    /// <summary>
    /// A finding for each planned resource, in the order of the plan, then for each path that was written and is planned no
    /// more. Released paths belong to somebody else and have none; neither have disks and kernel modules, which are no files.
    /// </summary>
    /// <param name="plan">The plan; null: there is none, and the state alone says what should be there.</param>
    /// <param name="root">The host.</param>
    /// <param name="state">What eksnode remembers of it.</param>
    public static ImmutableArray<Finding> Verify(Plan? plan, HostRoot root, AppliedState state)
    {
        var resources = plan?.Resources ?? [];
        var context = new DiffContext(root, state, new DiffOptions(state.InstanceId), resources);
        var findings = new List<Finding>();
        var planned = new HashSet<string>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            switch (resource)
            {
                case FileResource or SymlinkResource:
                    findings.Add(OfPath(resource, context));
                    planned.Add(resource.Path);
                    break;
                case DirectoryResource:
                    findings.Add(OfDirectory(resource, context));
                    break;
                case PermissionsResource permissions:
                    if (PermissionsEffect.Find(permissions, root) is { } bits)
                    {
                        findings.Add(bits);
                    }

                    break;
                case HostsEntryResource entry:
                    findings.Add(OfHosts(entry, context));
                    planned.Add(resource.Id);
                    break;
                case ReleasedResource:
                    planned.Add(resource.Path);
                    break;
                case SysctlResource sysctl:
                    planned.Add(sysctl.Id);
                    if (SysctlEffect.Find(sysctl, root, state) is { } found)
                    {
                        findings.Add(found);
                    }

                    break;
                default:
                    break;
            }
        }

        foreach (var (path, record) in state.Files)
        {
            if (!planned.Contains(path))
            {
                findings.Add(OfRecord(path, record, root, plan is not null));
            }
        }

        foreach (var (name, record) in state.Sysctls)
        {
            if (!planned.Contains("sysctl:" + name) && SysctlEffect.Find(name, record, root, plan is not null) is { } finding)
            {
                findings.Add(finding);
            }
        }

        foreach (var (name, record) in state.Hosts)
        {
            if (!planned.Contains("hosts:" + name) && OfRecord(name, record, root, plan is not null) is { } finding)
            {
                findings.Add(finding);
            }
        }

        return findings.ToImmutable();
    }

    private static Finding OfPath(Resource resource, DiffContext context)
    {
        var observed = ObservedObject.At(context.Root, resource.Path);
        var record = context.State.Files.GetValueOrDefault(resource.Path);
        var planned = PathEffect.Planned(resource, context);
        return new Finding(resource.Id, resource.Path, Whose(observed.Identity, record))
        {
            Resource = resource,
            AsPlanned = observed.Identity == planned.Identity,
            Applied = record?.Written ?? record?.Intended,
            Planned = planned,
            Actual = VersionOf(observed, planned.Sensitive),
        };
    }

    // With a plan, what it does not have should be gone, or be again what it was before.
    private static Finding OfRecord(string path, FileRecord record, HostRoot root, bool hasPlan)
    {
        var observed = ObservedObject.At(root, path);
        var applied = record.Written ?? record.Intended;
        return new Finding((applied?.Kind == FileKind.Symlink ? "symlink:" : "file:") + path, path, Whose(observed.Identity, record))
        {
            HasPlan = hasPlan,
            IsUndone = hasPlan && (!observed.Identity.Exists || observed.Identity == record.Original),
            Applied = applied,
            Actual = VersionOf(observed, applied is { Kind: FileKind.File } file && Modes.IsClosed(file.Mode)),
        };
    }

    private static Finding? OfRecord(string hostName, HostsRecord record, HostRoot root, bool hasPlan)
    {
        var there = BlockOf(hostName, record.Path, root) is not null;
        return hasPlan && !there
            ? null
            : new Finding("hosts:" + hostName, record.Path, there ? Ownership.OursUnchanged : Ownership.Missing) { HasPlan = hasPlan };
    }

    private static Ownership Whose(ObjectIdentity actual, FileRecord? record) =>
        !actual.Exists ? Ownership.Missing
        : record is null || (record.Written is null && actual == record.Original) ? Ownership.NotOurs
        : WhoWins.IsOurs(actual, record) ? Ownership.OursUnchanged
        : Ownership.OursChangedByHand;

    private static Finding OfDirectory(Resource resource, DiffContext context)
    {
        var there = context.Root.Status(resource.Path, followLink: true)?.Kind == FileKind.Directory;
        var ownership = !there ? Ownership.Missing
            : context.State.Directories.ContainsKey(resource.Path) ? Ownership.OursUnchanged
            : Ownership.NotOurs;
        return new Finding(resource.Id, resource.Path, ownership) { Resource = resource, AsPlanned = there };
    }

    // The state knows that the block is ours, not what was in it: what is between the markers can only be compared with the plan.
    private static Finding OfHosts(HostsEntryResource entry, DiffContext context)
    {
        var actual = BlockOf(entry.HostName, entry.Path, context.Root);
        var asPlanned = entry.Addresses.IsEmpty || actual == HostsFile.Block(entry.HostName, entry.Addresses);
        var ownership = (actual, entry.Addresses.IsEmpty) switch
        {
            (null, false) => Ownership.Missing,
            _ when !context.State.Hosts.ContainsKey(entry.HostName) && actual is not null => Ownership.NotOurs,
            _ => asPlanned ? Ownership.OursUnchanged : Ownership.OursChangedByHand,
        };
        return new Finding(entry.Id, entry.Path, ownership) { Resource = entry, AsPlanned = asPlanned };
    }

    private static string? BlockOf(string hostName, string path, HostRoot root)
    {
        var observed = ObservedObject.At(root, path);
        return observed.Identity.Kind is FileKind.File or FileKind.Symlink
            ? new HostsFile(root.ReadFile(path) ?? [], observed).Find(hostName)
            : null;
    }

    private static ObjectVersion? VersionOf(ObservedObject observed, bool sensitive) =>
        observed.Identity.Exists ? new(observed.Identity, observed.Content, sensitive) : null;
}
