using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads what <c>spec.instance</c> says about disks.</summary>
internal sealed class StorageReader
{
    private static readonly WordList<LocalStorageStrategy> Strategies = WordList.Of(
        ["RAID0", "RAID10", "Mount"], [LocalStorageStrategy.Raid0, LocalStorageStrategy.Raid10, LocalStorageStrategy.Mount]);

    private static readonly WordList<DisabledMount> Mounts = WordList.Of(
        ["Containerd", "PodLogs", "SOCI"], [DisabledMount.Containerd, DisabledMount.PodLogs, DisabledMount.Soci]);

    private static readonly WordList<string> FileSystems = WordList.Of("xfs", "ext4");

    private static readonly WordList<StorageSeed> Seeds = WordList.Of(["Copy", "None"], [StorageSeed.Copy, StorageSeed.None]);

    private readonly HashSet<string> seen = new(StringComparer.Ordinal);

    /// <summary><c>localStorage</c>.</summary>
    public static LocalStorageSettings LocalStorage(Section section)
    {
        var settings = new LocalStorageSettings
        {
            // EKS-optimized images take it in any case.
            Strategy = section.ChoiceInAnyCase("strategy", Strategies),
            MountPath = section.Text("mountPath", AbsolutePath.Parse, DiagnosticCatalogue.BadPath),
            DisabledMounts = section.Choices("disabledMounts", Mounts),
            Match = section.Own("match") ? DiskMatches(section) : null,
            Seed = section.Own("seed") ? section.Choice("seed", Seeds) : null,
        };
        section.Finish();
        return settings;
    }

    /// <summary><c>storage.volumes</c>.</summary>
    public ImmutableArray<Sourced<VolumeSettings>> Volumes(Section storage)
    {
        var volumes = new List<Sourced<VolumeSettings>>();
        foreach (var section in storage.Sections("volumes", "Write `- device: /dev/xvdb` and `mountTargets` below it."))
        {
            if (Volume(section) is { } volume)
            {
                volumes.Add(new Sourced<VolumeSettings>(volume, section.Map!.Origin));
            }
        }

        return volumes.ToImmutable();
    }

