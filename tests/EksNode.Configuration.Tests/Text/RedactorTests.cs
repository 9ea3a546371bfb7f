using CsCheck;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Tests.Text;

public sealed class RedactorTests
{
    [Theory]
    [InlineData("proxy is http://user:hunter2@proxy:3128/x", "proxy is http://<redacted>@proxy:3128/x")]
    [InlineData("http://a@b and https://c:d@e", "http://<redacted>@b and https://<redacted>@e")]
    [InlineData("http://proxy:3128/path@home", "http://proxy:3128/path@home")]
    [InlineData("https://sts/?X-Amz-Credential=AKIA%2F1&X-Amz-Signature=abc123&x=1", "https://sts/?X-Amz-Credential=<redacted>&X-Amz-Signature=<redacted>&x=1")]
    [InlineData("token k8s-aws-v1.aGVsbG8", "token k8s-aws-v1.<redacted>")]
    [InlineData("password = \"hunter2\"", "password = \"<redacted>\"")]
    [InlineData("{\"password\":\"hunter2\",\"user\":\"me\"}", "{\"password\":\"<redacted>\",\"user\":\"me\"}")]
    [InlineData("REGISTRY_TOKEN=abcdef other=1", "REGISTRY_TOKEN=<redacted> other=1")]
    [InlineData("tokenCleaner: true", "tokenCleaner: true")]
    [InlineData("--image-credential-provider-config=/etc/a --token=abcdef", "--image-credential-provider-config=/etc/a --token=<redacted>")]
    [InlineData("auth = 'dXNlcjpwYXNz'", "auth = '<redacted>'")]
    [InlineData("Authorization = ['Bearer abc', 'Basic def']", "Authorization = <redacted>")]
    [InlineData("\"--manifest-url-header=Authorization:Bearer abc def\" --v=2", "\"--manifest-url-header=Authorization:<redacted>\" --v=2")]
    [InlineData("Environment=\"DB_PASSWORD=a b\\\"c\" \"X=1\"", "Environment=\"DB_PASSWORD=<redacted>\" \"X=1\"")]
    [InlineData("HTTPS_PROXY=me:hunter2@proxy:3128", "HTTPS_PROXY=<redacted>@proxy:3128")]
    [InlineData("HTTPS_PROXY=proxy:3128 NO_PROXY=a,b", "HTTPS_PROXY=proxy:3128 NO_PROXY=a,b")]
    [InlineData("--authorization-mode=Webhook --auth-mode=x", "--authorization-mode=Webhook --auth-mode=x")]
    [InlineData("configMapAndSecretChangeDetectionStrategy: Watch", "configMapAndSecretChangeDetectionStrategy: Watch")]
    [InlineData("imagePullCredentialsVerificationPolicy: NeverVerify", "imagePullCredentialsVerificationPolicy: NeverVerify")]
    [InlineData("credentialProviders: [{name: vault}]", "credentialProviders: [{name: vault}]")]
    [InlineData("imageCredentialProviderPassword: hunter2", "imageCredentialProviderPassword: <redacted>")]
    [InlineData("--authentication-token-webhook-cache-ttl=2m --token=abcdef", "--authentication-token-webhook-cache-ttl=2m --token=<redacted>")]
    [InlineData("nothing to see", "nothing to see")]
    public void What_looks_like_a_secret_is_taken_out(string text, string expected) =>
        Assert.Equal(expected, new Redactor().Redact(text));

    [Fact]
    public void A_known_secret_is_taken_out_wherever_it_stands()
    {
        var redactor = new Redactor();
        redactor.Add(new Secret("s3cr3t"));
        redactor.Add(new Secret("s3cr3t-longer"));
        Assert.Equal("a <redacted> b <redacted>", redactor.Redact("a s3cr3t-longer b s3cr3t"));
    }

    [Fact]
    public void A_known_secret_is_taken_out_as_files_escape_it()
    {
        var redactor = new Redactor();
        redactor.Add(new Secret("a\"b\\c%d"));
        Assert.Equal("<redacted> <redacted> <redacted>", redactor.Redact("""a"b\c%d a\"b\\c%d a\"b\\c%%d"""));
    }

    [Fact]
    public void A_secret_has_no_text_form()
    {
        Assert.Equal("<redacted>", new Secret("hunter2").ToString());
        Assert.DoesNotContain("hunter2", new Sourced<Secret>(new Secret("hunter2"), Origin.Default("x")).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTPS_PROXY", "http://me:p%40ss@proxy", new[] { "me:p%40ss", "p%40ss", "p@ss" })]
    [InlineData("API_TOKEN", "abc", new[] { "abc" })]
    [InlineData("http_proxy", "me:p%40ss@proxy:1", new[] { "me:p%40ss", "p%40ss", "p@ss" })]
    [InlineData("DB_PASS", "abc", new[] { "abc" })]
    [InlineData("NPM_AUTH", "abc", new[] { "abc" })]
    [InlineData("BYPASS", "abc", new string[0])]
    [InlineData("EDITOR", "vi", new string[0])]
    public void Secrets_of_a_setting_are_found_by_name_and_form(string name, string value, string[] expected) =>
        Assert.Equal(expected, Redactor.SecretsIn(name, value).Select(s => s.Reveal()));

    [Fact]
    public void Redacting_twice_is_redacting_once() =>
        Gen.String[Gen.Char["ab:=/@\" \n{}token"], 0, 60].Sample(text =>
        {
            var redactor = new Redactor();
            var once = redactor.Redact(text);
            return redactor.Redact(once) == once;
        });

    [Fact]
    public void Redacting_never_fails_and_never_keeps_a_known_secret() =>
        Gen.Select(Gen.String, Gen.String[Gen.Char.AlphaNumeric, 6, 20]).Sample((text, secret) =>
        {
            var redactor = new Redactor();
            redactor.Add(new Secret(secret));
            Assert.DoesNotContain(secret, redactor.Redact(text + secret + text), StringComparison.Ordinal);
        });
}
