using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.ImageConfigs;

/// <summary>A volume of <c>spec.volumes</c>: what EC2 makes of it. What is null is EC2's own default.</summary>
/// <remarks>Types and limits: EC2 API reference, <c>EbsBlockDevice</c>, and the EBS user guide, "Amazon EBS volume types".</remarks>
public sealed class ImageVolume
{
    /// <summary>The device of the root volume of Amazon Linux.</summary>
    public const string RootDevice = "/dev/xvda";

    /// <summary>The size of the root volume when nothing is said, in GiB: that of EKS-optimized images.</summary>
    public const string RootSize = "20";

    private const string GeneralPurpose = "gp3";

    // The most of any type; which of them a type has, EC2 says.
    private const long MostGibibytes = 65_536;
    private const long LeastIops = 100;
    private const long MostIops = 256_000;
    private const long LeastThroughput = 125;
    private const long MostThroughput = 2_000;

    private static readonly WordList<string> Types = WordList.Of(GeneralPurpose, "gp2", "io1", "io2", "sc1", "st1");

    /// <summary><c>size</c>, in GiB.</summary>
    public required string Size { get; init; }

    /// <summary><c>type</c>: <c>gp3</c>.</summary>
    public string Type { get; init; } = GeneralPurpose;

    /// <summary><c>iops</c>: operations a second.</summary>
    public string? Iops { get; init; }

    /// <summary><c>throughput</c>, in MiB a second.</summary>
    public string? Throughput { get; init; }

    /// <summary><c>encrypted</c>.</summary>
    public bool Encrypted { get; init; } = true;

    /// <summary><c>kmsKey</c>: the key that encrypts it, as an ARN, an id or <c>alias/NAME</c>; null: the account's default key of EBS.</summary>
    public string? KmsKey { get; init; }

    /// <summary>Where it stands.</summary>
    public required Origin Origin { get; init; }

    /// <summary>Reads the volumes, by device name.</summary>
    internal static SortedMap<ImageVolume> Read(Section section)
    {
        var volumes = SortedMap.Empty<ImageVolume>();
        foreach (var entry in section.Map?.Entries ?? [])
        {
            var child = section.Child(entry.Key);
            if (!IsDevice(entry.Key))
            {
                child.Diagnostics.Report(
                    DiagnosticCatalogue.BadVolume,
                    $"{Quoted.Text(entry.Key)} is not the name of a device.",
                    $"Write the name that EC2 has for it: `{RootDevice}` is the root volume, `/dev/xvdb` another one.",
                    entry.KeyOrigin,
                    child.Path);
            }

            if (One(child, entry.Key, entry.KeyOrigin) is { } volume)
            {
                volumes = volumes.SetItem(entry.Key, volume);
            }
        }

        return volumes;
    }

    private static ImageVolume? One(Section child, string device, Origin origin)
    {
        var size = WholeNumber.Read(child, "size", 1, MostGibibytes, DiagnosticCatalogue.BadVolume);
        var type = child.Choice("type", Types);
        var iops = WholeNumber.Read(child, "iops", LeastIops, MostIops, DiagnosticCatalogue.BadVolume);
        var throughput = WholeNumber.Read(child, "throughput", LeastThroughput, MostThroughput, DiagnosticCatalogue.BadVolume);
        var encrypted = child.Bool("encrypted");
        var key = child.Text("kmsKey", Key, DiagnosticCatalogue.BadVolume);
        child.Finish();
        if (child.Map is null)
        {
            return null;
        }

        var word = type?.Value ?? GeneralPurpose;
        if (child.Lacks("size") && device != RootDevice)
        {
            Report("size", "is missing, and only the root volume has one of its own", "Write its size in GiB: `size: 100`.", origin);
        }

        if (iops is not null && word is not (GeneralPurpose or "io1" or "io2"))
        {
            Report("iops", $"is for gp3, io1 and io2, and the type is {word}", "Remove it, or choose another type.", iops.Origin);
        }

        if (iops is null && word is "io1" or "io2")
        {
            Report("iops", $"is missing, and a volume of the type {word} has none by itself", "Write how many operations a second it has: `iops: 3000`.", type!.Origin);
        }

        if (throughput is not null && word != GeneralPurpose)
        {
            Report("throughput", $"is for gp3, and the type is {word}", "Remove it, or choose gp3.", throughput.Origin);
        }

        if (key is not null && encrypted is { Value: false })
        {
            Report("kmsKey", "names a key for a volume that is not encrypted", "Remove it, or `encrypted: false`.", key.Origin);
        }

        return new ImageVolume
        {
            Size = size?.Value ?? RootSize,
            Type = word,
            Iops = iops?.Value,
            Throughput = throughput?.Value,
            Encrypted = encrypted?.Value ?? true,
            KmsKey = key?.Value,
            Origin = origin,
        };

        void Report(string setting, string problem, string help, Origin place) =>
            child.Diagnostics.Report(DiagnosticCatalogue.BadVolume, $"`{child.PathOf(setting)}` {problem}.", help, place, child.PathOf(setting));
    }

    // `/dev/xvdb`, `/dev/sdf`, `/dev/sda1` (EC2 user guide, "Device names for volumes").
    private static bool IsDevice(string name)
    {
        var rest = name.StartsWith("/dev/xvd", StringComparison.Ordinal) ? name.AsSpan(8) : name.StartsWith("/dev/sd", StringComparison.Ordinal) ? name.AsSpan(7) : default;
        var digits = rest.IndexOfAnyInRange('0', '9');
        var letters = digits < 0 ? rest : rest[..digits];
        return letters.Length is 1 or 2 && !letters.ContainsAnyExceptInRange('a', 'z') && (digits < 0 || !rest[digits..].ContainsAnyExceptInRange('0', '9'));
    }

    private static ValueResult<string> Key(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '/' or '-' or '_')
        ? text
        : new ValueProblem($"{Quoted.Text(text)} is no key of KMS.", "Write its ARN, its id, or `alias/NAME`.");
}
