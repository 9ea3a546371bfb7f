using System.Collections.Immutable;

namespace EksNode.Host.Facts;

/// <summary>
/// The devices that NVIDIA's open kernel module supports, as the image lists them in
/// <c>/etc/eks/nvidia-open-supported-devices-MAJOR.txt</c>: each line begins with <c>0x</c> and a device id.
/// </summary>
internal static class NvidiaOpenDevices
{
    private const string Folder = "/etc/eks";
    private const string Prefix = "nvidia-open-supported-devices-";
    private const string IdPrefix = "0x";
    private const int IdDigits = 4;

    /// <summary>The device ids of all lists, sorted; null when there is no list.</summary>
    public static (ImmutableArray<string>? Value, string Source) Read(RootFiles files)
    {
        var names = (files.List(Folder) ?? []).Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && n.EndsWith(".txt", StringComparison.Ordinal)).ToArray();
        if (names.Length == 0)
        {
            return (null, "");
        }

        var ids = names.SelectMany(n => (files.Text($"{Folder}/{n}") ?? "").Split('\n'))
            .Where(l => l.StartsWith(IdPrefix, StringComparison.OrdinalIgnoreCase) && l.Length >= IdPrefix.Length + IdDigits)
            .Select(l => l.Substring(IdPrefix.Length, IdDigits).ToLowerInvariant())
            .Where(id => id.All(char.IsAsciiHexDigitLower))
            .Distinct()
            .Order(StringComparer.Ordinal);
        return ([.. ids], string.Join(", ", names.Select(n => $"{Folder}/{n}")));
    }
}
