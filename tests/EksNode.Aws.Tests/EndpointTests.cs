using EksNode.Aws.Endpoints;
using EksNode.Configuration.Text;

namespace EksNode.Aws.Tests;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("us-west-2", "aws")]
    [InlineData("il-central-1", "aws")]
    [InlineData("mx-central-1", "aws")]
    [InlineData("zz-new-1", "aws")]
    [InlineData("cn-northwest-1", "aws-cn")]
    [InlineData("us-gov-east-1", "aws-us-gov")]
    [InlineData("us-iso-west-1", "aws-iso")]
    [InlineData("us-isob-east-1", "aws-iso-b")]
    [InlineData("eu-isoe-west-1", "aws-iso-e")]
    [InlineData("us-isof-south-1", "aws-iso-f")]
    [InlineData("eusc-de-east-1", "aws-eusc")]
    public void Finds_the_partition_of_a_region(string region, string partition) => Assert.Equal(partition, AwsEndpoints.PartitionOf(region).Name);

    [Theory]
    [InlineData("ec2", "us-west-2", "", "ec2.us-west-2.amazonaws.com")]
    [InlineData("ec2", "us-west-2", "fips", "ec2-fips.us-west-2.amazonaws.com")]
    [InlineData("ec2", "us-west-2", "dual", "ec2.us-west-2.api.aws")]
    [InlineData("ec2", "us-west-2", "fips dual", "ec2-fips.us-west-2.api.aws")]
    [InlineData("ec2", "us-gov-west-1", "fips", "ec2.us-gov-west-1.amazonaws.com")]
    [InlineData("ec2", "cn-north-1", "", "ec2.cn-north-1.amazonaws.com.cn")]
    [InlineData("ec2", "cn-north-1", "dual", "ec2.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("ec2", "us-iso-east-1", "", "ec2.us-iso-east-1.c2s.ic.gov")]
    [InlineData("ec2", "us-isob-east-1", "", "ec2.us-isob-east-1.sc2s.sgov.gov")]
    [InlineData("ec2", "eu-isoe-west-1", "", "ec2.eu-isoe-west-1.cloud.adc-e.uk")]
    [InlineData("ec2", "us-isof-south-1", "", "ec2.us-isof-south-1.csp.hci.ic.gov")]
    [InlineData("ec2", "eusc-de-east-1", "", "ec2.eusc-de-east-1.amazonaws.eu")]
    [InlineData("ec2", "eusc-de-east-1", "dual", "ec2.eusc-de-east-1.api.amazonwebservices.eu")]
    [InlineData("eks", "us-east-1", "", "eks.us-east-1.amazonaws.com")]
    [InlineData("eks", "us-east-1", "fips", "fips.eks.us-east-1.amazonaws.com")]
    [InlineData("eks", "us-east-1", "dual", "eks.us-east-1.api.aws")]
    [InlineData("eks", "us-east-1", "fips dual", "eks-fips.us-east-1.api.aws")]
    [InlineData("eks", "us-gov-east-1", "fips", "eks.us-gov-east-1.amazonaws.com")]
    [InlineData("eks", "us-iso-east-1", "fips", "eks-fips.us-iso-east-1.c2s.ic.gov")]
    [InlineData("eks", "us-iso-east-1", "dual", "eks.us-iso-east-1.api.aws.ic.gov")]
    [InlineData("sts", "eu-west-1", "", "sts.eu-west-1.amazonaws.com")]
    [InlineData("sts", "us-east-2", "fips", "sts-fips.us-east-2.amazonaws.com")]
    [InlineData("sts", "us-gov-west-1", "fips", "sts.us-gov-west-1.amazonaws.com")]
    [InlineData("ecr", "us-west-2", "", "api.ecr.us-west-2.amazonaws.com")]
    [InlineData("ecr", "us-west-2", "fips", "ecr-fips.us-west-2.amazonaws.com")]
    [InlineData("ecr", "us-west-2", "dual", "ecr.us-west-2.api.aws")]
    [InlineData("ecr", "us-west-2", "fips dual", "ecr-fips.us-west-2.api.aws")]
    [InlineData("ecr", "cn-north-1", "dual", "ecr.cn-north-1.api.amazonwebservices.com.cn")]
    [InlineData("ecr", "us-iso-east-1", "fips", "api.ecr-fips.us-iso-east-1.c2s.ic.gov")]
    public void Names_the_host_of_a_service(string service, string region, string kind, string host)
    {
        var environment = new Dictionary<string, string>();
        if (kind.Contains("fips", StringComparison.Ordinal))
        {
            environment["AWS_USE_FIPS_ENDPOINT"] = "true";
        }

        if (kind.Contains("dual", StringComparison.Ordinal))
        {
            environment["AWS_USE_DUALSTACK_ENDPOINT"] = "True";
        }

        Assert.Equal($"https://{host}/", AwsEndpoints.Of(service, region, new AwsEnvironment(environment)).AbsoluteUri);
    }

    [Fact]
    public void Every_partition_has_every_kind_of_every_service()
    {
        string[] regions = ["us-west-2", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1", "eusc-de-east-1"];
        foreach (var region in regions)
        {
            foreach (var service in (string[])["ec2", "eks", "sts", "ecr"])
            {
                foreach (var (fips, dual) in ((string, string)[])[("false", "false"), ("true", "false"), ("false", "true"), ("true", "true")])
                {
                    var environment = new Dictionary<string, string> { ["AWS_USE_FIPS_ENDPOINT"] = fips, ["AWS_USE_DUALSTACK_ENDPOINT"] = dual };
                    var host = AwsEndpoints.Of(service, region, new AwsEnvironment(environment)).Host;
                    Assert.Contains(region, host);
                    Assert.DoesNotContain("{", host);
                }
            }
        }
    }

    [Theory]
    [InlineData("AWS_ENDPOINT_URL=http://one:1;AWS_ENDPOINT_URL_EC2=http://two:2", "http://two:2/")]
    [InlineData("AWS_ENDPOINT_URL=http://one:1;AWS_ENDPOINT_URL_EKS=http://two:2", "http://one:1/")]
    [InlineData("AWS_ENDPOINT_URL=http://one:1;AWS_ENDPOINT_URL_EC2=", "http://one:1/")]
    [InlineData("AWS_ENDPOINT_URL=http://one:1;AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", "https://ec2.us-west-2.amazonaws.com/")]
    [InlineData("AWS_ENDPOINT_URL=http://one:1;AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false", "http://one:1/")]
    [InlineData("AWS_ENDPOINT_URL_EC2=https://vpce-1.ec2.us-west-2.vpce.amazonaws.com", "https://vpce-1.ec2.us-west-2.vpce.amazonaws.com/")]
    public void Endpoint_variables_win_in_their_order(string variables, string endpoint) =>
        Assert.Equal(endpoint, AwsEndpoints.Of("ec2", "us-west-2", Environment(variables)).AbsoluteUri);

    [Theory]
    [InlineData("ec2:1234")]
    [InlineData("ftp://host")]
    [InlineData("http://user@host")]
    [InlineData("http://host/?a=b")]
    public void An_endpoint_variable_that_is_no_plain_url_is_an_error_that_names_it(string url)
    {
        var e = Assert.Throws<DiagnosticException>(() => AwsEndpoints.Of("ec2", "us-west-2", Environment("AWS_ENDPOINT_URL_EC2=" + url)));

        Assert.Equal(DiagnosticCatalogue.EndpointUnsupported.Code, e.Diagnostic.Code);
        Assert.Contains("AWS_ENDPOINT_URL_EC2", e.Diagnostic.Message);
    }

    [Theory]
    [InlineData("west")]
    [InlineData("us-west-2.evil.example")]
    [InlineData("us-west-x")]
    [InlineData("")]
    public void A_region_that_cannot_be_one_is_an_error(string region) =>
        Assert.Equal("EKN0708", Assert.Throws<DiagnosticException>(() => AwsEndpoints.Of("ec2", region, Environment("A=b"))).Diagnostic.Code);

    [Theory]
    [InlineData("0123456789ABCDEF.gr7.us-west-2.eks.amazonaws.com", "us-west-2")]
    [InlineData("0123456789ABCDEF.yl4.cn-north-1.eks.amazonaws.com.cn", "cn-north-1")]
    [InlineData("0123.sk1.us-gov-west-1.eks.amazonaws.com", "us-gov-west-1")]
    [InlineData("0123.eks-cluster.eu-west-1.api.aws", "eu-west-1")]
    [InlineData("api.example.com", null)]
    [InlineData("us-west-2.example.com", null)]
    [InlineData("eks", null)]
    [InlineData("10.0.0.1", null)]
    public void Finds_the_region_in_an_api_server_s_host(string host, string? region) => Assert.Equal(region, AwsEndpoints.RegionOfHost(host));

    private static AwsEnvironment Environment(string variables) =>
        new(variables.Split(';').Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]));
}
