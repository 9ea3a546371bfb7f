using EksNode.Configuration.Text;

namespace EksNode.Aws.Credentials;

/// <summary>What requests are signed with.</summary>
/// <param name="AccessKeyId">The access key's id.</param>
/// <param name="SecretAccessKey">The access key's secret.</param>
/// <param name="SessionToken">The token of temporary credentials; null for permanent ones.</param>
/// <param name="Expires">When temporary credentials expire; null: never, or not known.</param>
/// <param name="Source">Where they came from, for messages: <c>environment variables</c>, <c>IMDS role NodeRole</c>.</param>
public sealed record AwsCredentials(
    Secret AccessKeyId, Secret SecretAccessKey, Secret? SessionToken, DateTimeOffset? Expires, string Source);
