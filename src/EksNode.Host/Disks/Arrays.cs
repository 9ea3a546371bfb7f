using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Planning.Plans;

namespace EksNode.Host.Disks;

/// <summary>
/// Software arrays: made of blank disks, found again by the name in their members, whatever the disks are called now.
/// </summary>
/// <param name="machine">The machine.</param>
/// <param name="diagnostics">Takes what is worth knowing.</param>
internal sealed class Arrays(Machine machine, DiagnosticBag diagnostics)
{
    private const int AppearMilliseconds = 100;
    private static readonly TimeSpan AppearDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Whether the members carry the array already, running or not. It only reads.</summary>
    /// <exception cref="DiagnosticException">A member carries something else.</exception>
    public async Task<bool> ExistsAsync(RaidResource raid, CancellationToken cancellation)
    {
        var members = await MembersAsync(raid, cancellation).ConfigureAwait(false);
        return IsWhole(members) || Running(members) is not null;
    }

    /// <summary>The running array of a plan; null when there is none. It only reads.</summary>
    public async Task<Disk?> FindAsync(RaidResource raid, CancellationToken cancellation) =>
        Running(await MembersAsync(raid, cancellation).ConfigureAwait(false));

    /// <summary>Makes sure that the array runs.</summary>
    /// <exception cref="DiagnosticException">A member carries something else or is in use; mdadm failed.</exception>
    public async Task<Disk> EnsureAsync(RaidResource raid, CancellationToken cancellation)
    {
        var members = await MembersAsync(raid, cancellation).ConfigureAwait(false);
        if (Running(members) is { } running)
        {
            return await WholeOrAnewAsync(raid, members, running, cancellation).ConfigureAwait(false);
        }

        // What udev began to assemble and could not finish holds its members.
        foreach (var name in members.SelectMany(m => m.Disk.Holders).Distinct(StringComparer.Ordinal).ToList())
        {
            await StopAsync(name, cancellation).ConfigureAwait(false);
        }

        if (members.All(m => m.Signature.Kind == SignatureKind.Blank))
        {
            return await CreateAsync(raid, cancellation).ConfigureAwait(false);
        }

        var carriers = members.Where(m => m.Signature.Kind == SignatureKind.ArrayMember).Select(m => m.Disk.Path);
        var assembled = await machine.Programs.TryAsync("mdadm", ["--assemble", "--run", raid.Path, .. carriers], cancellation).ConfigureAwait(false);
        members = await MembersAsync(raid, cancellation).ConfigureAwait(false);
        if (Running(members) is { } found)
        {
            return await WholeOrAnewAsync(raid, members, found, cancellation).ConfigureAwait(false);
        }

        // With all members of one array there, a failure is one of the machine, and what is on them may still be good.
        return IsWhole(members)
            ? throw DiskPrograms.Failed("mdadm", $"Assembling {raid.Path}", assembled)
            : await AnewAsync(raid, members, cancellation).ConfigureAwait(false);
    }

