using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>One of <c>spec.trust.certificateAuthorities</c>: authorities that the node trusts beside those of its image.</summary>
public sealed class TrustedAuthority
{
    /// <summary>The name, by which its file is named, too.</summary>
    public required Sourced<string> Name { get; init; }

    /// <summary>One certificate or more as PEM; null: they are in <see cref="File"/>, which was not read yet.</summary>
    public Sourced<string>? Pem { get; init; }

    /// <summary>The file that they are in; null: they were written down here.</summary>
    public Sourced<string>? File { get; init; }
}

/// <summary>Reads <c>spec.trust</c>.</summary>
internal static class TrustReader
{
    private const string Key = "certificateAuthorities";

    /// <param name="section">The section.</param>
    /// <returns>The authorities; null: not set.</returns>
    public static Sourced<ImmutableArray<TrustedAuthority>>? Read(Section section)
    {
        var all = new List<TrustedAuthority>();
        foreach (var item in section.Sections(Key, "Write `- name: NAME` and `pem: |` below it."))
        {
            if (Authority(item) is not { } authority)
            {
                continue;
            }

            if (all.Any(a => a.Name.Value == authority.Name.Value))
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.Duplicate,
                    $"There are two certificate authorities {Quoted.Text(authority.Name.Value)}.",
                    "Give each a name of its own.",
                    authority.Name.Origin,
                    item.PathOf("name"));
                continue;
            }

            all.Add(authority);
        }

        section.Finish();
        return all.Count == 0 ? null : new(all.ToImmutable(), section.Map![Key]!.Origin);
    }

    /// <summary>Whether a text is PEM certificates; what is wrong with it is reported.</summary>
    /// <param name="pem">The text.</param>
    /// <param name="path">The setting.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static bool IsBundle(Sourced<string> pem, string path, DiagnosticBag diagnostics)
    {
        if (CertificateBundle.Parse(Encoding.UTF8.GetBytes(pem.Value)).TryGet(out _, out var problem))
        {
            return true;
        }

        diagnostics.Report(
            DiagnosticCatalogue.BadTrustedAuthority, problem.Message, "Write the certificates as PEM, from `-----BEGIN CERTIFICATE-----` on.", pem.Origin, path);
        return false;
    }

    /// <summary>The authorities with the certificates of one of them.</summary>
    /// <param name="trust">The authorities.</param>
    /// <param name="name">Its name.</param>
    /// <param name="pem">Its certificates.</param>
    public static Sourced<ImmutableArray<TrustedAuthority>> With(Sourced<ImmutableArray<TrustedAuthority>> trust, string name, Sourced<string> pem)
    {
        TrustedAuthority[] all = [.. trust.Value];
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i].Name.Value == name)
            {
                all[i] = new TrustedAuthority { Name = all[i].Name, Pem = pem, File = all[i].File };
            }
        }

        return new Sourced<ImmutableArray<TrustedAuthority>>([.. all], trust.Origin);
    }

    private static TrustedAuthority? Authority(Section section)
    {
        var name = section.Text("name", Name, DiagnosticCatalogue.BadTrustedAuthority);
        var pem = section.Scalar("pem") is { } scalar ? new Sourced<string>(scalar.Text, scalar.Origin) : null;
        var file = section.Text("file", AbsolutePath.Parse, DiagnosticCatalogue.BadPath);
        section.Finish();
        if (section.Lacks("name"))
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.MissingSetting, $"`{section.PathOf("name")}` is missing.", "Write a name; its file gets it, too.", section.Map!.Origin, section.PathOf("name"));
        }

        var (hasPem, hasFile) = (!section.Lacks("pem"), !section.Lacks("file"));
        if (hasPem == hasFile)
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.BadTrustedAuthority,
                !hasPem ? $"`{section.Path}` has no certificate." : $"`{section.Path}` has both `pem` and `file`.",
                "Write `pem: |` with the certificates below it, or `file:` with the path of a file on the node.",
                section.Map!.Origin,
                section.Path);
            return null;
        }

        var isGood = pem is null ? file is not null : IsBundle(pem, section.PathOf("pem"), section.Diagnostics);
        return name is null || !isGood
            ? null
            : new TrustedAuthority { Name = name, Pem = pem, File = file };
    }

    private static ValueResult<string> Name(string text) =>
        text.Length <= 100 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? text
            : new ValueProblem($"{Quoted.Text(text)} is no name of a certificate authority.", "Write letters, digits, `-`, `_` and `.`, at most 100: a file gets this name.");
}
