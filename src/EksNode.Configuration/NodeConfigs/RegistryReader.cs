using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.registries</c>. A registry's name becomes part of a path.</summary>
internal static class RegistryReader
{
    private const string Key = "registries";

    private static readonly WordList<string> Capabilities = WordList.Of(["Pull", "Resolve", "Push"], ["pull", "resolve", "push"]);

    /// <param name="spec">The section that has it.</param>
    public static SortedMap<RegistrySettings> Read(Section spec)
    {
        var all = SortedMap.Empty<RegistrySettings>();
        if (!spec.Own(Key))
        {
            return all;
        }

        foreach (var entry in spec.Document(Key)?.Entries ?? [])
        {
            var path = SettingPath.Child(spec.PathOf(Key), entry.Key);
            if (!RegistryHost.Parse(entry.Key).TryGet(out var host, out var problem))
            {
                spec.Diagnostics.Report(DiagnosticCatalogue.BadRegistryHost, problem.Message, problem.Help, entry.KeyOrigin, path);
            }
            else if (entry.Value is TreeMap map)
            {
                all = all.SetItem(host, Registry(new Section(map, path, spec.Diagnostics, ownGroup: true)));
            }
            else if (entry.Value is not TreeScalar { Kind: ScalarKind.Null })
            {
                SettingTypes.ReportWrong(entry.Value, path, "a map", "Write `mirrors` below it, and below that `- url: https://mirror.example.com`.", spec.Diagnostics);
            }
        }

        return all;
    }

    private static RegistrySettings Registry(Section section)
    {
        var server = section.Text("server", RegistryHost.ParseUrl, DiagnosticCatalogue.BadRegistryUrl);
        var mirrors = new List<RegistryMirror>();
        foreach (var item in section.Sections("mirrors", "Write `- url: https://mirror.example.com`."))
        {
            if (Mirror(item) is not { } mirror)
            {
                continue;
            }

            if (mirrors.Any(m => m.Url.Value == mirror.Url.Value))
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.Duplicate,
                    $"`{item.PathOf("url")}` is {Quoted.Text(mirror.Url.Value)}, which an earlier mirror of the registry is, too.",
                    "Give each mirror once, with all that it may be asked for.",
                    mirror.Url.Origin,
                    item.PathOf("url"));
                continue;
            }

            mirrors.Add(mirror);
        }

        section.Finish();
        return new RegistrySettings
        {
            Server = server,
            Mirrors = mirrors.Count == 0 ? null : new(mirrors.ToImmutable(), section.Map!["mirrors"]!.Origin),
        };
    }

    private static RegistryMirror? Mirror(Section section)
    {
        var url = section.Text("url", RegistryHost.ParseUrl, DiagnosticCatalogue.BadRegistryUrl);
        var certificate = section.Text("clientCertificate", AbsolutePath.Parse, DiagnosticCatalogue.BadPath);
        var key = section.Text("clientKey", AbsolutePath.Parse, DiagnosticCatalogue.BadPath);
        var mirror = new RegistryMirror
        {
            Url = url ?? new Sourced<string>("", section.Map!.Origin),
            Capabilities = section.Choices("capabilities", Capabilities),
            OverridePath = section.Bool("overridePath"),
            SkipVerify = section.Bool("skipVerify"),
            CertificateAuthority = section.Text("certificateAuthority", AbsolutePath.Parse, DiagnosticCatalogue.BadPath),
            ClientCertificate = certificate,
            ClientKey = certificate is null ? null : key,
            Headers = Headers(section),
        };
        section.Finish();
        if (section.Lacks("url"))
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.MissingSetting, $"`{section.PathOf("url")}` is missing.", "Write `url: https://mirror.example.com`.", section.Map!.Origin, section.PathOf("url"));
        }

        // containerd puts /v2 behind every path that does not end in it (containerd, docs/hosts.md, override_path).
        if (url is { Value: var address } && mirror.OverridePath is not { Value: true } && address.Contains("/v2/", StringComparison.Ordinal) && !address.EndsWith("/v2", StringComparison.Ordinal) && !address.EndsWith("/v2/", StringComparison.Ordinal))
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.BadRegistryUrl,
                $"`{section.PathOf("url")}` has a path below `/v2`, and containerd asks for images at `{address.TrimEnd('/')}/v2/`.",
                "Write `overridePath: true` if the mirror is asked as it is written.",
                url.Origin,
                section.PathOf("url"),
                Severity.Warning);
        }

        if (certificate is null && key is not null)
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.UnusedSetting,
                $"`{section.PathOf("clientKey")}` has no effect without `{section.PathOf("clientCertificate")}`.",
                "Give the certificate of the key, too.",
                key.Origin,
                section.PathOf("clientKey"));
        }

        if (mirror.SkipVerify is { Value: true } skips)
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.RegistryNotVerified,
                $"`{section.PathOf("skipVerify")}`: whoever is on the way to the mirror can give the node other images.",
                "Give the authority of its certificate in `certificateAuthority`, or in `spec.trust.certificateAuthorities` for the whole node.",
                skips.Origin,
                section.PathOf("skipVerify"));
        }

        return url is null ? null : mirror;
    }

    private static SortedMap<Sourced<Secret>> Headers(Section section)
    {
        const string Headers = "headers";
        var all = SortedMap.Empty<Sourced<Secret>>();
        foreach (var entry in section.Document(Headers)?.Entries ?? [])
        {
            var path = SettingPath.Child(section.PathOf(Headers), entry.Key);
            if (entry.Value is not TreeScalar { Kind: ScalarKind.String } scalar)
            {
                SettingTypes.ReportNotText(entry.Value, path, secret: true, section.Diagnostics);
            }
            else if (!IsToken(entry.Key) || scalar.Text.Any(char.IsControl))
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.BadRegistryHeader,
                    $"`{path}` is no header of HTTP.",
                    "A name has letters, digits and hyphens; a value is one line.",
                    entry.KeyOrigin,
                    path);
            }
            else
            {
                all = all.SetItem(entry.Key, new Sourced<Secret>(new Secret(scalar.Text), scalar.Origin));
            }
        }

        return all;
    }

    // RFC 9110 §5.1 allows a few more characters, which no header in use has.
    private static bool IsToken(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
