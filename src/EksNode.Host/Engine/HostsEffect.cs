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
            // What a killed run was about to put there may be there already: its record has it.
            var before = record;
            record = new HostsRecord(
                entry.Path, before is { MadeFile: true } || (before is null && !file.Observed.Identity.Exists), entry.Restarts)
            {
                EndedLine = before is { EndedLine: true } || (actual is null && file.Content is [.., not (byte)'\n']),
                Link = before?.Link ?? (file.Observed.Identity.Kind == FileKind.Symlink ? file.Observed.Identity.Target : null),
            };
            context.FinalHosts[entry.HostName] = record;
        }

        if (actual == planned)
        {
            return ChangeOf(entry.Id, entry.Path, entry, ChangeAction.None, context, file, file.Content, []);
        }

        context.IntentHosts[entry.HostName] = record!;
        var contentBefore = file.Content;
        file.Put(entry.HostName, planned!);
        var action = file.Observed.Identity.Exists ? ChangeAction.Update : ChangeAction.Create;
        if (action == ChangeAction.Create)
        {
            context.NeedDirectoriesFor(entry.Path);
        }

        return ChangeOf(entry.Id, entry.Path, entry, action, context, file, contentBefore, entry.Restarts);
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

        // What another block of the same file handed over is in it.
        record = context.FinalHosts.GetValueOrDefault(hostName, record);
        context.FinalHosts.Remove(hostName);
        var isLast = !HandOver(record, context);
        if (file.Find(hostName) is null)
        {
            if (record.MadeFile && !file.Observed.Identity.Exists)
            {
                context.Gone.Add(record.Path);
            }

            return null;
        }

        var before = file.Content;
        file.Remove(hostName, withLineEnd: isLast && record.EndedLine);

        var action = ChangeAction.Update;
        if (file.Content.Length == 0 && record.MadeFile)
        {
            action = ChangeAction.Delete;
            context.Gone.Add(record.Path);
        }

        var change = ChangeOf("hosts:" + hostName, record.Path, null, action, context, file, before, record.Restarts);
        return isLast && record.Link is { } link && LeadsToSame(link, record.Path, file.Content, context)
            ? change with { Action = ChangeAction.Update, After = new(ObjectIdentity.Symlink(link), default, false) }
            : change;
    }

    // What the first block did to the file is undone with the last.
    private static bool HandOver(HostsRecord record, DiffContext context)
    {
        foreach (var (name, other) in context.FinalHosts)
        {
            if (other.Path == record.Path)
            {
                context.FinalHosts[name] = other with
                {
                    MadeFile = other.MadeFile || record.MadeFile,
                    EndedLine = other.EndedLine || record.EndedLine,
                    Link = other.Link ?? record.Link,
                };
                return true;
            }
        }

        return false;
    }

    // The link that was there before comes back when nobody wrote other lines since.
    private static bool LeadsToSame(string link, string path, byte[] content, DiffContext context)
    {
        var target = link.StartsWith('/') ? link : $"{DiffContext.ParentOf(path).TrimEnd('/')}/{link}";
        return (context.Root.ReadFile(target) ?? []).AsSpan().SequenceEqual(content);
    }

    /// <inheritdoc/>
    public override void Apply(Change change, FileTransaction transaction)
    {
        if (change.Action == ChangeAction.None)
        {
            return;
        }

        transaction.Expect(change.Path, change.Observed!.Status);
        if (change.After is { Identity: { Kind: FileKind.Symlink, Target: { } target } })
        {
            transaction.Link(change.Path, target);
        }
        else if (change.After is { } after)
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