    private static Sourced<ImmutableArray<LocalDiskMatch>>? DiskMatches(Section section)
    {
        var matches = new List<LocalDiskMatch>();
        Origin? origin = null;
        foreach (var item in section.Sections("match", "Write `- model: NAME` (or `serial` or `device`)."))
        {
            var map = item.Map!;
            var match = new LocalDiskMatch(
                item.Text("model", Pattern, DiagnosticCatalogue.BadDiskPattern)?.Value,
                item.Text("serial", Pattern, DiagnosticCatalogue.BadDiskPattern)?.Value,
                item.Text("device", DevicePath.Parse, DiagnosticCatalogue.BadDevicePath)?.Value);
            item.Finish();
            origin ??= map.Origin;
            if (match is not { Model: null, Serial: null, Device: null })
            {
                matches.Add(match);
            }
            else if (map.Entries.IsEmpty)
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.BadDiskPattern, $"`{item.Path}` names no disk.", "Give `model`, `serial` or `device`.", map.Origin, item.Path);
            }
        }

        return matches.Count == 0 || origin is null ? null : new(matches.ToImmutable(), origin);
    }

    // What fits every disk would format whatever the instance has.
    private static ValueResult<string> Pattern(string text) => text.Trim('*', ' ').Length > 0
        ? text
        : new ValueProblem($"The pattern {Quoted.Text(text)} fits every disk.", "Write the model or serial number, with `*` for the part that varies.");

    private VolumeSettings? Volume(Section section)
    {
        var map = section.Map!;
        var match = Match(section);
        var targets = section.Texts("mountTargets", MountTarget, DiagnosticCatalogue.BadPath);
        var fileSystem = section.Choice("fsType", FileSystems);
        var seed = section.Own("seed") ? section.Choice("seed", Seeds) : null;
        var early = section.Own("early") ? section.Bool("early") : null;
        section.Finish();

        var complete = Complete(section, "device", match is null) & Complete(section, "mountTargets", targets is null);
        if (match is not null && !seen.Add(match.ToString()))
        {
            Twice(section, match.Device is null ? "match" : "device", match.Device is null ? $"The {match}" : $"The device {Quoted.Text(match.Device)}", map[match.Device is null ? "match" : "device"]?.Origin ?? map.Origin);
            complete = false;
        }

        foreach (var target in targets?.Value ?? [])
        {
            if (!seen.Add("target " + target))
            {
                Twice(section, "mountTargets", $"The mount target {Quoted.Text(target)}", targets?.Origin ?? map.Origin);
                complete = false;
            }
        }

        return complete && match is not null && targets is not null
            ? new VolumeSettings(match, targets.Value, fileSystem?.Value ?? "xfs") { Seed = seed?.Value ?? StorageSeed.Copy, Early = early?.Value }
            : null;
    }

    // A device's path, or in our own group a map of what tells the device.
    private static VolumeMatch? Match(Section section)
    {
        var device = section.Text("device", DevicePath.Parse, DiagnosticCatalogue.BadDevicePath);
        var match = section.OwnChild("match");
        if (match.Map is not { } document)
        {
            return device is null ? null : new VolumeMatch { Device = device.Value };
        }

        var result = new VolumeMatch
        {
            VolumeId = match.Text("volumeId", VolumeId, DiagnosticCatalogue.BadVolumeMatch)?.Value,
            Label = match.Text("label", Label, DiagnosticCatalogue.BadVolumeMatch)?.Value,
            SizeBytes = match.Text("size", Size, DiagnosticCatalogue.BadVolumeMatch)?.Value,
            Device = match.Text("device", DevicePath.Parse, DiagnosticCatalogue.BadDevicePath)?.Value,
        };
        match.Finish();
        if (device is not null)
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.VolumeNamedTwice,
                $"`{section.Path}` has both `device` and `match`.",
                "Leave one of the two out; `match` may have a `device`, too.",
                document.Origin,
                section.PathOf("match"));
            return null;
        }

        // A bad value was reported where it stands: what is left of the match would fit too much.
        var bad = Given("volumeId", result.VolumeId) || Given("label", result.Label) || Given("size", result.SizeBytes) || Given("device", result.Device);
        return bad || result == new VolumeMatch() ? null : result;

        bool Given(string key, object? read) => read is null && match.Value(key) is not null;
    }

    // EC2 API reference, Volume: vol- and 8 or 17 hexadecimal digits.
    private static ValueResult<string> VolumeId(string text) =>
        text.StartsWith("vol-", StringComparison.Ordinal) && text.Length is 12 or 21 && text[4..].All(char.IsAsciiHexDigitLower)
            ? text
            : new ValueProblem($"{Quoted.Text(text)} is not the id of an EBS volume.", "Write it as EC2 does: `vol-0123456789abcdef0`.");

    private static ValueResult<string> Label(string text) => text.Length <= 16 && !text.Any(char.IsControl)
        ? text
        : new ValueProblem($"{Quoted.Text(text)} is no label of a file system.", "A label has at most 12 characters with xfs, 16 with ext4.");

    private static ValueResult<long> Size(string text)
    {
        if (!Quantity.Parse(text).TryGet(out var size, out var problem))
        {
            return problem;
        }

        return size.Value > 0 && decimal.IsInteger(size.Value)
            ? (long)size.Value
            : new ValueProblem($"{Quoted.Text(text)} is not the size of a disk.", "Write the volume's size, such as `100Gi`.");
    }

    private static ValueResult<string> MountTarget(string text)
    {
        if (!AbsolutePath.Parse(text).TryGet(out var path, out var problem))
        {
            return problem;
        }

        return path is "/" or "/boot" or "/dev" or "/proc" or "/sys" or "/run" or "/usr" or "/etc"
            ? new ValueProblem($"A volume cannot be mounted at `{path}`: the system needs what is there.", "Choose another folder, such as `/var/lib/containerd`.")
            : path;
    }

    // A bad value was reported where it stands; only what is not there at all is reported here.
    private static bool Complete(Section section, string key, bool missing)
    {
        var map = section.Map!;
        if (missing
            && !(key == "device" && section.OwnGroup && map["match"] is TreeMap { Entries.IsEmpty: false })
            && map[key] is null or TreeScalar { Kind: ScalarKind.Null } or TreeScalar { Text: "" } or TreeList { Items.IsEmpty: true })
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.IncompleteVolume,
                $"The volume `{section.Path}` has no `{key}`.",
                key == "device" ? "Add the device, such as `device: /dev/xvdb`." : "Add where it is mounted, such as `mountTargets: [/var/lib/containerd]`.",
                map.Origin,
                section.Path);
        }

        return !missing;
    }

    private static void Twice(Section section, string key, string what, Origin origin) => section.Diagnostics.Report(
        DiagnosticCatalogue.Duplicate, $"{what} is given twice.", "Leave one of the two out.", origin, section.PathOf(key));
}
