using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.cluster</c>.</summary>
internal static class ClusterReader
{
    // CreateCluster of the EKS API: 1 to 100 characters, letters, digits, hyphens and underscores, beginning with a letter or digit.
    private const int LongestName = 100;

    public static ClusterSettings Read(Section section)
    {
        var settings = new ClusterSettings
        {
            Name = section.Text("name", text => Name(text), DiagnosticCatalogue.BadClusterName),
            ApiServerEndpoint = Map(
                section.Text("apiServerEndpoint", ApiServerUrl.Parse, DiagnosticCatalogue.BadApiServerUrl), url => url.Text),
            CertificateAuthority = CertificateAuthority(section),
            Cidr = Cidr(section),
            EnableOutpost = section.Bool("enableOutpost"),
            Id = section.Text("id", text => Name(text), DiagnosticCatalogue.BadClusterName),
        };
        section.Finish();
        return settings;
    }

    /// <summary>The same place with another value.</summary>
    internal static Sourced<TTo>? Map<TFrom, TTo>(Sourced<TFrom>? value, Func<TFrom, TTo> map) =>
        value is null ? null : new Sourced<TTo>(map(value.Value), value.Origin);

    private static ValueResult<string> Name(string text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_'))
            {
                return new ValueProblem(
                    $"The cluster name {Quoted.Text(text)} has the character {Quoted.Text(character.ToString())}.",
                    text.StartsWith("arn:", StringComparison.Ordinal)
                        ? "Write the cluster's name, not its ARN: the part after `cluster/`."
                        : "Write the name that `aws eks list-clusters` shows: it has letters, digits, hyphens and underscores only.");
            }
        }

        return text.Length > LongestName || text[0] is '-' or '_'
            ? new ValueProblem(
                $"The cluster name {Quoted.Text(text)} is not valid.",
                $"A name has 1 to {LongestName} characters and begins with a letter or digit.")
            : text;
    }

    private static Sourced<ImmutableArray<byte>>? CertificateAuthority(Section section)
    {
        const string Key = "certificateAuthority";
        if (section.Text(Key, Base64Text.Parse, DiagnosticCatalogue.BadBase64) is not { } bytes)
        {
            return null;
        }

        if (CertificateBundle.Parse(bytes.Value.AsSpan()).TryGet(out _, out var problem))
        {
            return bytes;
        }

        section.Diagnostics.Report(DiagnosticCatalogue.BadCertificate, problem.Message, problem.Help, bytes.Origin, section.PathOf(Key));
        return null;
    }

    private static Sourced<string>? Cidr(Section section)
    {
        const string Key = "cidr";
        if (section.Text(Key, Values.Cidr.Parse, DiagnosticCatalogue.BadCidr) is not { } cidr)
        {
            return null;
        }

        if (!cidr.Value.IsCanonical)
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.CidrNotCanonical,
                $"The service CIDR's address {Quoted.Text(cidr.Value.Given.ToString())} is not the network's: bits after the prefix are set.",
                $"Did you mean `{cidr.Value}`?",
                cidr.Origin,
                section.PathOf(Key));
        }

        return Map(cidr, c => $"{c.Given}/{c.PrefixLength}");
    }
}
