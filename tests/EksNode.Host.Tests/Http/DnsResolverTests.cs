using System.Net;
using CsCheck;
using EksNode.Host.Http;

namespace EksNode.Host.Tests.Http;

public sealed class DnsResolverTests
{
    private const string Name = "API.outpost.example.com";
    private static readonly (string, IPAddress)[] Records =
    [
        ("api.outpost.example.com.", IPAddress.Parse("2001:db8::7")),
        ("api.outpost.example.com.", IPAddress.Parse("10.2.0.9")),
        ("api.outpost.example.com.", IPAddress.Parse("10.2.0.10")),
    ];

    [Fact]
    public async Task Finds_all_addresses_in_a_stable_order()
    {
        await using var dns = FakeDns.Start(records: Records);

        var result = await ResolveAsync(dns, Name.ToLowerInvariant());

        Assert.Equal(["10.2.0.9", "10.2.0.10", "2001:db8::7"], result.Addresses);
        Assert.Null(result.Failure);
    }

    [Fact]
    public async Task Follows_an_alias()
    {
        await using var dns = FakeDns.Start(alias: true, records: Records);

        Assert.Equal(3, (await ResolveAsync(dns, Name.ToLowerInvariant())).Addresses.Length);
    }

    [Fact]
    public async Task Asks_over_tcp_when_the_answer_is_too_long()
    {
        await using var dns = FakeDns.Start(truncates: true, records: Records);

        Assert.Equal(3, (await ResolveAsync(dns, Name.ToLowerInvariant())).Addresses.Length);
    }

    [Fact]
    public async Task Passes_over_what_is_no_answer_to_its_question()
    {
        await using var dns = FakeDns.Start(garbage: [1, 2, 3], records: Records);

        Assert.Equal(3, (await ResolveAsync(dns, Name.ToLowerInvariant())).Addresses.Length);
    }

    [Fact]
    public async Task Asks_again_when_there_is_no_answer()
    {
        await using var dns = FakeDns.Start(silent: 2, records: Records);
        var options = Options(dns.EndPoint) with { ServerTimeout = TimeSpan.FromSeconds(1) };

        Assert.Null((await new DnsResolver(options, TimeProvider.System, new Random(1)).ResolveAsync(Name.ToLowerInvariant(), TestContext.Current.CancellationToken)).Failure);
    }

    [Fact]
    public async Task Asks_the_next_server_when_one_is_out()
    {
        await using var dns = FakeDns.Start(records: Records);
        var options = Options(new IPEndPoint(IPAddress.Loopback, 9), dns.EndPoint);

        Assert.Null((await new DnsResolver(options, TimeProvider.System, new Random(1)).ResolveAsync(Name.ToLowerInvariant(), TestContext.Current.CancellationToken)).Failure);
    }

    [Theory]
    [InlineData(0, "no such name after 6 attempts")]
    [InlineData(2, "server failure (2) after 6 attempts")]
    public async Task Gives_up_after_six_attempts_and_says_why(int failure, string reason)
    {
        await using var dns = FakeDns.Start(failure: failure, records: []);

        var result = await ResolveAsync(dns, "unknown.example.com");

        Assert.Empty(result.Addresses);
        Assert.Equal($"{dns.EndPoint}: {reason}", result.Failure);
        Assert.Equal(12, dns.Questions); // A and AAAA
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("ä.example.com")]
    public async Task A_host_that_is_no_name_is_told(string host)
    {
        await using var dns = FakeDns.Start(records: Records);

        Assert.Contains("no host name", (await ResolveAsync(dns, host)).Failure);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("2001:db8::1")]
    public async Task An_address_needs_no_server(string address)
    {
        var resolver = new DnsResolver(Options(), TimeProvider.System, new Random(1));

        Assert.Equal([address], (await resolver.ResolveAsync(address, TestContext.Current.CancellationToken)).Addresses);
    }

    [Fact]
    public async Task Without_servers_there_is_no_answer()
    {
        var resolver = new DnsResolver(Options(), TimeProvider.System, new Random(1));

        Assert.Equal("no DNS server is configured", (await resolver.ResolveAsync("a.com", TestContext.Current.CancellationToken)).Failure);
    }

    [Fact]
    public void Reads_the_servers_of_resolv_conf()
    {
        var servers = DnsResolver.ServersOf("# comment\nsearch a.com\nnameserver 10.0.0.2\n nameserver\tfd00:ec2::253\nnameserver [127.0.0.1]:5353\nnameserver x\noptions edns0\n");

        Assert.Equal(["10.0.0.2:53", "[fd00:ec2::253]:53", "127.0.0.1:5353"], servers.Select(s => s.ToString()));
    }

    [Fact]
    public async Task Any_datagram_is_an_answer_or_passed_over()
    {
        // The garbage has the form of an answer, with a random inside, and comes before the true answer.
        var bytes = Gen.Byte.Array[0, 60];
        var cases = new List<byte[]>();
        bytes.Sample(cases.Add, iter: 20, threads: 1);
        foreach (var garbage in cases)
        {
            await using var dns = FakeDns.Start(garbage: garbage, records: Records);
            Assert.Null((await ResolveAsync(dns, Name.ToLowerInvariant())).Failure);
        }
    }

    [Fact]
    public void Any_message_is_read_without_an_exception()
    {
        var question = DnsMessage.Ask(0x1234, "a.example.com", DnsMessage.TypeA)!;
        Gen.Byte.Array[0, 80].Sample(
            rest => DnsMessage.Read([0x12, 0x34, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0, .. question[12..], .. rest], question) is null or { Addresses.Count: <= 3 },
            iter: 10_000);
        Gen.Byte.Array[0, 80].Sample(all => DnsMessage.Read(all, question) is null or { Addresses.Count: >= 0 }, iter: 10_000);
    }

    private static DnsOptions Options(params IPEndPoint[] servers) => new()
    {
        Servers = [.. servers],
        FirstWait = TimeSpan.FromMilliseconds(1),
        ServerTimeout = TimeSpan.FromSeconds(10),
    };

    private static Task<DnsResult> ResolveAsync(FakeDns dns, string host) =>
        new DnsResolver(Options(dns.EndPoint), TimeProvider.System, new Random(1)).ResolveAsync(host, TestContext.Current.CancellationToken);
}
