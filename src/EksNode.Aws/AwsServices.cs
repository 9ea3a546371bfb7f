using EksNode.Aws.Credentials;
using EksNode.Aws.Imds;
using EksNode.Aws.Services;
using EksNode.Host.Http;
using EksNode.Host.Logging;

namespace EksNode.Aws;

/// <summary>The services of one region, made when the first call needs them: a join without calls asks for no credentials.</summary>
internal sealed class AwsServices(
    AwsOptions options,
    AwsEnvironment environment,
    ImdsClient imds,
    ImdsReads reads,
    HttpSender direct,
    HttpSender sender,
    Timeline timeline)
{
    private AwsCaller? caller;

    /// <summary>How far this host's clock is behind AWS's, as far as calls have shown.</summary>
    public TimeSpan Skew => caller?.Skew ?? TimeSpan.Zero;

    public Ec2Client Ec2(string region) => new(Caller(region));

    public EksClient Eks(string region) => new(Caller(region));

    private AwsCaller Caller(string region)
    {
        if (caller is null || caller.Region != region)
        {
            // Container credential endpoints are on the machine: never through a proxy.
            var chain = new CredentialChain(environment, imds, direct, options.Clock, options.Random, options.Log, reads.Role);
            caller = new AwsCaller(
                region, environment, chain, sender, options.Limits, options.Clock, options.Random, options.Log, timeline);
        }

        return caller;
    }
}
