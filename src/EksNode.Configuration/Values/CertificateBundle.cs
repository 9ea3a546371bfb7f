using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

namespace EksNode.Configuration.Values;

/// <summary>
/// A PEM bundle of certificate authorities. The structure of each certificate is checked (RFC 5280 §4.1), not its signature
/// or dates: that needs a clock and a cryptographic library, and the kubelet does it.
/// </summary>
public static class CertificateBundle
{
    private const string HowToGet =
        "Take it from `aws eks describe-cluster --query cluster.certificateAuthority.data`, which is base64 of PEM.";

    /// <summary>Reads the bundle: one <c>CERTIFICATE</c> block or more; text between blocks is allowed, as Go's PEM reader does.</summary>
    /// <returns>The number of certificates.</returns>
    public static ValueResult<int> Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return new ValueProblem("The certificate authority is empty.", HowToGet);
        }

        if (bytes[0] == 0x30 && StructureProblem(bytes.ToArray()) is null)
        {
            return new ValueProblem(
                "The certificate authority is a DER certificate; PEM is expected.",
                "Convert it with `openssl x509 -inform der -in ca.der`, then encode the result with `base64 -w0`.");
        }

        if (bytes.ContainsAnyExceptInRange((byte)0, (byte)0x7f))
        {
            return new ValueProblem("The certificate authority is not PEM: it has bytes that are not ASCII.", HowToGet);
        }

        var text = Encoding.ASCII.GetString(bytes);
        return LooksEncodedTwice(text)
            ? new ValueProblem("The certificate authority is encoded in base64 twice.", "Encode the PEM text once: `base64 -w0 ca.crt`.")
            : Blocks(text);
    }

    /// <summary>When the first of the certificates ends; null: there is none that can be read.</summary>
    /// <param name="pem">A bundle that <see cref="Parse"/> accepts.</param>
    public static DateTimeOffset? EarliestEnd(string pem)
    {
        DateTimeOffset? earliest = null;
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            try
            {
                var body = new AsnReader(Convert.FromBase64String(rest[fields.Base64Data].ToString()), AsnEncodingRules.DER).ReadSequence().ReadSequence();
                var validity = Validity(body);
                validity.ReadEncodedValue();
                var end = validity.PeekTag() == new Asn1Tag(UniversalTagNumber.UtcTime) ? validity.ReadUtcTime() : validity.ReadGeneralizedTime();
                earliest = earliest < end ? earliest : end;
            }
            catch (AsnContentException)
            {
                // A date that no certificate may have: it is for the library that checks signatures to refuse it.
            }

            rest = rest[fields.Location.End..];
        }

        return earliest;
    }

    // RFC 5280 §4.1: version (when there), serialNumber, signature, issuer, then the validity.
    private static AsnReader Validity(AsnReader body)
    {
        if (body.PeekTag() == new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true))
        {
            body.ReadEncodedValue();
        }

        body.ReadIntegerBytes();
        body.ReadSequence();
        body.ReadSequence();
        return body.ReadSequence();
    }

    private static ValueResult<int> Blocks(string text)
    {
        var count = 0;
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var label = rest[fields.Label];
            if (label.EndsWith("PRIVATE KEY"))
            {
                return new ValueProblem(
                    "The certificate authority holds a private key.", "Leave the key out, and replace it: it was in this node's configuration.");
            }

            if (!label.SequenceEqual("CERTIFICATE"))
            {
                return new ValueProblem(
                    $"The certificate authority holds a PEM block {Quoted.Text(label.ToString())}.", "Only `CERTIFICATE` blocks belong there.");
            }

            if (StructureProblem(Convert.FromBase64String(rest[fields.Base64Data].ToString())) is { } why)
            {
                return new ValueProblem($"Certificate {count + 1} of the certificate authority is damaged: {why}.", HowToGet);
            }

            if (rest[..fields.Location.Start].Contains("-----BEGIN", StringComparison.Ordinal))
            {
                break;
            }

            count++;
            rest = rest[fields.Location.End..];
        }

        if (rest.Contains("-----BEGIN", StringComparison.Ordinal) || rest.Contains("-----END", StringComparison.Ordinal))
        {
            return new ValueProblem($"PEM block {count + 1} of the certificate authority is damaged or cut off.", HowToGet);
        }

        return count > 0 ? count : new ValueProblem("The certificate authority has no PEM certificate in it.", HowToGet);
    }

    private static bool LooksEncodedTwice(string text) =>
        text.AsSpan().TrimStart().StartsWith("LS0tLS1CRUdJTi") && Base64Text.Parse(text).IsValid;

    private static string? StructureProblem(byte[] der)
    {
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            var certificate = reader.ReadSequence();
            reader.ThrowIfNotEmpty();
            var body = certificate.ReadSequence();
            certificate.ReadSequence();
            certificate.ReadBitString(out _);
            certificate.ThrowIfNotEmpty();
            var validity = Validity(body);
            validity.ReadEncodedValue();
            validity.ReadEncodedValue();
            validity.ThrowIfNotEmpty();
            body.ReadSequence();
            var key = body.ReadSequence();
            key.ReadSequence();
            key.ReadBitString(out _);
            return null;
        }
        catch (AsnContentException)
        {
            return "its bytes are not an X.509 certificate";
        }
    }
}
