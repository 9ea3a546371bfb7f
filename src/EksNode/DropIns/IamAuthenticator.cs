namespace EksNode.DropIns;

/// <summary><c>aws-iam-authenticator token</c>, as kubeconfigs call it; nothing else.</summary>
/// <remarks>Arguments: the help of <c>aws-iam-authenticator token</c> 0.7.</remarks>
internal static class IamAuthenticator
{
    private const string Program = "aws-iam-authenticator token";

    /// <summary>Translates its arguments.</summary>
    public static DropInCall Translate(IReadOnlyList<string> arguments)
    {
        var options = new DropInOptions()
            .Value("--cluster-name", "-i", "--cluster-id")
            .Value("--role-arn", "-r", "--role")
            .Value("--session-name", "-s", "--session-name")
            .Value("--external-id", "-e", "--external-id")
            .Value("--region", "--region")
            .Switch("--token-only", "--token-only")
            .Switch(null, "--cache")
            .Value(null, "-l", "--log-format")
            .Refused("eksnode asks for no session tags: take them into the role's trust policy.", "--forward-session-name")
            .Refused("Give what it says as arguments.", "-c", "--config");
        if (options.UsageOf(Program, arguments, "-h", "help") is { } usage)
        {
            return usage;
        }

        // Global options may stand before the command: `aws-iam-authenticator --cluster-id demo token`.
        var words = arguments.ToList();
        if (!words.Remove("token"))
        {
            return DropInCall.Refuse(
                "This `aws-iam-authenticator` is a link to eksnode, which stands in for `aws-iam-authenticator token` alone.",
                "Install aws-iam-authenticator for its other commands, and remove this link.");
        }

        return options.Translate(Program, "token", words);
    }
}
