using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Sources;

/// <summary>
/// Decodes a source: base64, gzip, MIME, text, documents. What cannot be read is a diagnostic that names the part; what is
/// plainly for cloud-init is no configuration and no error.
/// </summary>
public static class SourceReader
{
    private static readonly string[] OurTypes = ["application/" + ApiGroups.NodeEks, "application/" + ApiGroups.EksNode];

    // Types under which a configuration is sometimes sent by mistake. Scripts and cloud-configs may quote one on purpose.
    private static readonly string[] NeutralTypes =
    [
        "", "text/plain", "text/yaml", "text/x-yaml", "application/yaml", "application/x-yaml", "application/json",
        "application/octet-stream",
    ];

    /// <summary>Decodes the source.</summary>
    public static SourceResult Read(SourceContent content, DiagnosticBag diagnostics)
    {
        var bag = new DiagnosticBag();
        var result = Decode(content, bag);
        diagnostics.AddRange(bag.Items);
        return bag.HasErrors
            ? result with { Finding = SourceFinding.Unreadable, Description = "errors" }
            : result;
    }

    private static SourceResult Decode(SourceContent content, DiagnosticBag bag)
    {
        var origin = Origin.At(content.Name, 0, 0);
        if (Unwrap(content.Bytes.ToArray(), origin, bag) is not { } bytes)
        {
            return new SourceResult(content.Name, SourceFinding.Unreadable, "errors", []);
        }

        if (new MimeReader(content.Name, bag).Read(bytes) is { } parts)
        {
            return Message(content, parts, bag);
        }

        if (Encodings.Text(bytes, origin, bag) is not { } text)
        {
            return new SourceResult(content.Name, SourceFinding.Unreadable, "errors", []);
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            return Nothing(content, DiagnosticCatalogue.EmptySource, SourceFinding.Empty, "nothing", bag);
        }

        return CloudInit.Describe(text) is { } what
            ? Nothing(content, DiagnosticCatalogue.ForCloudInit, SourceFinding.ForCloudInit, what, bag, text.Contains("bootstrap.sh", StringComparison.Ordinal))
            : Found(content, Documents(text, origin, bag), bag);
    }

    // base64 when all of it is, then gzip when it begins like that.
    internal static byte[]? Unwrap(byte[] bytes, Origin origin, DiagnosticBag bag)
    {
        bytes = Encodings.TryBase64(bytes) ?? bytes;
        return Encodings.IsGzip(bytes) ? Encodings.Unpack(bytes, origin, bag) : bytes;
    }

    /// <summary>Whether a part is for eksnode (or nodeadm), and nothing for cloud-init.</summary>
    internal static bool IsOurs(MimePart part) => OurTypes.Contains(part.Headers.MediaType);

    private static SourceResult Message(SourceContent content, ImmutableArray<MimePart> parts, DiagnosticBag bag)
    {
        var documents = new List<SourceDocument>();
        var hasOurs = false;
        foreach (var part in parts)
        {
            var origin = Origin.At(content.Name, 0, 0, part.Number);
            if (IsOurs(part))
            {
                hasOurs = true;
                documents.AddRange(Part(part, origin, bag));
            }
            else
            {
                WarnOfSuspicious(part, origin, bag);
            }
        }

        return hasOurs || bag.HasErrors
            ? Found(content, documents.ToImmutable(), bag)
            : Nothing(
                content,
                DiagnosticCatalogue.ForCloudInit,
                SourceFinding.ForCloudInit,
                "a MIME message for cloud-init without a part of type application/node.eks.aws or application/eksnode.io",
                bag);
    }

    private static ImmutableArray<SourceDocument> Part(MimePart part, Origin origin, DiagnosticBag bag) =>
        PartText(part, origin, bag).Text is { } text ? Documents(text, origin, bag) : [];

