using EksNode.Configuration.Text;
using EksNode.Simulation;

namespace EksNode.Aws.Tests;

public sealed class CredentialTests
{
    [Fact]
    public async Task Environment_variables_come_first()
    {
        await using var node = await SimulatedFacts.StartAsync();
        var key = node.Simulator.Credentials.IssueLongTerm();
        node.Environment["AWS_ACCESS_KEY_ID"] = key.AccessKeyId;
        node.Environment["AWS_SECRET_ACCESS_KEY"] = key.SecretAccessKey;
        node.Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = node.Simulator.ContainerCredentialsUrl.AbsoluteUri;

        await AssertSignsAsync(node);

        Assert.Equal(0, node.Simulator.Calls.Count("imds:role"));
        Assert.Equal(0, node.Simulator.Calls.Count("container:credentials"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_container_endpoint_comes_before_imds(bool tokenInFile)
    {
        await using var node = await SimulatedFacts.StartAsync();
        node.Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = node.Simulator.ContainerCredentialsUrl.AbsoluteUri;
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, node.Simulator.ContainerAuthorization + "\n", TestContext.Current.CancellationToken);
            node.Environment[tokenInFile ? "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE" : "AWS_CONTAINER_AUTHORIZATION_TOKEN"] =
                tokenInFile ? file : node.Simulator.ContainerAuthorization;

            await AssertSignsAsync(node);
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Equal(1, node.Simulator.Calls.Count("container:credentials"));
        Assert.Equal(0, node.Simulator.Calls.Count("imds:role"));
    }

    [Theory]
    [InlineData("container:credentials=500")]
    [InlineData("container:credentials=reset")]
    [InlineData("container:credentials=garbage")]
    public async Task A_passing_fault_of_the_container_endpoint_is_retried(string fault)
    {
        await using var node = await SimulatedFacts.StartAsync(null, fault);
        node.Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = node.Simulator.ContainerCredentialsUrl.AbsoluteUri;
        node.Environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = node.Simulator.ContainerAuthorization;

        await AssertSignsAsync(node);
    }

    [Theory]
    [InlineData("http://10.1.2.3/creds", "plain http")]
    [InlineData("http://metadata.example.com/creds", "plain http")]
    [InlineData("creds", "not an http or https URL")]
    public async Task A_container_endpoint_that_would_leak_the_token_is_refused(string uri, string message)
    {
        await using var node = await SimulatedFacts.StartAsync();
        node.Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = uri;

        Assert.Contains(message, (await node.RunAsync(SimulatedFacts.Config())).Only(DiagnosticCatalogue.CredentialsInvalid).Message);
    }

    [Fact]
    public async Task A_wrong_container_token_is_explained()
    {
        await using var node = await SimulatedFacts.StartAsync();
        node.Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = node.Simulator.ContainerCredentialsUrl.AbsoluteUri;
        node.Environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "wrong";

        var message = (await node.RunAsync(SimulatedFacts.Config())).Only(DiagnosticCatalogue.CredentialsInvalid).Message;

        Assert.Contains("container credentials", message);
        Assert.Contains("HTTP 401", message);
    }

    [Fact]
    public async Task A_token_file_that_is_missing_is_named()
    {
        await using var node = await SimulatedFacts.StartAsync();
        node.Environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = node.Simulator.ContainerCredentialsUrl.AbsoluteUri;
        node.Environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/no/such/token";

        Assert.Contains("/no/such/token", (await node.RunAsync(SimulatedFacts.Config())).Only(DiagnosticCatalogue.CredentialsInvalid).Message);
    }

    [Fact]
    public async Task A_role_that_appears_late_is_waited_for()
    {
        await using var node = await SimulatedFacts.StartAsync(null, "imds:role=404*4", "imds:credentials=404*3");
        node.Patience = TimeSpan.FromSeconds(20);

        await AssertSignsAsync(node);
    }

    [Fact]
    public async Task An_instance_without_a_role_has_no_credentials()
    {
        await using var node = await SimulatedFacts.StartAsync(SimulatedFacts.Healthy with { RoleName = null });
        node.Deadline = TimeSpan.FromSeconds(3);
        node.Environment["AWS_ACCESS_KEY_ID"] = "AKIAONLY";

        var diagnostic = (await node.RunAsync(SimulatedFacts.Config())).Only(DiagnosticCatalogue.CredentialsMissing);

        Assert.Contains("Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", diagnostic.Message);
        Assert.Contains("instance profile", diagnostic.Help);
    }

    [Fact]
    public async Task Credentials_are_asked_for_once_for_all_calls()
    {
        await using var node = await SimulatedFacts.StartAsync();
        node.KnowsInstanceType = _ => false;

        var run = await node.RunAsync(SimulatedFacts.Config("demo"));

        Assert.Empty(run.Diagnostics);
        Assert.Equal(3, node.Simulator.Calls.Aws.Count);
        Assert.Equal(1, node.Simulator.Calls.Count("imds:credentials"));
        Assert.Equal(1, node.Simulator.Calls.Count("imds:role"));
    }

    [Fact]
    public async Task Expired_credentials_are_replaced()
    {
        await using var node = await SimulatedFacts.StartAsync(null, "ec2:DescribeInstances=expired");

        await AssertSignsAsync(node);

        Assert.Equal(2, node.Simulator.Calls.Count("imds:credentials"));
    }

    private static async Task AssertSignsAsync(SimulatedFacts node)
    {
        var run = await node.RunAsync(SimulatedFacts.Config());
        Assert.True(run.Diagnostics.Count == 0, run.Text);
        Assert.Equal("ip-10-0-12-34.us-west-2.compute.internal", run.Facts.Instance.PrivateDnsName);
    }
}
