namespace EksNode.DropIns;

/// <summary><c>aws eks get-token</c>, as kubeconfigs of EKS-optimized images and of <c>aws eks update-kubeconfig</c> call it; nothing else.</summary>
/// <remarks>Arguments: AWS CLI command reference, <c>eks get-token</c> and global options.</remarks>
internal static class AwsCli
{
    private const string Program = "aws eks get-token";

    /// <summary>Translates its arguments.</summary>
    public static DropInCall Translate(IReadOnlyList<string> arguments)
    {
        var options = new DropInOptions()
            .Value("--cluster-name", "--cluster-name")
            .Value("--cluster-id", "--cluster-id")
            .Value("--role-arn", "--role-arn")
            .Value("--region", "--region")
            .Value(null, "--output", "--color", "--cli-connect-timeout", "--cli-read-timeout")
            .Switch(null, "--no-cli-pager", "--no-cli-auto-prompt", "--no-paginate")
            .Switch("--log-level=debug", "--debug")
            .Refused("Give the credentials in the environment, or by the instance's role.", "--profile")
            .Refused("Set AWS_ENDPOINT_URL_STS instead.", "--endpoint-url")
            .Refused("Set AWS_CA_BUNDLE instead.", "--ca-bundle");
        if (options.UsageOf(Program, arguments, "help") is { } usage)
        {
            return usage;
        }

        // Global options may stand before the service: `aws --region us-west-2 eks get-token …`.
        var words = arguments.ToList();
        var service = words.IndexOf("eks");
        if (service < 0 || service + 1 >= words.Count || words[service + 1] != "get-token")
        {
            return DropInCall.Refuse(
                "This `aws` is a link to eksnode, which stands in for `aws eks get-token` alone.",
                "Install the AWS CLI for other commands, and remove this link or put the AWS CLI before it in PATH.");
        }

        words.RemoveRange(service, 2);
        return options.Translate(Program, "token", words);
    }
}
