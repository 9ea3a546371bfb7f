using System.IO.Compression;
using System.Text;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Sources;

/// <summary>Builds user data in its many wrappings.</summary>
internal static class UserData
{
    public const string Config = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n";

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Base64(byte[] bytes) => Convert.ToBase64String(bytes);

    public static string Base64(string text) => Base64(Bytes(text));

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    public static byte[] Gzip(string text) => Gzip(Bytes(text));

    /// <summary>A part of our type.</summary>
    public static string Part(string body, string headers = "Content-Type: application/node.eks.aws") => headers + "\n\n" + body;

    /// <summary>A message of these parts (headers, blank line, body).</summary>
    public static string Mime(params string[] parts) => Mime("//", parts);

    public static string Mime(string boundary, string[] parts) =>
        $"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"{boundary}\"\n\n"
        + string.Concat(parts.Select(p => $"--{boundary}\n{p}\n"))
        + $"--{boundary}--\n";

    public static string Crlf(string text) => text.Replace("\n", "\r\n", StringComparison.Ordinal);

    public static (SourceResult Result, DiagnosticBag Diagnostics) Read(byte[] bytes, bool isUserData = true)
    {
        var bag = new DiagnosticBag();
        return (SourceReader.Read(new SourceContent("user-data", bytes, isUserData), bag), bag);
    }

    public static (SourceResult Result, DiagnosticBag Diagnostics) Read(string text, bool isUserData = true) => Read(Bytes(text), isUserData);
}
