using System.Text;

namespace EksNode.Simulation.Scenarios;

/// <summary>One part of user data.</summary>
public sealed record MimePart(string ContentType, string Content)
{
    public const string NodeConfigType = "application/node.eks.aws";

    public const string EksNodeType = "application/eksnode.io";

    public static MimePart NodeConfig(string yaml) => new(NodeConfigType, yaml);

    public static MimePart Shell(string script) => new("text/x-shellscript; charset=\"us-ascii\"", script);
}

/// <summary>User data of several parts, as the producers write them.</summary>
public static class MimeArchive
{
    /// <param name="parts">The parts, in order.</param>
    /// <param name="boundary">The boundary; managed node groups and Karpenter use <c>//</c>.</param>
    /// <param name="quoteBoundary">Whether the header quotes it; eksctl does not.</param>
    /// <param name="carriageReturns">Whether the lines of MIME itself end in CR LF, as Go's multipart writer ends them; contents keep theirs.</param>
    public static string Write(IEnumerable<MimePart> parts, string boundary = "//", bool quoteBoundary = true, bool carriageReturns = false)
    {
        var end = carriageReturns ? "\r\n" : "\n";
        var archive = new StringBuilder()
            .Append("MIME-Version: 1.0").Append(end)
            .Append("Content-Type: multipart/mixed; boundary=").Append(quoteBoundary ? $"\"{boundary}\"" : boundary).Append(end)
            .Append(end);
        foreach (var part in parts)
        {
            archive.Append("--").Append(boundary).Append(end)
                .Append("Content-Type: ").Append(part.ContentType).Append(end)
                .Append(end)
                .Append(part.Content).Append(end);
        }

        return archive.Append("--").Append(boundary).Append("--").Append(end).ToString();
    }
}
