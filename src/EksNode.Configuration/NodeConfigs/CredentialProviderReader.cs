using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// Reads <c>spec.credentialProviders</c>: entries of the kubelet's CredentialProviderConfig, by the rules with which the kubelet reads them
/// (<c>kubelet.config.k8s.io/v1</c>). What is right stays as it stands.
/// </summary>
internal static class CredentialProviderReader
{
    private const string Key = "credentialProviders";

    private static readonly WordList<string> ApiVersions = WordList.Of(
        "credentialprovider.kubelet.k8s.io/v1", "credentialprovider.kubelet.k8s.io/v1beta1", "credentialprovider.kubelet.k8s.io/v1alpha1");

    private static readonly WordList<string> CacheTypes = WordList.Of("Token", "ServiceAccount");

    /// <param name="spec">The section that has it.</param>
    public static ImmutableArray<TreeMap> Read(Section spec)
    {
        var all = new List<TreeMap>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in spec.Own(Key) ? spec.Sections(Key, "Write `- name: PROGRAM` and `matchImages` below it.") : [])
        {
            var name = item.Text("name", Name, DiagnosticCatalogue.BadCredentialProvider);
            var isGood = Check(item);
            if (name is null && item.Map!["name"] is null)
            {
                spec.Diagnostics.Report(
                    DiagnosticCatalogue.MissingSetting, $"`{item.PathOf("name")}` is missing.", "Write the name of the program.", item.Map.Origin, item.PathOf("name"));
            }
            else if (name is not null && !names.Add(name.Value))
            {
                spec.Diagnostics.Report(
                    DiagnosticCatalogue.Duplicate, $"There are two credential providers {Quoted.Text(name.Value)}.", "Write all of a provider in one item.", name.Origin, item.PathOf("name"));
            }
            else if (name is not null && isGood)
            {
                all.Add(item.Map!);
            }
        }

        return all.ToImmutable();
    }

    // False when the item cannot be planned. Each mistake is an error, so nothing is planned without it.
    private static bool Check(Section section)
    {
        var images = section.Texts("matchImages", ImagePattern, DiagnosticCatalogue.BadCredentialProvider);
        if (section.Map!["matchImages"] is TreeList { Items.IsEmpty: true } or TreeScalar { Kind: ScalarKind.Null })
        {
            section.Diagnostics.Report(
                DiagnosticCatalogue.MissingSetting,
                $"`{section.PathOf("matchImages")}` is empty: the kubelet refuses a credential provider without images.",
                "List the registries that it is asked for, such as `matchImages: [\"*.registry.example.com\"]`.",
                section.Map["matchImages"]!.Origin,
                section.PathOf("matchImages"));
        }

        section.Text("defaultCacheDuration", Duration, DiagnosticCatalogue.BadCredentialProvider);
        section.Choice("apiVersion", ApiVersions);
        section.Texts("args", text => (ValueResult<string>)text, DiagnosticCatalogue.BadCredentialProvider);
        foreach (var variable in section.Sections("env", "Write `- name: VARIABLE` and `value` below it."))
        {
            variable.Text("name", EnvironmentVariable.ParseName, DiagnosticCatalogue.BadVariableName);
            if (variable.Value("value") is { } value and not TreeScalar { Kind: ScalarKind.String })
            {
                SettingTypes.ReportNotText(value, variable.PathOf("value"), secret: true, section.Diagnostics);
            }

            variable.Finish();
        }

        var token = section.Child("tokenAttributes");
        token.Scalar("serviceAccountTokenAudience");
        token.Choice("cacheType", CacheTypes);
        token.Bool("requireServiceAccount");
        token.Texts("requiredServiceAccountAnnotationKeys", AnnotationKey, DiagnosticCatalogue.BadCredentialProvider);
        token.Texts("optionalServiceAccountAnnotationKeys", AnnotationKey, DiagnosticCatalogue.BadCredentialProvider);
        token.Finish();
        section.Finish();
        return images is not null || section.Map["matchImages"] is null;
    }

    // The kubelet looks for a file of this name in its folder.
    private static ValueResult<string> Name(string text) => text is "." or ".." || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        ? new ValueProblem($"{Quoted.Text(text)} is no name of a credential provider.", "Write the name of its program alone, without a folder.")
        : text;

    // A host with `*` for a part of a label, perhaps a port, perhaps a path; the kubelet knows no scheme.
    private static ValueResult<string> ImagePattern(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = (slash < 0 ? text : text[..slash]).Replace('*', 'x');
        return text.Contains("://", StringComparison.Ordinal) || !RegistryHost.IsHostAndPort(host)
            ? new ValueProblem($"{Quoted.Text(text)} fits no image.", "Write a registry with `*` for a part of its name: `*.registry.example.com`, `registry.example.com:5000/team`.")
            : text;
    }

    private static ValueResult<string> AnnotationKey(string text) => Label.ParseKey(text).TryGet(out _, out var problem)
        ? text
        : new ValueProblem(problem.Message.Replace("label", "annotation", StringComparison.Ordinal), problem.Help);

    private static ValueResult<GoDuration> Duration(string text) => GoDuration.Parse(text).TryGet(out var duration, out var problem)
        ? duration.Nanoseconds >= 0 ? duration : new ValueProblem($"{Quoted.Text(text)} is negative.", "Write `0s` to keep nothing.")
        : problem;
}
