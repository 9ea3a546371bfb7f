using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Hashing;
using EksNode.Planning.Plans;

namespace EksNode.Host.Engine;

/// <summary>
/// Blocks in hosts files. What is between the markers is eksnode's, so the plan wins there; every other line is somebody
/// else's. A block without addresses (DNS did not answer) leaves the one that is there: a disconnected rack must reboot.
/// </summary>
internal sealed class HostsEffect : Effect
{
    /// <summary>The only one.</summary>
    public static HostsEffect Instance { get; } = new();

    /// <inheritdoc/>
    public override Change? Compare(Resource resource, DiffContext context)
    {
        var entry = (HostsEntryResource)resource;
        if (FileAt(entry.Path, context) is not { } file)
        {
            return null;
        }

        var record = context.State.Hosts.GetValueOrDefault(entry.HostName);
        var actual = file.Find(entry.HostName);
        var planned = entry.Addresses.IsEmpty ? actual : HostsFile.Block(entry.HostName, entry.Addresses);
        if (planned is null && !IsNamed(entry.HostName, file.Content))
        {
            // A rack that was never connected cannot join; one that was has its block, and goes on with it.
            context.Diagnostics.Report(
                DiagnosticCatalogue.HostUnknown,
                $"There is no address for {entry.HostName}: DNS did not resolve it, and {entry.Path} has no line for it.",
                "Check that the node reaches its DNS servers; join tries again when it is run again.",
                path: entry.Path);
        }

        if (planned is not null)
        {
            record = new HostsRecord(
                entry.Path, record is { MadeFile: true } || (record is null && !file.Observed.Identity.Exists), entry.Restarts);
            context.FinalHosts[entry.HostName] = record;
        }

        if (actual == planned)
        {
            return ChangeOf(entry.Id, entry.Path, entry, ChangeAction.None, context, file, file.Content, []);
        }

        context.IntentHosts[entry.HostName] = record!;
        var before = file.Content;
        file.Put(entry.HostName, planned!);
        var action = file.Observed.Identity.Exists ? ChangeAction.Update : ChangeAction.Create;
        if (action == ChangeAction.Create)
        {
            context.NeedDirectoriesFor(entry.Path);
        }

        return ChangeOf(entry.Id, entry.Path, entry, action, context, file, before, entry.Restarts);
    }

    private static bool IsNamed(string hostName, byte[] content)
    {
        foreach (var line in Encoding.UTF8.GetString(content).Split('\n'))
        {
            var words = line.Split('#')[0].Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Skip(1).Contains(hostName, StringComparer.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes out a block that is planned no more.</summary>
    public Change? Undo(string hostName, HostsRecord record, DiffContext context)
    {
        if (FileAt(record.Path, context) is not { } file)
        {
            return null;
        }

        context.FinalHosts.Remove(hostName);
        if (file.Find(hostName) is null)
        {
            if (record.MadeFile && !file.Observed.Identity.Exists)
            {
                context.Gone.Add(record.Path);
            }

            return null;
        }

        var before = file.Content;
        file.Remove(hostName);
        var action = ChangeAction.Update;
        if (file.Content.Length == 0 && record.MadeFile)
        {
            action = ChangeAction.Delete;
            context.Gone.Add(record.Path);
        }

        return ChangeOf("hosts:" + hostName, record.Path, null, action, context, file, before, record.Restarts);
    }

    /// <inheritdoc/>
    public override void Apply(Change change, FileTransaction transaction)
    {
        if (change.Action == ChangeAction.None)
        {
            return;
        }

        transaction.Expect(change.Path, change.Observed!.Status);
        if (change.After is { } after)
        {
            transaction.Write(
                change.Path, after.Content.AsMemory(), after.Identity.Mode, new FileOwner(after.Identity.User, after.Identity.Group));
        }
        else
        {
            transaction.Remove(change.Path);
        }
    }

    private static HostsFile? FileAt(string path, DiffContext context)
    {
        if (!context.HostsFiles.TryGetValue(path, out var file))
        {
            if (context.Observe(path) is not { } observed)
            {
                return null;
            }

            // A link there is replaced by a file with the lines that it led to.
            file = new HostsFile(context.Root.ReadFile(path) ?? [], observed);
            context.HostsFiles.Add(path, file);
        }

        return file;
    }

    private Change ChangeOf(
        string id,
        string path,
        Resource? resource,
        ChangeAction action,
        DiffContext context,
        HostsFile file,
        byte[] before,
        ImmutableArray<string> restarts)
    {
        var identity = file.Observed.Identity;
        var kept = identity.Kind == FileKind.File ? identity : context.FileIdentity(before, Modes.File);
        return new Change
        {
            Effect = this,
            ResourceId = id,
            Path = path,
            Resource = resource,
            Action = action,
            Verdict = identity.Exists ? Verdict.Ours : Verdict.Missing,
            Before = identity.Exists ? Version(kept, before) : null,
            After = action == ChangeAction.Delete ? null : Version(kept, file.Content),
            Restarts = action == ChangeAction.None ? [] : restarts,
            Observed = file.Observed,
        };
    }

    private static ObjectVersion Version(ObjectIdentity identity, byte[] content) =>
        new(identity with { Sha256 = Sha256.Of(content) }, ImmutableCollectionsMarshal.AsImmutableArray(content), false);
}
