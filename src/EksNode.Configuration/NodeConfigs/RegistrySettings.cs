using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>One of <c>spec.registries</c>: where images of a registry come from.</summary>
public sealed class RegistrySettings
{
    /// <summary>The registry itself, asked when no mirror has the image; null: <c>https://</c> and the registry's name.</summary>
    public Sourced<string>? Server { get; init; }

    /// <summary>The mirrors, asked in this order; null: none.</summary>
    public Sourced<ImmutableArray<RegistryMirror>>? Mirrors { get; init; }

    /// <summary>Two maps of registries, one laid over the other.</summary>
    /// <param name="earlier">The earlier one.</param>
    /// <param name="later">The later one: its server and its list of mirrors replace the earlier ones.</param>
    internal static SortedMap<RegistrySettings> Merge(
        SortedMap<RegistrySettings> earlier, SortedMap<RegistrySettings> later)
    {
        foreach (var (host, settings) in later)
        {
            var before = earlier.GetValueOrDefault(host);
            earlier = earlier.SetItem(host, new RegistrySettings { Server = settings.Server ?? before?.Server, Mirrors = settings.Mirrors ?? before?.Mirrors });
        }

        return earlier;
    }
}

/// <summary>A mirror of a registry.</summary>
public sealed class RegistryMirror
{
    /// <summary>Its URL; what it has is looked up below <c>/v2</c> of it.</summary>
    public required Sourced<string> Url { get; init; }

    /// <summary>What it may be asked for: <c>pull</c>, <c>resolve</c>, <c>push</c>; null: all of it.</summary>
    public Sourced<ImmutableArray<string>>? Capabilities { get; init; }

    /// <summary>Whether the URL has the whole path, so that <c>/v2</c> is not added.</summary>
    public Sourced<bool>? OverridePath { get; init; }

    /// <summary>Whether its certificate is not looked at.</summary>
    public Sourced<bool>? SkipVerify { get; init; }

    /// <summary>The file of the authority that its certificate is checked against, PEM.</summary>
    public Sourced<string>? CertificateAuthority { get; init; }

    /// <summary>The file of the certificate that containerd shows it, PEM.</summary>
    public Sourced<string>? ClientCertificate { get; init; }

    /// <summary>The file of that certificate's key, PEM; null: it is in the same file.</summary>
    public Sourced<string>? ClientKey { get; init; }

    /// <summary>Headers of every request, which may be credentials.</summary>
    public SortedMap<Sourced<Secret>> Headers { get; init; } = SortedMap.Empty<Sourced<Secret>>();
}
