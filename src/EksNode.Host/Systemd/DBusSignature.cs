using System.Text;

namespace EksNode.Host.Systemd;

/// <summary>Types of D-Bus as their signatures name them (D-Bus specification 0.42, "Type System").</summary>
internal static class DBusSignature
{
    /// <summary>The longest signature, of the specification.</summary>
    public const int MaxLength = 255;

    /// <summary>How deep arrays may nest, and structs and dict entries, each; of the specification.</summary>
    public const int MaxDepth = 32;

    /// <summary>Where the value of a type begins: at a multiple of this many bytes from the start of the message.</summary>
    public static int Alignment(byte type) => type switch
    {
        (byte)'n' or (byte)'q' => 2,
        (byte)'b' or (byte)'i' or (byte)'u' or (byte)'s' or (byte)'o' or (byte)'a' or (byte)'h' => 4,
        (byte)'x' or (byte)'t' or (byte)'d' or (byte)'(' or (byte)'{' => 8,
        _ => 1,
    };

    /// <summary>Checks a signature as a whole: any number of complete types.</summary>
    public static void Check(ReadOnlySpan<byte> signature)
    {
        for (var at = 0; at < signature.Length;)
        {
            at = End(signature, at, 0, 0);
        }
    }

    /// <summary>Where the complete type that begins at <paramref name="start"/> ends.</summary>
    public static int End(ReadOnlySpan<byte> signature, int start) => End(signature, start, 0, 0);

    private static int End(ReadOnlySpan<byte> signature, int start, int arrays, int structs)
    {
        if (start >= signature.Length || arrays > MaxDepth || structs > MaxDepth)
        {
            throw Wrong(signature);
        }

        switch (signature[start])
        {
            case (byte)'y' or (byte)'b' or (byte)'n' or (byte)'q' or (byte)'i' or (byte)'u' or (byte)'x' or (byte)'t' or (byte)'d'
                or (byte)'s' or (byte)'o' or (byte)'g' or (byte)'v' or (byte)'h':
                return start + 1;
            case (byte)'a' when start + 1 < signature.Length && signature[start + 1] == '{':
                return EntryEnd(signature, start + 1, arrays + 1, structs + 1);
            case (byte)'a':
                return End(signature, start + 1, arrays + 1, structs);
            case (byte)'(':
                var at = start + 1;
                do
                {
                    at = End(signature, at, arrays, structs + 1);
                }
                while (at < signature.Length && signature[at] != ')');
                return at < signature.Length ? at + 1 : throw Wrong(signature);
            default:
                throw Wrong(signature);
        }
    }

    // A dict entry has a basic type and any other.
    private static int EntryEnd(ReadOnlySpan<byte> signature, int start, int arrays, int structs)
    {
        var key = start + 1;
        if (key >= signature.Length || signature[key] is (byte)'a' or (byte)'(' or (byte)'{' or (byte)'v')
        {
            throw Wrong(signature);
        }

        var at = End(signature, End(signature, key, arrays, structs), arrays, structs);
        return at < signature.Length && signature[at] == '}' ? at + 1 : throw Wrong(signature);
    }

    private static DBusFormatException Wrong(ReadOnlySpan<byte> signature) =>
        new($"'{Encoding.ASCII.GetString(signature)}' is no signature");
}
