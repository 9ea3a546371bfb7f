using System.Text;

namespace EksNode.Host.Downloads;

/// <summary>
/// The keys of a text such as <c>runc.keyring</c>, which has a block of armor for each with words between them. gpgv takes them only as the bytes that the armor is made of.
/// </summary>
/// <remarks>RFC 9580, section 6: a line that begins a block, headers, an empty line, base64, perhaps a checksum after <c>=</c>, a line that ends it.</remarks>
internal static class OpenPgpArmor
{
    private const string Begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
    private const string End = "-----END PGP PUBLIC KEY BLOCK-----";

    /// <summary>The bytes of all blocks of keys, one after the other; empty: the text has no such block, or none that is whole.</summary>
    /// <param name="text">The text.</param>
    public static byte[] Keys(string text)
    {
        using var keys = new MemoryStream();
        StringBuilder? block = null;
        var isBody = false;
        foreach (var untrimmed in text.Split('\n'))
        {
            var line = untrimmed.Trim();
            if (line == Begin)
            {
                (block, isBody) = (new StringBuilder(), false);
            }
            else if (block is not null && line == End)
            {
                var bytes = new byte[block.Length];
                if (!Convert.TryFromBase64String(block.ToString(), bytes, out var count))
                {
                    return [];
                }

                keys.Write(bytes, 0, count);
                block = null;
            }
            else if (line.Length == 0)
            {
                isBody = true;
            }
            else if (isBody && line[0] != '=')
            {
                block?.Append(line);
            }
        }

        return keys.ToArray();
    }
}
