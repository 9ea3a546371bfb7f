using EksNode.Host.Files;

namespace EksNode.Host.Imaging.Checks;

/// <summary>
/// What must not be the same on every node that starts from an image: the machine's id, host keys, seeds, and what cloud-init knows of the builder. A machine
/// that runs has all of them, and rightly so: only a root that does not run is looked at.
/// </summary>
internal sealed class IdentityCheck : ImageCheck
{
    /// <inheritdoc/>
    public override string Name => "identity";

    /// <inheritdoc/>
    public override Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        if (context.IsMachine)
        {
            findings.Add(new CheckFinding(Name, Name, CheckStatus.NotChecked) { Note = "this machine runs, and has its own identity" });
            return Task.CompletedTask;
        }

        // systemd makes a new one at the first boot where the file is empty or not there (machine-id(5)).
        var id = context.Root.Status(ImageCleanup.MachineId);
        findings.Add(id is { Size: > 0 } && !IsUninitialized(context.Root) ? Bad(ImageCleanup.MachineId, CheckStatus.Unexpected, "an empty file", "the id of the machine that it was built on") : Good(ImageCleanup.MachineId));
        foreach (var path in ImageCleanup.Identities)
        {
            findings.Add(ImageCleanup.IsIdentity(context.Root, path)
                ? Bad(path, CheckStatus.Unexpected, "nothing", "what the machine left that it was built on")
                : Good(path));
        }

        foreach (var name in context.Root.List(ImageCleanup.HostKeys) ?? [])
        {
            if (name.StartsWith(ImageCleanup.HostKey, StringComparison.Ordinal))
            {
                findings.Add(Bad($"{ImageCleanup.HostKeys}/{name}", CheckStatus.Unexpected, "nothing", "a host key: every node would have the same"));
            }
        }

        return Task.CompletedTask;
    }

    private static bool IsUninitialized(HostRoot root) => root.ReadFile(ImageCleanup.MachineId) is { } bytes && System.Text.Encoding.ASCII.GetString(bytes).Trim() == "uninitialized";
}
