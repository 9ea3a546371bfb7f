using System.Globalization;

namespace EksNode.Host.Downloads;

/// <summary>
/// What gpgv found out about a signature, by its status lines. Its exit code says less: it is 0 for a key that was revoked, too.
/// </summary>
/// <remarks>The lines: <c>doc/DETAILS</c> of GnuPG. Those of one signature follow its <c>NEWSIG</c>.</remarks>
internal sealed class GpgvAnswer
{
    private const string Mark = "[GNUPG:] ";
    private const string NoKey = "9"; // GPG_ERR_NO_PUBKEY

    private readonly string signers;
    private bool isGood;
    private bool isKeyExpired;
    private bool isComputed;
    private bool isOfSigner;
    private bool isBad;
    private long keyEnd;
    private string? problem;

    private GpgvAnswer(string signers) => this.signers = signers;

    /// <summary>Whether gpgv said anything; when not, it did not come to look at the signature.</summary>
    public bool IsAnswer { get; private set; }

    /// <summary>Whether gpgv has the key, and cannot use it.</summary>
    public bool CannotCheck { get; private set; }

    /// <summary>What is wrong with the signature, as a clause; null: nothing.</summary>
    public string? Fault => isBad ? "it is the signature of another file" : isOfSigner ? null : problem ?? "it is no OpenPGP signature";

    /// <summary>Reads an answer.</summary>
    /// <param name="status">What gpgv wrote for <c>--status-fd</c>.</param>
    /// <param name="signers">The fingerprints of primary keys, with blanks between them, one of which must have signed.</param>
    public static GpgvAnswer Read(string status, string signers)
    {
        var answer = new GpgvAnswer(signers);
        foreach (var line in status.Split('\n'))
        {
            if (line.StartsWith(Mark, StringComparison.Ordinal))
            {
                answer.IsAnswer = true;
                answer.Add(line[Mark.Length..].Split(' '));
            }
        }

        return answer;
    }

    private void Add(string[] words)
    {
        switch (words)
        {
            case ["NEWSIG", ..]:
                (isGood, isKeyExpired, isComputed, keyEnd) = (false, false, false, 0);
                break;
            // Told of every key of the signer that has expired; the last before the signature was computed is of the key that made it.
            case ["KEYEXPIRED", var end, ..] when !isComputed:
                _ = long.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out keyEnd);
                break;
            case ["SIG_ID", ..]:
                isComputed = true;
                break;
            case ["GOODSIG", ..]:
                isGood = true;
                break;
            case ["EXPKEYSIG", ..]:
                isGood = isKeyExpired = true;
                break;
            case ["REVKEYSIG", var key, ..]:
                problem ??= $"its key {key} was revoked";
                break;
            case ["EXPSIG", ..]:
                problem ??= "it was valid for a time that is over";
                break;
            case ["BADSIG", ..]:
                isBad = true;
                break;
            case ["ERRSIG", var key, _, _, _, _, var error, ..]:
                CannotCheck |= error != NoKey;
                problem ??= error == NoKey ? $"it was made with the key {key}, which is not among the publisher's" : $"gpgv cannot check it with the key {key}, error {error}";
                break;
            case ["VALIDSIG", _, _, var made, _, _, _, _, _, _, var primary, ..]:
                Judge(made, primary);
                break;
            default:
                break;
        }
    }

    // A key that expired since is no fault: what it signed before stays signed.
    private void Judge(string made, string primary)
    {
        if (!isGood)
        {
            return;
        }

        isGood = false;
        if (primary.Length == 0 || !signers.Split(' ').Contains(primary, StringComparer.Ordinal))
        {
            problem ??= $"it was made with the key {primary}, which is not one of the publisher's";
        }
        else if (isKeyExpired && !(long.TryParse(made, NumberStyles.None, CultureInfo.InvariantCulture, out var time) && time < keyEnd))
        {
            problem ??= "its key had expired when it was made";
        }
        else
        {
            isOfSigner = true;
        }
    }
}
