using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.instance</c>.</summary>
internal static class InstanceReader
{
    private static readonly ImmutableSortedDictionary<string, LocalStorageStrategy> Strategies = Words(
        ("RAID0", LocalStorageStrategy.Raid0), ("RAID10", LocalStorageStrategy.Raid10), ("Mount", LocalStorageStrategy.Mount));

    private static readonly ImmutableSortedDictionary<string, DisabledMount> Mounts = Words(
        ("Containerd", DisabledMount.Containerd), ("PodLogs", DisabledMount.PodLogs), ("SOCI", DisabledMount.Soci));

    private static readonly ImmutableSortedDictionary<string, string> FileSystems = Words(("xfs", "xfs"), ("ext4", "ext4"));

    public static InstanceSettings Read(Section section)
    {
        var storage = section.Child("storage");
        var network = section.Child("network");
        var settings = new InstanceSettings
        {
            LocalStorage = LocalStorage(section.Child("localStorage")),
            Volumes = Volumes(storage),
            Environment = EnvironmentReader.Read(section),
            Nameservers = network.Texts(
                "nameservers", text => Nameserver(text), DiagnosticCatalogue.BadIpAddress),
            Domains = network.Texts("domains", DomainName.ParseSearchDomain, DiagnosticCatalogue.BadDomainName),
        };
        storage.Finish();
        network.Finish();
        section.Finish();
        return settings;
    }

    private static LocalStorageSettings LocalStorage(Section section)
    {
        var settings = new LocalStorageSettings
        {
            // EKS-optimized images take it in any case.
            Strategy = section.ChoiceInAnyCase("strategy", Strategies),
            MountPath = section.Text("mountPath", AbsolutePath.Parse, DiagnosticCatalogue.BadPath),
            DisabledMounts = section.Choices("disabledMounts", Mounts),
        };
        section.Finish();
        return settings;
    }

    // resolved.conf(5): address, optionally with :port, %interface and #server-name.
    private static ValueResult<string> Nameserver(string text)
    {
        var end = text.AsSpan().IndexOfAny('#', '%');
        var address = end < 0 ? text : text[..end];
        if (IpLiteral.Parse(address).TryGet(out _, out var problem))
        {
            return text.AsSpan().ContainsAnyInRange('\0', ' ')
                ? new ValueProblem($"The name server {Quoted.Text(text)} has a space or a control character.", "Write one server per list item.")
                : text;
        }

        return address.AsSpan().ContainsAny(' ', ',')
            ? new ValueProblem($"{Quoted.Text(text)} is not an IP address.", "Write one server per list item.")
            : problem;
    }

    private static ImmutableArray<Sourced<VolumeSettings>> Volumes(Section storage)
    {
        if (storage.List("volumes") is not { } list)
        {
            return [];
        }

        var volumes = ImmutableArray.CreateBuilder<Sourced<VolumeSettings>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Length; i++)
        {
            var path = SettingPath.Item(storage.PathOf("volumes"), i);
            if (list.Items[i] is not TreeMap map)
            {
                SettingTypes.ReportWrong(
                    list.Items[i], path, "a map", "Write `- device: /dev/xvdb` and `mountTargets` below it.", storage.Diagnostics);
            }
            else if (Volume(map, new Section(map, path, storage.Diagnostics), seen) is { } volume)
            {
                volumes.Add(new Sourced<VolumeSettings>(volume, map.Origin));
            }
        }

        return volumes.ToImmutable();
    }

    private static VolumeSettings? Volume(TreeMap map, Section section, HashSet<string> seen)
    {
        var device = section.Text("device", DevicePath.Parse, DiagnosticCatalogue.BadDevicePath);
        var targets = section.Texts("mountTargets", text => MountTarget(text), DiagnosticCatalogue.BadPath);
        var fileSystem = section.Choice("fsType", FileSystems);
        section.Finish();

        var complete = Complete(map, section, "device", device is null) & Complete(map, section, "mountTargets", targets is null);
        if (device is not null && !seen.Add("device " + device.Value))
        {
            Twice(section, "device", $"The device {Quoted.Text(device.Value)}", device.Origin);
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

        return complete && device is not null && targets is not null
            ? new VolumeSettings(device.Value, targets.Value, fileSystem?.Value ?? "xfs")
            : null;
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
    private static bool Complete(TreeMap map, Section section, string key, bool missing)
    {
        if (missing && map[key] is null or TreeScalar { Kind: ScalarKind.Null } or TreeScalar { Text: "" } or TreeList { Items.IsEmpty: true })
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

    private static ImmutableSortedDictionary<string, T> Words<T>(params (string Word, T Value)[] words)
    {
        var result = SortedMap.Empty<T>();
        foreach (var (word, value) in words)
        {
            result = result.Add(word, value);
        }

        return result;
    }
}