    // An array that runs without all disks and holds no file system never came to life: a run was killed while it was made.
    private async Task<Disk> WholeOrAnewAsync(RaidResource raid, ImmutableArray<Member> members, Disk array, CancellationToken cancellation)
    {
        if (array.Array is { } state && state.Level != LevelName(raid))
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.DiskForeign,
                $"{array.Path} is the array {raid.Name} of level {state.Level}, and the configuration asks for {LevelName(raid)}: eksnode does not take an array apart.",
                "Stop and start the instance, which gives it blank disks, or set the strategy back.",
                path: array.Path);
        }

        var absent = members.Where(m => m.Signature.Kind == SignatureKind.Blank || !m.Disk.Holders.Contains(array.Name)).Select(m => m.Disk.Path).ToList();
        if (absent.Count == 0 && array.Array!.Degraded == 0)
        {
            return array;
        }

        if (!machine.Mounts().Of(array).Any() && (await machine.ProbeAsync(array, cancellation).ConfigureAwait(false)).Kind == SignatureKind.Blank)
        {
            await StopAsync(array.Name, cancellation).ConfigureAwait(false);
            return await AnewAsync(raid, await MembersAsync(raid, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }

        diagnostics.Report(
            DiagnosticCatalogue.ArrayDegraded,
            $"The array {raid.Name} runs without all of its disks{(absent.Count == 0 ? "" : $": {string.Join(", ", absent)} is not in it")}.",
            $"Look at `mdadm --detail {array.Path}`; a node with a broken instance store disk is best replaced.",
            path: array.Path);
        return array;
    }

    private async Task<Disk> AnewAsync(RaidResource raid, ImmutableArray<Member> members, CancellationToken cancellation)
    {
        diagnostics.Report(
            DiagnosticCatalogue.ArrayMadeAnew,
            $"The array {raid.Name} was half made or has lost a disk that it cannot do without, and is made anew of {string.Join(", ", members.Select(m => m.Disk.Path))}.",
            "Nothing has to be done.",
            path: raid.Path);
        return await CreateAsync(raid, cancellation).ConfigureAwait(false);
    }

    private async Task<Disk> CreateAsync(RaidResource raid, CancellationToken cancellation)
    {
        var members = await MembersAsync(raid, cancellation).ConfigureAwait(false);
        var mounts = machine.Mounts();
        foreach (var member in members)
        {
            machine.Unused(member.Disk, mounts, Wanted(raid));
        }

        // --homehost=any: the name holds when the host's changes. --run: no questions. --force: one disk alone is an array, too.
        // A bitmap makes the resynchronisation after a crash short; striping alone has none.
        ImmutableArray<string> arguments =
        [
            "--create", raid.Path, "--run", "--force", "--homehost=any", "--metadata=1.2",
            $"--name={raid.Name}",
            string.Create(CultureInfo.InvariantCulture, $"--level={raid.Level}"),
            .. raid.Level == 0 ? ImmutableArray<string>.Empty : ["--bitmap=internal"],
            string.Create(CultureInfo.InvariantCulture, $"--raid-devices={members.Length}"),
            .. members.Select(m => m.Disk.Path),
        ];
        machine.Log.Write(LogLevel.Info, "making an array", ("array", raid.Path), ("disks", string.Join(' ', members.Select(m => m.Disk.Path))));
        var created = await machine.Programs.RunAsync("mdadm", arguments, $"Making the array {raid.Path}", cancellation).ConfigureAwait(false);
        var began = machine.Clock.GetTimestamp();
        while (true)
        {
            if (await FindAsync(raid, cancellation).ConfigureAwait(false) is { } array)
            {
                return array;
            }

            if (machine.Clock.GetElapsedTime(began) > AppearDeadline)
            {
                throw DiskPrograms.Failed("mdadm", $"Making the array {raid.Path}: it did not appear in {AppearDeadline.TotalSeconds} s; it", created);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(AppearMilliseconds), machine.Clock, cancellation).ConfigureAwait(false);
        }
    }

    private async Task StopAsync(string name, CancellationToken cancellation) =>
        await machine.Programs.RunAsync("mdadm", ["--stop", "/dev/" + name], $"Stopping the incomplete array /dev/{name}", cancellation).ConfigureAwait(false);

    // The members, none of which may carry or be part of anything else.
    private async Task<ImmutableArray<Member>> MembersAsync(RaidResource raid, CancellationToken cancellation)
    {
        var disks = machine.Disks();
        var members = new List<Member>();
        foreach (var planned in raid.Members)
        {
            var disk = disks.FirstOrDefault(d => d.Name == planned.Name) ?? throw new DiagnosticException(
                DiagnosticCatalogue.DiskMissing,
                $"/dev/{planned.Name} is wanted for {Wanted(raid)} and is not there.",
                "It was there when the disks were listed: look at the kernel log (`dmesg`) for a disk that failed.",
                path: "/dev/" + planned.Name);
            var signature = await machine.ProbeAsync(disk, cancellation).ConfigureAwait(false);
            if (signature.Kind != SignatureKind.Blank && signature.ArrayName != raid.Name)
            {
                throw Machine.Foreign(disk, signature, Wanted(raid));
            }

            if (disk.Holders.FirstOrDefault(h => disks.FirstOrDefault(d => d.Name == h)?.Array is null) is { } other)
            {
                throw Machine.InUse(disk, $"is part of {other}", Wanted(raid));
            }

            members.Add(new Member(disk, signature));
        }

        return members.ToImmutable();
    }

    private Disk? Running(ImmutableArray<Member> members)
    {
        var names = members.SelectMany(m => m.Disk.Holders).ToHashSet(StringComparer.Ordinal);
        return names.Count == 0 ? null : machine.Disks().FirstOrDefault(d => names.Contains(d.Name) && d.Array is { Runs: true });
    }

    private static bool IsWhole(ImmutableArray<Member> members) =>
        members.All(m => m.Signature.Kind == SignatureKind.ArrayMember) && members.Select(m => m.Signature.Uuid).Distinct().Count() == 1;

    private static string LevelName(RaidResource raid) => string.Create(CultureInfo.InvariantCulture, $"raid{raid.Level}");

    private static string Wanted(RaidResource raid) => $"the array {raid.Name}";

    private sealed record Member(Disk Disk, Signature Signature);
}
