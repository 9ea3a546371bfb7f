using EksNode.Aws.Endpoints;
using EksNode.Aws.Identity;
using EksNode.Configuration.Text;

namespace EksNode.Aws.Tests;

/// <summary>Which ECR a registry's password comes from, what a cluster may be called, how long a password is kept.</summary>
public sealed class IdentityTests
{
    private static readonly AwsEnvironment None = new(new Dictionary<string, string>());

    [Theory]
    [InlineData("111122223333.dkr.ecr.us-west-2.amazonaws.com", "https://api.ecr.us-west-2.amazonaws.com/")]
    [InlineData("111122223333.dkr.ecr-fips.us-west-2.amazonaws.com", "https://ecr-fips.us-west-2.amazonaws.com/")]
    [InlineData("111122223333.dkr-ecr.us-west-2.on.aws", "https://ecr.us-west-2.api.aws/")]
    [InlineData("111122223333.dkr-ecr-fips.us-gov-west-1.on.aws", "https://ecr-fips.us-gov-west-1.api.aws/")]
    [InlineData("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn", "https://api.ecr.cn-north-1.amazonaws.com.cn/")]
    [InlineData("111122223333.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "https://ecr.cn-north-1.api.amazonwebservices.com.cn/")]
    [InlineData("111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov", "https://api.ecr.us-iso-east-1.c2s.ic.gov/")]
    [InlineData("111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu", "https://api.ecr.eusc-de-east-1.amazonaws.eu/")]
    [InlineData("public.ecr.aws", "https://api.ecr-public.us-east-1.amazonaws.com/")]
    [InlineData("ecr-public.aws.com", "https://ecr-public.us-east-1.api.aws/")]
    public void The_name_of_a_registry_asks_for_its_kind_of_endpoint(string host, string endpoint)
    {
        var registry = EcrRegistry.Of(host + "/app:1");
        Assert.Equal(host, registry.Host);
        Assert.Equal(endpoint, AwsEndpoints.Of(registry.Service, registry.Region, registry.Endpoints(None)).AbsoluteUri);
    }

    [Fact]
    public void The_environment_may_ask_for_FIPS_too()
    {
        var registry = EcrRegistry.Of("111122223333.dkr.ecr.us-west-2.amazonaws.com/app");
        var fips = None.With("AWS_USE_FIPS_ENDPOINT", "true");
        Assert.Equal("ecr-fips.us-west-2.amazonaws.com", AwsEndpoints.Of(registry.Service, registry.Region, registry.Endpoints(fips)).Host);
    }

    [Fact]
    public void The_public_registry_has_no_FIPS_endpoint_and_an_endpoint_of_its_own_can_be_named()
    {
        var registry = EcrRegistry.Of("public.ecr.aws/a/b");
        var fips = None.With("AWS_USE_FIPS_ENDPOINT", "true");
        var error = Assert.Throws<DiagnosticException>(() => AwsEndpoints.Of(registry.Service, registry.Region, registry.Endpoints(fips)));
        Assert.Contains("AWS_ENDPOINT_URL_ECR_PUBLIC", error.Diagnostic.Help, StringComparison.Ordinal);
        Assert.Equal("own.example", AwsEndpoints.Of("ecr-public", "us-east-1", None.With("AWS_ENDPOINT_URL_ECR_PUBLIC", "https://own.example/")).Host);
    }

    [Theory]
    [InlineData("demo", true)]
    [InlineData("8a3c6f40-1111-2222-3333-444455556666", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a\r\nHost: evil", false)]
    public void A_cluster_is_named_by_what_can_stand_in_a_header(string name, bool valid) => Assert.Equal(valid, EksToken.IsCluster(name));

    [Theory]
    [InlineData(12 * 3600, 6 * 3600)]
    [InlineData(1, 0)]
    [InlineData(-5, 0)]
    public void A_password_is_kept_for_half_of_its_life(int left, int cached)
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var password = new EcrPassword("AWS", new Secret("x"), now.AddSeconds(left));
        Assert.Equal(TimeSpan.FromSeconds(cached), CredentialProviderProtocol.CacheFor(password, now));
        Assert.Equal(TimeSpan.Zero, CredentialProviderProtocol.CacheFor(password with { Expires = null }, now));
    }
}
