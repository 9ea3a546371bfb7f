using System.Collections.Immutable;
using System.Text.Json;
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
    [InlineData("config schema imageconfig --api-group node.eks.aws", "`--api-group node.eks.aws` has no ImageConfig")]
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
        Assert.Contains("table is the facts file itself", OneLine((await RunAsync("eksnode", "facts --help")).Output), StringComparison.Ordinal);
        Assert.Contains("table is the NodeConfig itself", OneLine((await RunAsync("eksnode", "config convert --help")).Output), StringComparison.Ordinal);
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

    // What is wrong, and what to do: never the parser's own words.
    [Theory]
    [InlineData("pull", "`eksnode pull` needs an argument: `IMAGE`.", "`eksnode pull --help` shows")]
    [InlineData("completion", "`eksnode completion` needs an argument: `SHELL`.", "Give one of bash, fish, zsh.")]
    [InlineData("completion ksh", "`ksh` is nothing that `eksnode completion` takes.", "Did you mean `zsh`?")]
    [InlineData("config schema nodeconfg", "`nodeconfg` is nothing that `eksnode config schema` takes.", "Did you mean `nodeconfig`?")]
    [InlineData("network interface add", "`eksnode network interface add` needs an argument: `NAME`.", "`eksnode network interface add --help` shows")]
    [InlineData("config", "`eksnode config` needs a command.", "Give one of validate, ")]
    [InlineData("config shw", "`shw` is no command of `eksnode config`.", "Did you mean `show`?")]
    [InlineData("config convert", "`eksnode config convert` needs `--from TOOL`.", "Give one of bootstrap.sh, node, nodeadm-cache.")]
    [InlineData("config convert --from nodeadm-cash x", "`--from` cannot be `nodeadm-cash`.", "Did you mean `nodeadm-cache`?")]
    [InlineData("config schema --api-group x", "`--api-group` cannot be `x`.", "Give one of eksnode.io, node.eks.aws.")]
    [InlineData("explain --root", "`--root` has no value.", "Write `--root DIR`.")]
    [InlineData("plan --output=", "`--output` has no value.", "Give one of ")]
    [InlineData("plan --root a --root b", "`--root` is given more than once, and only one can count.", "Leave all but one out.")]
    [InlineData("plan -o table -o yaml", "`--output` is given more than once, and only one can count.", "Leave all but one out.")]
    [InlineData("plan --output jsn", "`--output` is `jsn`, which is none of table, json, yaml.", "Did you mean `json`?")]
    [InlineData("plan --log-level loud", "`--log-level` is `loud`, which is none of ", "`eksnode plan --help` shows how it is called.")]
    [InlineData("join --wait redy", "`--wait` is `redy`, which is none of kubelet, none, ready.", "Did you mean `ready`?")]
    [InlineData("join --timeout x", "`x` is not a duration. Write a number with a unit, such as `30s`, `5m` or `1h30m`.", "`eksnode join --help` shows how it is called.")]
    [InlineData("plan cluster.yaml", "`eksnode plan` takes no argument `cluster.yaml`.", "The configuration is given with `-c cluster.yaml`.")]
    [InlineData("join node/cluster.mime", "`eksnode join` takes no argument `node/cluster.mime`.", "The configuration is given with `-c node/cluster.mime`.")]
    [InlineData("config show x.json", "`eksnode config show` takes no argument `x.json`.", "The configuration is given with `-c x.json`.")]
    [InlineData("image plan x.yml", "`eksnode image plan` takes no argument `x.yml`.", "The configuration is given with `-c x.yml`.")]
    [InlineData("plan -f x.yaml", "`-f` is no option of `eksnode plan`.", "The configuration is given with `-c x.yaml`.")]
    [InlineData("plan /mnt/node", "`eksnode plan` takes no argument `/mnt/node`.", "The root folder of a node is given with `--root /mnt/node`.")]
    [InlineData("plan --rot=/mnt", "`--rot=/mnt` is no option of `eksnode plan`.", "Did you mean `--root`?")]
    [InlineData("max-pods --al m5.large", "`--al` is no option of `eksnode max-pods`.", "Did you mean `--all`?")]
    public async Task Every_mistake_has_its_own_words_and_a_way_out(string arguments, string message, string help)
    {
        var (exit, output, error) = await RunAsync("eksnode", arguments);
        Assert.True(exit == 2, error);
        Assert.Equal("", output);
        Assert.Contains("error EKN0001: " + message, error, StringComparison.Ordinal);
        Assert.Contains("help " + help, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan --facts FOLDER -c x", 2, "The facts file `FOLDER` cannot be read: it is a folder.")]
    [InlineData("config convert --from bootstrap.sh FOLDER", 2, "`FOLDER` cannot be read: it is a folder.")]
    [InlineData("config show -c FILE -o FOLDER", 1, "EKN0008: The file `FOLDER` cannot be written: it is a folder.")]
    [InlineData("config show -c FILE -o FOLDER/none/x", 1, "EKN0008: The file `FOLDER/none/x` cannot be written: the folder that it would be in does not exist.")]
    public async Task A_folder_is_not_taken_for_a_file(string arguments, int exit, string text)
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-folder-").FullName;
        var file = Path.Combine(Repository.Root, "tests/cases/plain/config.yaml");
        string Filled(string words) => words.Replace("FOLDER", folder, StringComparison.Ordinal).Replace("FILE", file, StringComparison.Ordinal);
        var (actual, _, error) = await RunAsync("eksnode", Filled(arguments));
        Directory.Delete(folder);
        Assert.Equal(exit, actual);
        Assert.Contains(Filled(text), error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_value_of_an_option_that_does_not_exist_is_no_second_mistake() =>
        Assert.DoesNotContain("takes no argument", (await RunAsync("eksnode", "plan --rooot /mnt")).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("plan --output json --foo")]
    [InlineData("plan --foo -o json")]
    [InlineData("pull --output=json")]
    [InlineData("plan --log-format json --foo")]
    [InlineData("token --cluster-name demo --role-arn foo --log-format json")]
    public async Task Whoever_wants_JSON_gets_a_mistake_as_JSON(string arguments)
    {
        var (exit, output, error) = await RunAsync("eksnode", arguments);
        Assert.Equal((2, ""), (exit, output));
        using var json = JsonDocument.Parse(error.TrimEnd('\n'));
        Assert.Equal(("EKN0001", "error"), (json.RootElement.GetProperty("code").GetString(), json.RootElement.GetProperty("severity").GetString()));
        Assert.NotEqual("", json.RootElement.GetProperty("help").GetString());
    }

    [Fact]
    public async Task Help_fits_a_terminal_and_says_each_default_once()
    {
        foreach (var command in Help.CommandTree.All())
        {
            var path = EksNode.Help.CommandHelp.PathOf(command);
            var output = (await RunAsync("eksnode", (path + " --help").Trim())).Output;
            // An example is one line, however long.
            var text = output[..output.IndexOf("Examples:", StringComparison.Ordinal)];
            Assert.All(text.Split('\n'), l => Assert.True(l.Length <= 80, path + ": " + l));
            Assert.DoesNotContain("] [default", OneLine(text), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("plan --help")]
    [InlineData("--version")]
    [InlineData("completion bash")]
    [InlineData("config schema")]
    [InlineData("max-pods m5.large --facts examples/facts/m6i.large.json")]
    [InlineData("max-pods m5.large --output json")]
    public async Task A_reader_that_has_gone_is_no_error_and_a_full_disk_is_one(string arguments)
    {
        foreach (var (number, exit) in ((int, int)[])[(32, 141), (28, 1)])
        {
            using var output = new BrokenWriter(number);
            using var error = new StringWriter();
            var io = new CommandIo { Out = output, Error = error, OpenInput = () => Stream.Null, Environment = ImmutableDictionary<string, string>.Empty };
            Assert.Equal(exit, await CommandLine.RunAndTellAsync(arguments.Split(' '), io, TestContext.Current.CancellationToken));
            Assert.Equal(number == 28, error.ToString().Contains("EKN0008", StringComparison.Ordinal));
            Assert.True(number == 28 || error.ToString().Length == 0, error.ToString());
        }
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    // Standard output as write(2) leaves it: with an error number.
    private sealed class BrokenWriter(int number) : StringWriter
    {
        public override void Write(char value) => throw new IOException("broken", number);

        public override void Write(string? value) => throw new IOException("broken", number);

        public override void WriteLine(string? value) => throw new IOException("broken", number);

        public override void WriteLine() => throw new IOException("broken", number);
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
