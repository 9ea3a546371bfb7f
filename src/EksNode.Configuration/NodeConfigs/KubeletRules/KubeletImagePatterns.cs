using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>
/// Checks the patterns of <c>preloadedImagesVerificationAllowlist</c>: an image without tag or digest, or everything below a
/// registry or repository, <c>registry/*</c>.
/// </summary>
internal static class KubeletImagePatterns
{
    // Before 1.36 a name without a registry is completed with a tag, and that is refused.
    private const int FirstWithShortNames = 36;

    /// <summary>Checks the patterns.</summary>
    public static void Check(TreeList list, KubeletRun run, string path)
    {
        for (var i = 0; i < list.Items.Length; i++)
        {
            if (list.Items[i] is TreeScalar { Kind: ScalarKind.String or ScalarKind.Null } scalar && !IsGood(scalar.Kind == ScalarKind.Null ? "" : scalar.Text, run.Minor))
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldValue,
                    $"{Quoted.Text(scalar.Text)} is no pattern of images: the kubelet refuses it.",
                    "Write `registry/repository` without tag and digest, or `registry/*`.",
                    scalar.Origin,
                    SettingPath.Item(path, i));
            }
        }
    }

    private static bool IsGood(string text, int? minor)
    {
        var isBranch = text.EndsWith("/*", StringComparison.Ordinal);
        var parts = (isBranch ? text[..^2] : text).Split('/');
        var hasHost = parts[0].AsSpan().IndexOfAny(".:") >= 0 || parts[0] == "localhost" || parts[0].AsSpan().IndexOfAnyInRange('A', 'Z') >= 0;
        if (!isBranch && minor < FirstWithShortNames && !(hasHost && parts.Length > 1))
        {
            return false;
        }

        for (var i = 0; i < parts.Length; i++)
        {
            var isHost = i == 0 && hasHost && (isBranch || parts.Length > 1);
            foreach (var character in parts[i])
            {
                if (!(char.IsAsciiDigit(character) || char.IsAsciiLetterLower(character) || character is '.' or '-' or '_' || (isHost && (char.IsAsciiLetterUpper(character) || character == ':'))))
                {
                    return false;
                }
            }

            if (parts[i].Length == 0)
            {
                return false;
            }
        }

        return true;
    }
}
