using System.Text;
using EksNode.Aws.Credentials;
using EksNode.Aws.Signing;
using EksNode.Configuration.Text;
using EksNode.Host.Http;

namespace EksNode.Aws.Tests;

/// <summary>The examples that AWS publishes for Signature Version 4, and those of its test suite (aws-sig-v4-test-suite).</summary>
public sealed class SigV4Tests
{
    private static readonly DateTimeOffset SuiteTime = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    private static AwsCredentials Suite(string? token = null) => new(
        new Secret("AKIDEXAMPLE"), new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), token is null ? null : new Secret(token), null, "test");

    public static TheoryData<string, UnsignedRequest, string, string> Vectors => new()
    {
        { "get-vanilla", Get(), "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
        {
            "get-vanilla-query-order-key-case", Get() with { Query = [("Param2", "value2"), ("Param1", "value1")] },
            "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        },
        { "post-vanilla", Get() with { Method = HttpMethod.Post }, "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
        {
            "post-x-www-form-urlencoded",
            Get() with
            {
                Method = HttpMethod.Post,
                Headers = [new HttpHeader("Content-Type", "application/x-www-form-urlencoded")],
                Body = Encoding.UTF8.GetBytes("Param1=value1"),
            },
            "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        },
        {
            "get-header-value-trim", Get() with { Headers = [new HttpHeader("My-Header1", " value1"), new HttpHeader("My-Header2", " \"a   b   c\"")] },
            "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
        },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Signs_as_the_published_test_suite(string name, UnsignedRequest request, string signedHeaders, string signature)
    {
        var signed = new SigV4("us-east-1", "service").Sign(request, Suite(), SuiteTime);

        var authorization = signed.Headers.Single(h => h.Name == "Authorization").Value;
        Assert.True(
            authorization == $"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signedHeaders}, Signature={signature}",
            $"{name}: {authorization}");
        Assert.Equal("20150830T123600Z", signed.Headers.Single(h => h.Name == "X-Amz-Date").Value);
    }

    [Fact]
    public void Signs_the_documented_request_of_iam()
    {
        var request = new UnsignedRequest
        {
            Method = HttpMethod.Get,
            Endpoint = new Uri("https://iam.amazonaws.com/"),
            Query = [("Action", "ListUsers"), ("Version", "2010-05-08")],
            Headers = [new HttpHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
        };

        var signed = new SigV4("us-east-1", "iam").Sign(request, Suite(), SuiteTime);

        Assert.EndsWith(
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", signed.Headers.Single(h => h.Name == "Authorization").Value);
        Assert.Equal("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", signed.Address.AbsoluteUri);
    }

    [Fact]
    public void Presigns_the_documented_request_of_s3()
    {
        var credentials = Suite() with { AccessKeyId = new Secret("AKIAIOSFODNN7EXAMPLE"), SecretAccessKey = new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY") };
        var request = new UnsignedRequest { Method = HttpMethod.Get, Endpoint = new Uri("https://examplebucket.s3.amazonaws.com/"), Path = "/test.txt" };

        var signed = new SigV4("us-east-1", "s3").Presign(
            request, credentials, new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero), TimeSpan.FromDays(1), "UNSIGNED-PAYLOAD");

        Assert.Equal(
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
            + "&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            signed.Address.AbsoluteUri);
    }

    [Fact]
    public void Signs_the_session_token_with_the_rest()
    {
        var signed = new SigV4("us-east-1", "service").Sign(Get(), Suite("SESSION"), SuiteTime);

        Assert.Equal("SESSION", signed.Headers.Single(h => h.Name == "X-Amz-Security-Token").Value);
        Assert.Contains("SignedHeaders=host;x-amz-date;x-amz-security-token,", signed.Headers.Single(h => h.Name == "Authorization").Value);
    }

    [Fact]
    public void Presigns_with_extra_headers_and_session_token()
    {
        var request = new UnsignedRequest
        {
            Method = HttpMethod.Get,
            Endpoint = new Uri("https://sts.us-west-2.amazonaws.com/"),
            Query = [("Action", "GetCallerIdentity"), ("Version", "2011-06-15")],
            Headers = [new HttpHeader("x-k8s-aws-id", "demo")],
        };

        var signed = new SigV4("us-west-2", "sts").Presign(request, Suite("A+B/C="), SuiteTime, TimeSpan.FromSeconds(60));

        Assert.Contains("&X-Amz-Expires=60&X-Amz-Security-Token=A%2BB%2FC%3D&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=", signed.Address.AbsoluteUri);
        Assert.StartsWith("https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=", signed.Address.AbsoluteUri);
    }

    [Fact]
    public void Sends_a_path_encoded_once_below_that_of_the_endpoint()
    {
        var request = new UnsignedRequest { Method = HttpMethod.Get, Endpoint = new Uri("http://gateway:8080/aws/"), Path = "/clusters/a b" };

        Assert.Equal("http://gateway:8080/aws/clusters/a%20b", new SigV4("us-west-2", "eks").Sign(request, Suite(), SuiteTime).Address.AbsoluteUri);
    }

    [Fact]
    public void Shows_no_credential_in_its_text()
    {
        var signed = new SigV4("us-west-2", "sts").Presign(Get(), Suite("SESSION"), SuiteTime, TimeSpan.FromSeconds(60));

        Assert.DoesNotContain("Signature", signed.ToString());
        Assert.DoesNotContain("SESSION", Suite("SESSION").ToString());
        Assert.DoesNotContain("wJalr", Suite().ToString());
    }

    private static UnsignedRequest Get() => new() { Method = HttpMethod.Get, Endpoint = new Uri("https://example.amazonaws.com/") };
}
