using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using EksNode.Simulation.Faults;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Aws;

/// <summary>EC2, EKS, ECR and STS behind one address, told apart as <c>AWS_ENDPOINT_URL</c> needs it: by what a request looks like.</summary>
internal sealed class AwsService(
    SimulatorOptions options, SignatureVerifier signatures, IssuedCredentials credentials, ConcurrentBag<string> secrets, TimeProvider clock) : ISimulatedService
{
    public const string ContainerCredentialsPath = "/v2/credentials/0f4c2e6a-simulated-task";

    private const string EcrTarget = "AmazonEC2ContainerRegistry_V20150921.";
    private const string EcrPublicTarget = "SpencerFrontendService.";

    private readonly Ec2Api ec2 = new(options);
    private readonly EksApi eks = new(options);

    /// <summary>The passwords for registries that were handed out.</summary>
    public ConcurrentBag<RegistryPassword> Passwords { get; } = [];

    /// <summary>What a container must send in Authorization to get credentials.</summary>
    public string ContainerAuthorization { get; } = Secret(secrets);

    public string NameOf(SimulatedRequest request)
    {
        if (request.Path == ContainerCredentialsPath)
        {
            return "container:credentials";
        }

        if (request.Path.StartsWith(EksApi.PathPrefix, StringComparison.Ordinal))
        {
            return "eks:DescribeCluster";
        }

        if (request.Header("X-Amz-Target") is { } target && target.StartsWith(EcrTarget, StringComparison.Ordinal))
        {
            return "ecr:" + target[EcrTarget.Length..];
        }

        if (request.Header("X-Amz-Target") is { } publicTarget && publicTarget.StartsWith(EcrPublicTarget, StringComparison.Ordinal))
        {
            return "ecr-public:" + publicTarget[EcrPublicTarget.Length..];
        }

        return request.Parameter("Action") switch
        {
            "GetCallerIdentity" => "sts:GetCallerIdentity",
            "AssumeRole" => "sts:AssumeRole",
            { } action => "ec2:" + action,
            null => "aws:unknown",
        };
    }

    public SimulatedResponse Answer(SimulatedRequest request, string call, FaultStep? fault)
    {
        if (call == "container:credentials")
        {
            return request.Header("Authorization") == ContainerAuthorization
                ? SimulatedResponse.Text(200, "application/json", credentials.Document())
                : SimulatedResponse.Text(401, "application/json", """{"code":"AccessDenied","message":"Authorization token is not valid"}""");
        }

        var protocol = ProtocolOf(call);
        var verdict = signatures.Verify(request, call.Split(':')[0]);
        if (verdict.Fault is not null)
        {
            return AwsErrors.Refused(protocol, verdict);
        }

        if (options.DeniedActions.Contains(call))
        {
            return AwsErrors.Denied(protocol, call, Principal);
        }

        return call switch
        {
            "ec2:DescribeInstances" => ec2.DescribeInstances(request, fault),
            "ec2:DescribeInstanceTypes" => ec2.DescribeInstanceTypes(request),
            "eks:DescribeCluster" when request.Method == "GET" => eks.DescribeCluster(request),
            "ecr:GetAuthorizationToken" or "ecr-public:GetAuthorizationToken" when request.Method == "POST" =>
                AuthorizationToken(call.Split(':')[0], verdict.Region),
            "sts:GetCallerIdentity" => CallerIdentity(request, verdict.Key?.AssumedRole),
            "sts:AssumeRole" when request.Method == "POST" => AssumeRole(request),
            _ => Unknown(protocol, call),
        };
    }

    public SimulatedResponse Failure(SimulatedRequest request, string call, FaultStep fault)
    {
        var protocol = ProtocolOf(call);
        return fault.Kind switch
        {
            FaultKind.Throttle => AwsErrors.Throttled(protocol),
            FaultKind.Denied => AwsErrors.Denied(protocol, call, Principal),
            FaultKind.Expired => AwsErrors.Refused(
                protocol, new SignatureVerdict(SignatureFault.ExpiredCredentials, "The security token included in the request is expired", [])),
            _ => AwsErrors.OfStatus(protocol, fault.Argument),
        };
    }

    private string Principal => PrincipalOf(null);

    private string PrincipalOf(string? assumedRole) =>
        $"arn:aws:sts::{options.AccountId}:assumed-role/{assumedRole ?? $"{options.RoleName ?? "none"}/{options.InstanceId}"}";

    private static AwsProtocol ProtocolOf(string call) => call.Split(':')[0] switch
    {
        "eks" => AwsProtocol.RestJson,
        "ecr" or "ecr-public" => AwsProtocol.Json11,
        "sts" => AwsProtocol.Query,
        _ => AwsProtocol.Ec2,
    };

    private static SimulatedResponse Unknown(AwsProtocol protocol, string call) => AwsErrors.Make(
        protocol, 400, protocol == AwsProtocol.Ec2 ? "InvalidAction" : "UnknownOperationException", $"The action {call.Split(':')[1]} is not valid for this web service.");

    // authorizationData is a list in ECR, an object without proxyEndpoint in ECR Public.
    private SimulatedResponse AuthorizationToken(string service, string region)
    {
        var password = Secret(secrets);
        var token = Convert.ToBase64String(Encoding.ASCII.GetBytes("AWS:" + password));
        secrets.Add(token);
        Passwords.Add(new RegistryPassword(password, service, region));
        var isPublic = service == "ecr-public";
        return AwsErrors.Json(200, "application/x-amz-json-1.1", writer =>
        {
            if (!isPublic)
            {
                writer.WriteStartArray("authorizationData");
            }

            if (isPublic)
            {
                writer.WriteStartObject("authorizationData");
            }
            else
            {
                writer.WriteStartObject();
            }

            writer.WriteString("authorizationToken", token);
            writer.WriteNumber("expiresAt", clock.GetUtcNow().AddHours(12).ToUnixTimeMilliseconds() / 1000.0);
            if (!isPublic)
            {
                writer.WriteString("proxyEndpoint", $"https://{options.AccountId}.dkr.ecr.{region}.{options.ServicesDomain}");
            }

            writer.WriteEndObject();
            if (!isPublic)
            {
                writer.WriteEndArray();
            }
        });
    }

    private SimulatedResponse AssumeRole(SimulatedRequest request)
    {
        if (request.Parameter("RoleArn")?.Split(":role/") is not [_, var role] || request.Parameter("RoleSessionName") is not { Length: >= 2 } session)
        {
            return AwsErrors.Make(AwsProtocol.Query, 400, "ValidationError", "RoleArn and RoleSessionName are required.");
        }

        if (options.ExternalId is { } external && request.Parameter("ExternalId") != external)
        {
            return AwsErrors.Denied(AwsProtocol.Query, "sts:AssumeRole", Principal);
        }

        var key = credentials.IssueForRole($"{role}/{session}");
        return AwsErrors.Xml(200, writer =>
        {
            writer.WriteStartElement("AssumeRoleResponse", "https://sts.amazonaws.com/doc/2011-06-15/");
            writer.WriteStartElement("AssumeRoleResult");
            writer.WriteStartElement("Credentials");
            writer.WriteElementString("AccessKeyId", key.AccessKeyId);
            writer.WriteElementString("SecretAccessKey", key.SecretAccessKey);
            writer.WriteElementString("SessionToken", key.SessionToken);
            writer.WriteElementString("Expiration", key.Expiration!.Value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteEndElement();
            writer.WriteEndElement();
            writer.WriteEndElement();
        });
    }

    private SimulatedResponse CallerIdentity(SimulatedRequest request, string? assumedRole)
    {
        if (request.Parameter("Version") != "2011-06-15")
        {
            return AwsErrors.Make(AwsProtocol.Query, 400, "InvalidAction", "Could not find operation GetCallerIdentity for the version given");
        }

        var userId = $"AROAEXAMPLEEXAMPLEEXA:{options.InstanceId}";
        if (request.Header("Accept")?.Contains("application/json", StringComparison.OrdinalIgnoreCase) == true)
        {
            return AwsErrors.Json(200, "application/json", writer =>
            {
                writer.WriteStartObject("GetCallerIdentityResponse");
                writer.WriteStartObject("GetCallerIdentityResult");
                writer.WriteString("Account", options.AccountId);
                writer.WriteString("Arn", PrincipalOf(assumedRole));
                writer.WriteString("UserId", userId);
                writer.WriteEndObject();
                writer.WriteStartObject("ResponseMetadata");
                writer.WriteString("RequestId", AwsErrors.RequestId);
                writer.WriteEndObject();
                writer.WriteEndObject();
            });
        }

        return AwsErrors.Xml(200, writer =>
        {
            writer.WriteStartElement("GetCallerIdentityResponse", "https://sts.amazonaws.com/doc/2011-06-15/");
            writer.WriteStartElement("GetCallerIdentityResult");
            writer.WriteElementString("Arn", PrincipalOf(assumedRole));
            writer.WriteElementString("UserId", userId);
            writer.WriteElementString("Account", options.AccountId);
            writer.WriteEndElement();
            writer.WriteStartElement("ResponseMetadata");
            writer.WriteElementString("RequestId", AwsErrors.RequestId);
            writer.WriteEndElement();
            writer.WriteEndElement();
        });
    }

    private static string Secret(ConcurrentBag<string> secrets)
    {
        var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(48));
        secrets.Add(secret);
        return secret;
    }
}

/// <summary>A password for registries that was handed out.</summary>
/// <param name="Password">The password.</param>
/// <param name="Service">What gave it: <c>ecr</c> or <c>ecr-public</c>.</param>
/// <param name="Region">The region that it is for.</param>
public sealed record RegistryPassword(string Password, string Service, string Region);
