using System.CommandLine;
using EksNode.Aws.Identity;
using EksNode.Configuration.Text;
using EksNode.Host.Logging;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary>What <c>eksnode token</c> is asked for.</summary>
internal sealed record TokenRequest
{
    /// <summary>The cluster's name; null: it is named by its id.</summary>
    public string? ClusterName { get; init; }

    /// <summary>The id of a local cluster on an Outpost; null: it has a name.</summary>
    public string? ClusterId { get; init; }

    /// <summary>What the token is for: the id or the name.</summary>
    public string? Cluster => ClusterId ?? ClusterName;

    /// <summary>The region of STS; null: that of the environment or the instance.</summary>
    public string? Region { get; init; }

    /// <summary>The role to take on; null: none.</summary>
    public string? RoleArn { get; init; }

    /// <summary>The name of that role's session; null: the usual one.</summary>
    public string? SessionName { get; init; }

    /// <summary>What that role's trust policy may want.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Whether the token alone is printed.</summary>
    public bool TokenOnly { get; init; }

    /// <summary>What every such command is given.</summary>
    public IdentitySettings Settings { get; init; } = new();
}

/// <summary><c>eksnode token</c>: the exec credential with which kubectl and the kubelet authenticate to the API server.</summary>
internal static class TokenCommand
{
    private const string ClusterName = "--cluster-name";
    private const string ClusterId = "--cluster-id";
    private const string RegionName = "--region";
    private const string RoleArn = "--role-arn";
    private const string SessionName = "--session-name";
    private const string ExternalId = "--external-id";

    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var name = Text(ClusterName, "NAME", "The cluster's name");
        var id = Text(ClusterId, "ID", "The id of a local cluster on an Outpost, in place of the name");
        var region = Text(RegionName, "REGION", "The region whose STS is named in the token [default: AWS_REGION, else the instance's]");
        var role = Text(RoleArn, "ARN", "Take on this role first (STS AssumeRole)");
        var session = Text(SessionName, "NAME", $"The name of that role's session [default: {RoleAssumption.DefaultSessionName}]");
        var external = Text(ExternalId, "ID", "The external id that the role's trust policy wants");
        var tokenOnly = new Option<bool>("--token-only") { Description = "Print the token alone, not the ExecCredential" };
        var common = new CommonOptions();
        var command = new Command("token", "Prints the exec credential for the API server of a cluster, signed with the node's role")
        {
            name, id, region, role, session, external, tokenOnly, common.Root, common.Level, common.Format,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new TokenRequest
            {
                ClusterName = parsed.GetValue(name),
                ClusterId = parsed.GetValue(id),
                Region = parsed.GetValue(region),
                RoleArn = parsed.GetValue(role),
                SessionName = parsed.GetValue(session),
                ExternalId = parsed.GetValue(external),
                TokenOnly = parsed.GetValue(tokenOnly),
                Settings = new IdentitySettings
                {
                    Root = parsed.GetValue(common.Root)!,
                    Level = parsed.GetValue(common.Level),
                    Format = parsed.GetValue(common.Format),
                },
            },
            io,
            cancellation));
        return command;
    }

    /// <summary>
    /// The request of the arguments that kubeconfigs hold; null when there are others, which the command tree reads. The tree alone
    /// costs a fifth of the time that a token may take.
    /// </summary>
    public static TokenRequest? Recognize(IReadOnlyList<string> arguments)
    {
        if (arguments.Count is 0 || arguments[0] != "token" || arguments.Count % 2 == 0)
        {
            return null;
        }

        var request = new TokenRequest();
        for (var i = 1; i < arguments.Count; i += 2)
        {
            var value = arguments[i + 1];
            if (value.StartsWith('-'))
            {
                return null;
            }

            switch (arguments[i])
            {
                case ClusterName when request.ClusterName is null:
                    request = request with { ClusterName = value };
                    break;
                case ClusterId when request.ClusterId is null:
                    request = request with { ClusterId = value };
                    break;
                case RegionName when request.Region is null:
                    request = request with { Region = value };
                    break;
                case RoleArn when request.RoleArn is null:
                    request = request with { RoleArn = value };
                    break;
                default:
                    return null;
            }
        }

        return request;
    }

    /// <summary>Prints the token.</summary>
    public static Task<int> RunAsync(TokenRequest request, CommandIo io, CancellationToken cancellation)
    {
        if (Mistake(request) is var (mistake, help))
        {
            var diagnostic = new Diagnostic(DiagnosticCatalogue.WrongCommandLine.Code, Severity.Error, mistake, help);
            new ConsoleLog(io, LogLevel.Error, request.Settings.Format, new Redactor()).Write(diagnostic);
            return Task.FromResult(ExitCode.Wrong);
        }

        return IdentityRun.RunAsync(request.Settings, io, AnswerAsync, cancellation);

        async Task<string> AnswerAsync(IdentitySession session, DiagnosticBag bag, CancellationToken cancel)
        {
            // Before anything is asked: what cannot be answered need not be made.
            var version = request.TokenOnly ? "" : ExecCredential.VersionFor(io.Variable(ExecCredential.Variable));
            var role = request.RoleArn is { } arn ? new RoleAssumption(arn, request.SessionName ?? RoleAssumption.DefaultSessionName, request.ExternalId) : null;
            var token = await session.TokenAsync(request.Cluster!, request.Region, role, bag, cancel);
            return request.TokenOnly ? token.Text.Reveal() : ExecCredential.Write(version, token);
        }
    }

    // What can be seen to be wrong before anything is asked.
    private static (string Message, string Help)? Mistake(TokenRequest request)
    {
        const string nameIt = $"Give the name with {ClusterName}, or for a local cluster on an Outpost its id with {ClusterId}.";
        return request switch
        {
            { Cluster: null } => ("No cluster is named.", nameIt),
            { ClusterName: not null, ClusterId: not null } => ($"{ClusterName} and {ClusterId} name a cluster each, and a token is for one.", nameIt),
            { Cluster: { } cluster } when !EksToken.IsCluster(cluster) => ($"`{cluster}` cannot be the name of a cluster.", nameIt),
            { RoleArn: { } arn } when !RoleAssumption.IsRole(arn) =>
                ($"`{arn}` is not the ARN of a role.", $"Give {RoleArn} the role as IAM shows it: arn:aws:iam::111122223333:role/NAME."),
            { RoleArn: null, SessionName: not null } or { RoleArn: null, ExternalId: not null } =>
                ($"{(request.SessionName is null ? ExternalId : SessionName)} says how a role is taken on, and no role is named.", $"Name the role with {RoleArn}."),
            _ => null,
        };
    }

    private static Option<string?> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };
}
