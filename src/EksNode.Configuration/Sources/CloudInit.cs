namespace EksNode.Configuration.Sources;

/// <summary>
/// What is plainly for cloud-init: the first characters by which cloud-init itself tells the formats of user data apart
/// (cloud-init documentation, "User data formats").
/// </summary>
internal static class CloudInit
{
    /// <summary>What the text is, as a noun for messages, or null when it is not for cloud-init.</summary>
    public static string? Describe(string text)
    {
        var start = text.AsSpan().TrimStart();
        var lower = start[..Math.Min(start.Length, 40)].ToString().ToLowerInvariant();
        var what = lower switch
        {
            _ when lower.StartsWith("#!", StringComparison.Ordinal) => "a shell script",
            _ when lower.StartsWith("#cloud-boothook", StringComparison.Ordinal) => "a boot hook",
            _ when lower.StartsWith("#cloud-config", StringComparison.Ordinal) => "a cloud-config",
            _ when lower.StartsWith("#include", StringComparison.Ordinal) => "a list of files to include",
            _ when lower.StartsWith("#part-handler", StringComparison.Ordinal) => "a part handler",
            _ when lower.StartsWith("#upstart-job", StringComparison.Ordinal) => "an upstart job",
            _ when lower.StartsWith("## template:", StringComparison.Ordinal) => "a template",
            _ => null,
        };

        // In YAML such a first line is a comment: a configuration below it is one all the same.
        return what is null || MentionsOurGroup(text) && what is not "a shell script" and not "a boot hook"
            ? null
            : what + " for cloud-init";
    }

    /// <summary>Whether some line sets an apiVersion of one of our groups at the top level of a document.</summary>
    public static bool MentionsOurGroup(string text)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith("apiVersion:", StringComparison.Ordinal)
                && (line.Contains(ApiGroups.NodeEks + "/", StringComparison.Ordinal) || line.Contains(ApiGroups.EksNode + "/", StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }
}
