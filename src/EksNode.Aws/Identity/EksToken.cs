using System.Text;
using EksNode.Aws.Credentials;
using EksNode.Aws.Endpoints;
using EksNode.Aws.Signing;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Aws.Identity;

/// <summary>
/// The token with which a role authenticates to the API server of an EKS cluster: the address of an STS GetCallerIdentity call,
/// pre-signed for this cluster. EKS makes the call, and STS tells it who signed.
/// </summary>
/// <param name="Text">The token.</param>
/// <param name="Expires">When to get another.</param>
public sealed record EksToken(Secret Text, DateTimeOffset Expires)
{
    private const string Prefix = "k8s-aws-v1.";
    private const string ClusterHeader = "x-k8s-aws-id";
    private const int LongestCluster = 100;

    /// <summary>What the address says of its lifetime. STS takes a pre-signed address for <see cref="Accepted"/>, whatever it says.</summary>
    /// <remarks>60 seconds in every client of EKS, and the server wants no more than 900.</remarks>
    private static readonly TimeSpan InAddress = TimeSpan.FromSeconds(60);

    /// <summary>How long STS takes a pre-signed address.</summary>
    private static readonly TimeSpan Accepted = TimeSpan.FromMinutes(15);

    /// <summary>How long before the end another token is wanted, so that none expires on its way.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    /// <summary>Makes a token. Nothing is asked of the network.</summary>
    /// <param name="cluster">The cluster's name; the id of a local cluster on an Outpost.</param>
    /// <param name="region">The region of STS; that of the cluster, or any other of its partition.</param>
    /// <param name="environment">Decides between the regional endpoint and the FIPS endpoint, or names another.</param>
    /// <param name="credentials">Who it is for.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="DiagnosticException">The region is no region, or a variable that names the endpoint is wrong.</exception>
    public static EksToken Make(
        string cluster, string region, AwsEnvironment environment, AwsCredentials credentials, DateTimeOffset now)
    {
        var request = new UnsignedRequest
        {
            Method = HttpMethod.Get,
            Endpoint = AwsEndpoints.Of("sts", region, EndpointsOf(region, environment)),
            Query = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")],
            Headers = [new HttpHeader(ClusterHeader, cluster)],
        };
        var address = new SigV4(region, "sts").Presign(request, credentials, now, InAddress).Address;
        var text = Convert.ToBase64String(Encoding.ASCII.GetBytes(address.AbsoluteUri)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        return new EksToken(new Secret(Prefix + text), now + Accepted - Margin);
    }

    /// <summary>Whether a name can be that of a cluster: what else stands in the header would make another request of it.</summary>
    public static bool IsCluster(string name) =>
        name.Length is > 0 and <= LongestCluster && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or '/');

    /// <summary>Whether the environment asks for a FIPS endpoint and EKS accepts none of this region.</summary>
    public static bool LacksFips(string region, AwsEnvironment environment) =>
        environment.IsOn("AWS_USE_FIPS_ENDPOINT") && !AwsEndpoints.TokenHasFips(region);

    // EKS accepts no dual-stack host name in a token. It makes the call itself, so that the node's own network does not matter.
    private static AwsEnvironment EndpointsOf(string region, AwsEnvironment environment)
    {
        var own = environment["AWS_USE_DUALSTACK_ENDPOINT"] is null ? environment : environment.With("AWS_USE_DUALSTACK_ENDPOINT", null);
        return LacksFips(region, own) ? own.With("AWS_USE_FIPS_ENDPOINT", null) : own;
    }
}
