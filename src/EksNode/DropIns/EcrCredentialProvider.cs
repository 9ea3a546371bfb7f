namespace EksNode.DropIns;

/// <summary><c>ecr-credential-provider</c>, as the kubelet calls it: without arguments, or with <c>get-credentials</c>.</summary>
/// <remarks>Arguments: the help of the AWS cloud provider's <c>ecr-credential-provider</c>; the rest of its options are those of its log.</remarks>
internal static class EcrCredentialProvider
{
    private const string Program = "ecr-credential-provider";

    /// <summary>Translates its arguments.</summary>
    public static DropInCall Translate(IReadOnlyList<string> arguments)
    {
        var words = arguments.ToList();
        words.Remove("get-credentials");
        var options = new DropInOptions()
            .Value(null, "-v", "--v", "--vmodule", "--stderrthreshold", "--log-flush-frequency")
            .Switch(null, "--logtostderr", "--alsologtostderr");
        return options.UsageOf(Program + " [get-credentials] <REQUEST", arguments, "-h", "help") ?? options.Translate(Program, "credential-provider", words);
    }
}
