using System.Collections.Immutable;
using EksNode.Configuration.Text;

namespace EksNode.Tests;

/// <summary>What a person meets who mistypes something, or asks how a program is called.</summary>
public sealed class HelpTests
{
    [Theory]
    [InlineData("aws", "--help")]
    [InlineData("aws", "help")]
    [InlineData("aws", "eks get-token --help")]
    [InlineData("aws", "eks get-token help")]
    [InlineData("aws-iam-authenticator", "--help")]
    [InlineData("aws-iam-authenticator", "token -h")]
    [InlineData("ecr-credential-provider", "--help")]
    [InlineData("ecr-credential-provider", "get-credentials -h")]
    public async Task Links_say_how_they_are_called(string program, string arguments)
    {
        var (exit, output, error) = await RunAsync(program, arguments);
        Assert.Equal((0, ""), (exit, error));
        Assert.Contains("  " + program, output, StringComparison.Ordinal);
        Assert.DoesNotContain("--profile", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan --root /no/such/folder", "EKN0025")]
    [InlineData("facts --root /etc/hostname", "EKN0025")]
    [InlineData("token --cluster-name demo --root /no/such/folder", "EKN0025")]
    [InlineData("token --cluster-name demo --role-arn foo", "`foo` is not the ARN of a role")]
    [InlineData("token --cluster-name demo --role-arn arn:aws:iam::111122223333:user/me", "is not the ARN of a role")]
    [InlineData("token --cluster-name demo --role-arn arn:aws:iam::11112222333:role/me", "is not the ARN of a role")]
    [InlineData("token --cluster-name demo --session-name me", "--session-name says how a role is taken on, and no role is named")]
    [InlineData("token --cluster-name demo --external-id me", "--external-id says how a role is taken on")]
    [InlineData("token --cluster-name demo --cluster-id 1234", "a token is for one")]
    [InlineData("boot-report /srv/node", "`--root /srv/node`")]
    [InlineData("convert --from bootstrap.sh", "Did you mean `eksnode config convert`?")]
    public async Task Mistakes_of_the_command_line_end_with_2_and_say_what_to_do(string arguments, string text)
    {
        var (exit, output, error) = await RunAsync("eksnode", arguments);
        Assert.True(exit == 2, error);
        Assert.Equal("", output);
        Assert.Contains(text, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_without_records_is_not_taken_for_this_machine()
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-report-").FullName;
        var (exit, _, error) = await RunAsync("eksnode", "boot-report --root " + folder);
        Directory.Delete(folder);
        Assert.Equal(1, exit);
        Assert.Contains($"Below {folder} no stage of eksnode has recorded its times.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("arn:aws:iam::111122223333:role/ci", true)]
    [InlineData("arn:aws-us-gov:iam::111122223333:role/path/to/ci", true)]
    [InlineData("arn:aws:iam::111122223333:role/", false)]
    [InlineData("arn:aws:sts::111122223333:assumed-role/ci/x", false)]
    [InlineData("arn:aws:iam::111122223333:role/a b", false)]
    [InlineData("", false)]
    public void Roles_are_told_by_their_form(string text, bool isRole) => Assert.Equal(isRole, Aws.Identity.RoleAssumption.IsRole(text));

    [Theory]
    [InlineData("nodeadm")]
    [InlineData("nodeadm-internal")]
    public async Task The_help_of_nodeadm_lists_its_version(string program) =>
        Assert.Contains("--version", (await RunAsync(program, "--help")).Output, StringComparison.Ordinal);

    [Fact]
    public async Task The_form_for_people_is_told_where_it_is_no_table()
    {
        Assert.Contains("which is the facts file itself", (await RunAsync("eksnode", "facts --help")).Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("NodeConfig itself", (await RunAsync("eksnode", "config convert --help")).Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_in_a_help_text_or_in_the_catalogue_looks_like_a_secret()
    {
        var redactor = new Redactor();
        string[] commands =
        [
            "", "join", "plan", "facts", "boot-report", "token", "credential-provider", "config", "config convert", "network", "network wait",
            "network interface", "network interface add",
        ];
        foreach (var command in commands)
        {
            var (exit, output, error) = await RunAsync("eksnode", (command + " --help").Trim());
            Assert.True(exit == 0, command + error);
            Assert.Equal(output, redactor.Redact(output));
        }

        foreach (var program in (string[])["aws", "aws-iam-authenticator", "ecr-credential-provider", "nodeadm", "nodeadm-internal"])
        {
            var output = (await RunAsync(program, "--help")).Output;
            Assert.Equal(output, redactor.Redact(output));
        }

        Assert.All(DiagnosticCatalogue.All, d => Assert.Equal(d.Title, redactor.Redact(d.Title)));
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/diagnostics.md"));
        Assert.Equal(page, redactor.Redact(page));
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string program, string arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo
        {
            Out = output,
            Error = error,
            OpenInput = () => Stream.Null,
            // Nothing answers there: whoever is asked is asked too much.
            Environment = ImmutableDictionary<string, string>.Empty.Add("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9/"),
        };
        var exit = await CommandLine.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), io, TestContext.Current.CancellationToken, program);
        return (exit, output.ToString(), error.ToString());
    }
}