    /// <summary>The decoded text of a part, or null after an error, and whether it stands in the message as it is.</summary>
    internal static (string? Text, bool IsPlain) PartText(MimePart part, Origin origin, DiagnosticBag bag)
    {
        var encoding = part.Headers["Content-Transfer-Encoding"].Trim().ToLowerInvariant();
        var body = encoding == "quoted-printable"
            ? Encodings.QuotedPrintable(part.Body, origin, bag)
            : System.Text.Encoding.Latin1.GetBytes(part.Body);
        if (encoding == "base64" && Encodings.TryBase64(body) is null && part.Body.AsSpan().Trim().Length > 0)
        {
            bag.Report(
                DiagnosticCatalogue.WrongTransferEncoding,
                $"{Encodings.Name(origin)} says that it is base64, but it is not; it is read as it stands.",
                "Encode its text in base64, or remove the header Content-Transfer-Encoding.",
                origin);
        }

        if (Unwrap(body, origin, bag) is not { } bytes)
        {
            return (null, false);
        }

        // RFC 2045 §5.2: without a charset it is ASCII, of which UTF-8 is a superset.
        var charset = part.Headers.Parameters.GetValueOrDefault("charset", "").ToLowerInvariant();
        var text = charset is "iso-8859-1" or "latin1"
            ? System.Text.Encoding.Latin1.GetString(bytes)
            : Encodings.Text(bytes, origin, bag);
        return (text, encoding != "quoted-printable" && bytes.Length == body.Length);
    }

    private static void WarnOfSuspicious(MimePart part, Origin origin, DiagnosticBag bag)
    {
        var type = part.Headers.MediaType;
        var hasNearType = type.Contains("node.eks", StringComparison.Ordinal)
            || type.Contains("eksnode", StringComparison.Ordinal)
            || type.Contains("nodeconfig", StringComparison.Ordinal);
        if (hasNearType || (NeutralTypes.Contains(type) && CloudInit.MentionsOurGroup(part.Body)))
        {
            bag.Report(
                DiagnosticCatalogue.SuspiciousPartType,
                type.Length == 0
                    ? $"{Encodings.Name(origin)} looks like a node configuration but has no header Content-Type; it is not read."
                    : $"{Encodings.Name(origin)} looks like a node configuration but has the type `{type}`; it is not read.",
                "Give it the header `Content-Type: application/node.eks.aws`.",
                origin);
        }
    }

    private static ImmutableArray<SourceDocument> Documents(string text, Origin origin, DiagnosticBag bag)
    {
        var documents = new List<SourceDocument>();
        var roots = YamlReader.Read(text, origin.Source, origin.Part, bag);
        foreach (var root in roots)
        {
            if (TypeMeta.Read(root, bag) is { } document)
            {
                documents.Add(document);
            }
        }

        if (roots.IsEmpty && !bag.HasErrors)
        {
            bag.Report(
                DiagnosticCatalogue.EmptySource,
                $"{Encodings.Name(origin)} has no document, only comments or blank lines.",
                "Remove it, or write a NodeConfig.",
                origin);
        }

        return documents.ToImmutable();
    }

    private static SourceResult Found(SourceContent content, ImmutableArray<SourceDocument> documents, DiagnosticBag bag) =>
        bag.HasErrors ? new SourceResult(content.Name, SourceFinding.Unreadable, "errors", documents)
        : documents.IsEmpty ? new SourceResult(content.Name, SourceFinding.Empty, "no document", documents)
        : new SourceResult(content.Name, SourceFinding.Documents, documents.Length == 1 ? "1 document" : $"{documents.Length} documents", documents);

    private static SourceResult Nothing(
        SourceContent content, DiagnosticDescriptor descriptor, SourceFinding finding, string what, DiagnosticBag bag, bool callsBootstrap = false)
    {
        bag.Report(
            descriptor,
            $"The source {content.Name} is {(finding == SourceFinding.Empty ? "empty" : what)}: it holds no configuration for eksnode.",
            content.IsUserData ? "Nothing needs to be done when another source configures the node."
            : callsBootstrap ? "It calls `bootstrap.sh` of Amazon Linux 2: `eksnode config convert` makes a NodeConfig of its arguments."
            : "Remove the file, or write a NodeConfig into it.",
            Origin.At(content.Name, 0, 0),
            severity: content.IsUserData ? null : Severity.Warning);
        return new SourceResult(content.Name, finding, what, []);
    }
}
