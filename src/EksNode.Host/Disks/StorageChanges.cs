using System.Globalization;
using System.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Disks;

/// <summary>What becomes of disks, in the form in which everything else changes.</summary>
internal static class StorageChanges
{
    /// <summary>The change of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="there">Whether it is there as planned.</param>
    public static Change Of(StorageResource resource, bool there)
    {
        var version = Version(Describe(resource));
        return new Change
        {
            ResourceId = resource.Id,
            Path = resource.Path,
            Resource = resource,
            Action = there ? ChangeAction.None : ChangeAction.Create,
            Verdict = there ? Verdict.Ours : Verdict.Missing,
            Before = there ? version : null,
            After = version,
        };
    }

    private static ObjectVersion Version(string text) =>
        new(new ObjectIdentity { Kind = FileKind.Special }, [.. Encoding.UTF8.GetBytes(text)], Sensitive: false);

    private static string Describe(StorageResource resource) => resource switch
    {
        RaidResource raid => string.Create(CultureInfo.InvariantCulture, $"level: {raid.Level}\ndisks: {Names(raid.Members.Select(m => m.Name))}\n"),
        FilesystemResource filesystem => $"type: {filesystem.Type}\nlabel: {filesystem.Label}\non: {On(filesystem.Device)}\n",
        MountResource { Directory: { } directory } mount => $"from: {mount.FilesystemPath}/{directory}\noptions: {mount.Options}\nseed: {mount.Seed}\n",
        MountResource mount => $"from: {mount.Filesystem}\noptions: {mount.Options}\n",
        _ => "",
    };

    private static string On(StorageDevice device) =>
        device.Raid ?? device.Volume?.ToString() ?? "one of " + Names(device.Pool.Select(d => d.Name));

    private static string Names(IEnumerable<string> names) => string.Join(' ', names);
}
