using EksNode.Configuration.Values;

namespace EksNode.Configuration.Tests.Values;

/// <summary>Each type of value: what is one, what is not, and what the help says to write instead.</summary>
public sealed class ValueTests
{
    [Theory]
    [InlineData("1us", true)]
    [InlineData("999ns", false)]
    [InlineData("0", false)]
    [InlineData("-5m", false)]
    [InlineData("1193h", true)]
    [InlineData("4294967294ms", true)] // what System.Threading.Timer takes
    [InlineData("4294967295ms", false)]
    [InlineData("1200h", false)]
    [InlineData("2540400h", false)]
    [InlineData("5 minutes", false)]
    public void What_is_waited_for_is_from_a_microsecond_to_49_days(string text, bool valid)
    {
        var result = GoDuration.ParseWait(text, "Write `5m`.");
        Assert.Equal(valid, result.IsValid);
        Assert.Equal(valid, result.Problem is null);
        if (valid)
        {
            using var timer = new CancellationTokenSource(TimeSpan.FromTicks(result.Value.Nanoseconds / TimeSpan.NanosecondsPerTick));
            Assert.True(result.Value.Nanoseconds >= 1000);
        }
    }

    [Theory]
    [InlineData("10.100.0.0/16", "10.100.0.0/16")]
    [InlineData("10.100.255.7/16", "10.100.0.0/16")]
    [InlineData("172.20.0.0/12", "172.16.0.0/12")]
    [InlineData("192.168.1.129/25", "192.168.1.128/25")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("1.2.3.4/32", "1.2.3.4/32")]
    [InlineData("fd00:10::/108", "fd00:10::/108")]
    [InlineData("fd00:10::ffff/108", "fd00:10::/108")]
    [InlineData("::1/128", "::1/128")]
    public void A_cidr_has_a_canonical_form(string text, string canonical) => Assert.Equal(canonical, Cidr.Parse(text).Value.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("10.100.0.0/")]
    [InlineData("10.100.0.0/016")]
    [InlineData("10.100.0.0/ 16")]
    [InlineData("10.100.0/16")]
    [InlineData("10.100.0.256/16")]
    [InlineData("1.2.3.4.5/8")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("fd00::/129")]
    [InlineData("[fd00::]/64")]
    [InlineData("fe80::1%eth0/64")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/8/8")]
    public void What_is_no_cidr(string text) => Assert.NotNull(Cidr.Parse(text).Problem);

    [Theory]
    [InlineData("10.0.0.2", true)]
    [InlineData("fd00::a", true)]
    [InlineData("::ffff:1.2.3.4", true)]
    [InlineData("010.0.0.2", false)]
    [InlineData("10.2", false)]
    [InlineData("167772162", false)]
    [InlineData("10.0.0.2 ", false)]
    [InlineData("fe80::1%eth0", false)]
    [InlineData("[::1]", false)]
    [InlineData("", false)]
    [InlineData("::1::", false)]
    public void An_ip_address(string text, bool valid) => Assert.Equal(valid, IpLiteral.Parse(text).IsValid);

    [Theory]
    [InlineData("https://ABC.gr7.us-west-2.eks.amazonaws.com", "ABC.gr7.us-west-2.eks.amazonaws.com", 443)]
    [InlineData("HTTPS://abc.example.com:6443", "abc.example.com", 6443)]
    [InlineData("https://10.0.0.1:443/", "10.0.0.1", 443)]
    [InlineData("https://[fd00::1]:8443", "fd00::1", 8443)]
    [InlineData("https://[fd00::1]", "fd00::1", 443)]
    [InlineData("https://proxy.example.com/clusters/a", "proxy.example.com", 443)]
    public void An_api_server_url_has_a_host_and_a_port(string text, string host, int port)
    {
        var url = ApiServerUrl.Parse(text).Value;
        Assert.Equal((text, host, port), (url.Text, url.Host, url.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("https://")]
    [InlineData("https:///path")]
    [InlineData("https://:443")]
    [InlineData("https://a.example.com:")]
    [InlineData("https://a.example.com:0")]
    [InlineData("https://a.example.com:65536")]
    [InlineData("https://a..example.com")]
    [InlineData("https://fd00::1")]
    [InlineData("https://[10.0.0.1]")]
    [InlineData("https://[fd00::1]x")]
    [InlineData("https://[]")]
    [InlineData("https://a.example.com#x")]
    [InlineData("https://user@a.example.com")]
    [InlineData("ftp://a.example.com")]
    [InlineData("https://a.example.com\n")]
    public void What_is_no_api_server_url(string text) => Assert.NotNull(ApiServerUrl.Parse(text).Problem);

    [Fact]
    public void The_user_of_a_url_is_not_shown()
    {
        foreach (var text in (string[])["https://admin:hunter2@a.example.com", "http://admin:hunter2@a.example.com", "admin:hunter2@a.example.com"])
        {
            var problem = ApiServerUrl.Parse(text).Problem;
            Assert.NotNull(problem);
            Assert.DoesNotContain("hunter2", problem.Message + problem.Help, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("YQ==", "a")]
    [InlineData("YQ", "a")]
    [InlineData("YW\n I=\t", "ab")]
    [InlineData("YWJj", "abc")]
    [InlineData("", "")]
    public void Base64_is_read_with_and_without_padding(string text, string decoded) =>
        Assert.Equal(decoded, System.Text.Encoding.ASCII.GetString(Base64Text.Parse(text).Value.AsSpan()));

    [Theory]
    [InlineData("Y")]
    [InlineData("YQ=")]
    [InlineData("YQ===")]
    [InlineData("YWJj=")]
    [InlineData("Y=Q=")]
    [InlineData("YW-j")]
    [InlineData("YW_j")]
    [InlineData("YW%j")]
    [InlineData("-----BEGIN CERTIFICATE-----")]
    public void What_is_no_base64(string text) => Assert.NotNull(Base64Text.Parse(text).Problem);

    [Theory]
    [InlineData("100m", "0.1")]
    [InlineData("1", "1")]
    [InlineData("1.5Gi", "1610612736")]
    [InlineData("512Mi", "536870912")]
    [InlineData("1k", "1000")]
    [InlineData("2e3", "2000")]
    [InlineData("2E3", "2000")]
    [InlineData("1E", "1000000000000000000")]
    [InlineData("1e-2", "0.01")]
    [InlineData("-1Ki", "-1024")]
    [InlineData("+.5", "0.5")]
    [InlineData("5.", "5")]
    [InlineData("100Ei", "9223372036854775807")]
    [InlineData("99999999999999999999999999999999999999999", "9223372036854775807")]
    public void A_quantity_has_a_value(string text, string value) =>
        Assert.Equal(decimal.Parse(value), Quantity.Parse(text).Value.Value);

    [Theory]
    [InlineData("", "")]
    [InlineData("lots", "")]
    [InlineData(".", "")]
    [InlineData("1.2.3", "")]
    [InlineData("1GB", "`1G`")]
    [InlineData("1gb", "`1G`")]
    [InlineData("1GiB", "`1Gi`")]
    [InlineData("512mb", "`512M`, or `512Mi`")]
    [InlineData("1K", "`1k`")]
    [InlineData("1 Gi", "`1Gi`")]
    [InlineData("1Gig", "`1Gi`")]
    [InlineData("1e", "")]
    [InlineData("1,5", "")]
    public void What_is_no_quantity(string text, string suggestion)
    {
        var problem = Quantity.Parse(text).Problem;
        Assert.NotNull(problem);
        Assert.Contains(suggestion, problem.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("30s", 30_000_000_000)]
    [InlineData("1h30m", 5_400_000_000_000)]
    [InlineData("1.5s", 1_500_000_000)]
    [InlineData("-2ms", -2_000_000)]
    [InlineData("+1us", 1_000)]
    [InlineData("1µs", 1_000)]
    [InlineData(".5s", 500_000_000)]
    [InlineData("1m0s", 60_000_000_000)]
    public void A_duration_has_a_length(string text, long nanoseconds) => Assert.Equal(nanoseconds, GoDuration.Parse(text).Value.Nanoseconds);

    [Theory]
    [InlineData("", "")]
    [InlineData("-", "")]
    [InlineData("30", "`30s`")]
    [InlineData("1d", "`24h`")]
    [InlineData("5 minutes", "`5m`")]
    [InlineData("1hour", "`1h`")]
    [InlineData("1x", "units")]
    [InlineData("s", "")]
    [InlineData("1h 30m", "units")]
    [InlineData("1..5s", "")]
    [InlineData("9999999999999999999h", "292")]
    [InlineData("99999999999999999999999999s", "")]
    public void What_is_no_duration(string text, string suggestion)
    {
        var problem = GoDuration.Parse(text).Problem;
        Assert.NotNull(problem);
        Assert.Contains(suggestion, problem.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("team=a", true)]
    [InlineData("example.com/team=a_b.c-d", true)]
    [InlineData("team=", true)]
    [InlineData("a1", false)]
    [InlineData("=a", false)]
    [InlineData("/team=a", false)]
    [InlineData("a/b/c=d", false)]
    [InlineData("UPPER.example/a=b", false)]
    [InlineData("a=-b", false)]
    [InlineData("a=b c", false)]
    [InlineData("a_=b", false)]
    [InlineData("a=0123456789012345678901234567890123456789012345678901234567890123", false)]
    public void A_label(string text, bool valid) => Assert.Equal(valid, Label.Parse(text).IsValid);

    [Theory]
    [InlineData("dedicated=gpu:NoSchedule", "dedicated", "gpu", "NoSchedule")]
    [InlineData("dedicated:NoExecute", "dedicated", "", "NoExecute")]
    [InlineData("example.com/a=:PreferNoSchedule", "example.com/a", "", "PreferNoSchedule")]
    public void A_taint_has_three_parts(string text, string key, string value, string effect) =>
        Assert.Equal(new Taint(key, value, effect), Taint.Parse(text).Value);

    [Theory]
    [InlineData("a=b", "NoSchedule")]
    [InlineData("a=b:noschedule", "`NoSchedule`")]
    [InlineData("a=b:", "`NoSchedule`")]
    [InlineData("=b:NoSchedule", "name")]
    [InlineData("a=b c:NoSchedule", "value")]
    public void What_is_no_taint(string text, string suggestion)
    {
        var problem = Taint.Parse(text).Problem;
        Assert.NotNull(problem);
        Assert.Contains(suggestion, problem.Help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.com", true)]
    [InlineData("us-west-2.compute.internal.", true)]
    [InlineData("localhost", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("a_b.example.com", false)]
    [InlineData("-a.com", false)]
    [InlineData("a..b", false)]
    [InlineData("a b", false)]
    public void A_domain_name(string text, bool valid) => Assert.Equal(valid, DomainName.Parse(text).IsValid);

    [Theory]
    [InlineData("~.", true)]
    [InlineData("~example.com", true)]
    [InlineData("_dns.example.com", true)]
    [InlineData("~~a", false)]
    [InlineData("a\nb", false)]
    public void A_search_domain(string text, bool valid) => Assert.Equal(valid, DomainName.ParseSearchDomain(text).IsValid);

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/mnt/k8s-disks", "/mnt/k8s-disks")]
    [InlineData("/mnt/k8s-disks/", "/mnt/k8s-disks")]
    [InlineData("/a b/…", "/a b/…")]
    public void A_path(string text, string path) => Assert.Equal(path, AbsolutePath.Parse(text).Value);

    [Theory]
    [InlineData("", "`/`")]
    [InlineData("mnt", "`/mnt`")]
    [InlineData("~/mnt", "`/mnt`")]
    [InlineData("/a/../b", "`/b`")]
    [InlineData("/a/./b", "`/a/b`")]
    [InlineData("/a//b", "`/a/b`")]
    [InlineData("//a", "`/a`")]
    [InlineData("/..", "`/`")]
    [InlineData("/a\0b", "unit")]
    [InlineData("/a\nb", "unit")]
    public void What_is_no_absolute_normalised_path(string text, string suggestion)
    {
        var problem = AbsolutePath.Parse(text).Problem;
        Assert.NotNull(problem);
        Assert.Contains(suggestion, problem.Help, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_is_not_longer_than_the_kernel_allows()
    {
        Assert.True(AbsolutePath.Parse("/" + new string('a', 255)).IsValid);
        Assert.False(AbsolutePath.Parse("/" + new string('a', 256)).IsValid);
        Assert.False(AbsolutePath.Parse(string.Concat(Enumerable.Repeat("/aaaaaaa", 600))).IsValid);
    }

    [Theory]
    [InlineData("HTTPS_PROXY", true)]
    [InlineData("_a1", true)]
    [InlineData("1A", false)]
    [InlineData("A-B", false)]
    [InlineData("A=B", false)]
    [InlineData("", false)]
    [InlineData("Ä", false)]
    public void The_name_of_an_environment_variable(string text, bool valid) =>
        Assert.Equal(valid, EnvironmentVariable.ParseName(text).IsValid);

    [Theory]
    [InlineData("", true)]
    [InlineData("a\nb\tc \"'\\$%", true)]
    [InlineData("a\rb", false)]
    [InlineData("a\0b", false)]
    [InlineData("a\u001bb", false)]
    [InlineData("a\u0085b", false)]
    public void The_value_of_an_environment_variable(string text, bool valid)
    {
        var result = EnvironmentVariable.ParseValue(text);
        Assert.Equal(valid, result.IsValid);
    }

    [Theory]
    [InlineData("kubelet", true)]
    [InlineData("getty@tty1", true)]
    [InlineData("default", true)]
    [InlineData("dbus-org.freedesktop.login1", true)]
    [InlineData("kubelet.service", false)]
    [InlineData("a.socket", false)]
    [InlineData("../a", false)]
    [InlineData("a/b", false)]
    [InlineData("a..b", false)]
    [InlineData("..", false)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("kubelet%i", false)]
    public void The_name_of_a_service(string text, bool valid) => Assert.Equal(valid, ServiceName.Parse(text).IsValid);

    [Theory]
    [InlineData("eth0", true)]
    [InlineData("ens5.100", true)]
    [InlineData("abcdefghijklmno", true)]
    [InlineData("abcdefghijklmnop", false)]
    [InlineData("", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("a:1", false)]
    [InlineData("a\u007f", false)]
    public void The_name_of_an_interface(string text, bool valid) => Assert.Equal(valid, InterfaceName.Parse(text).IsValid);

    [Theory]
    [InlineData("InstanceIdNodeName", true)]
    [InlineData("instanceIdNodeName", false)]
    [InlineData("A-B", false)]
    [InlineData("A=true", false)]
    [InlineData("", false)]
    public void The_name_of_a_feature_gate(string text, bool valid) => Assert.Equal(valid, FeatureGateName.Parse(text).IsValid);

    [Theory]
    [InlineData("/dev/xvdb", true)]
    [InlineData("/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123", true)]
    [InlineData("xvdb", false)]
    [InlineData("/mnt/xvdb", false)]
    [InlineData("/dev/../etc/passwd", false)]
    [InlineData("/dev", false)]
    [InlineData("/dev/", false)]
    public void The_path_of_a_device(string text, bool valid) => Assert.Equal(valid, DevicePath.Parse(text).IsValid);

    [Fact]
    public void A_result_without_a_value_says_so()
    {
        var result = Cidr.Parse("x");
        Assert.False(result.IsValid);
        Assert.Throws<InvalidOperationException>(() => result.Value);
    }

    [Fact]
    public void A_quote_is_one_line_without_secrets_and_not_too_long()
    {
        Assert.Equal("`a\\nb\\u0007`", Quoted.Text("a\nb\a"));
        Assert.Equal($"`{new string('x', 60)}…`", Quoted.Text(new string('x', 61)));
        Assert.DoesNotContain("hunter2", Quoted.Text("http://u:hunter2@h"), StringComparison.Ordinal);
        Assert.Equal("`a`, `b` or `c`", Quoted.Choices(["a", "b", "c"]));
    }
}
