using System.Globalization;
using System.Text;
using EksNode.Aws.Credentials;
using EksNode.Aws.Services;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Aws.Identity;

/// <summary>A role to take on before anything is signed.</summary>
/// <param name="Arn">The role.</param>
/// <param name="SessionName">The name of the session, which CloudTrail and <c>aws-auth</c> see.</param>
/// <param name="ExternalId">What the trust policy of the role may want; null: nothing.</param>
public sealed record RoleAssumption(string Arn, string SessionName, string? ExternalId = null)
{
    /// <summary>The name of a session that is given none.</summary>
    public const string DefaultSessionName = "EKSGetTokenAuth";

    /// <summary>Whether a text is the ARN of a role: <c>arn:PARTITION:iam::ACCOUNT:role/PATH/NAME</c> (IAM user guide, "IAM identifiers").</summary>
    public static bool IsRole(string text)
    {
        var parts = text.Split(':', 6);
        return parts is ["arn", { Length: > 0 }, "iam", "", { Length: 12 } account, var role]
            && account.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0
            && role.StartsWith("role/", StringComparison.Ordinal)
            && !role.EndsWith('/')
            && role.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;
    }

    /// <summary>The credentials of the role (STS AssumeRole).</summary>
    /// <exception cref="DiagnosticException">STS does not give them.</exception>
    internal Task<AwsCredentials> CredentialsAsync(AwsCaller caller, CancellationToken cancellation)
    {
        var body = new StringBuilder("Action=AssumeRole&Version=2011-06-15");
        Add("RoleArn", Arn);
        Add("RoleSessionName", SessionName);
        if (ExternalId is not null)
        {
            Add("ExternalId", ExternalId);
        }

        var operation = new AwsOperation
        {
            Service = "sts",
            Name = "AssumeRole",
            Method = HttpMethod.Post,
            Headers = [new HttpHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            Body = Encoding.UTF8.GetBytes(body.ToString()),
        };
        return caller.CallAsync(operation, Read, caller.NewDeadline(), cancellation);

        void Add(string name, string value) => body.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
    }

    private AwsCredentials? Read(ReadOnlyMemory<byte> body)
    {
        if (AwsXml.Parse(body)?.At("AssumeRoleResult", "Credentials") is not { } given
            || given.TextAt("AccessKeyId") is not { } id
            || given.TextAt("SecretAccessKey") is not { } secret)
        {
            return null;
        }

        var expires = DateTimeOffset.TryParse(
            given.TextAt("Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : (DateTimeOffset?)null;
        var token = given.TextAt("SessionToken") is { } text ? new Secret(text) : null;
        return new AwsCredentials(new Secret(id), new Secret(secret), token, expires, $"role {Arn}");
    }
}
