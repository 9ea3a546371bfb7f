using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

public sealed class HostsEffectTests : IDisposable
{
    private const string Block = "# eksnode begin api.example\n10.0.0.1\tapi.example\n10.0.0.2\tapi.example\n# eksnode end\n";

    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Theory]
    [InlineData("", Block)]
    [InlineData("127.0.0.1 localhost\n", "127.0.0.1 localhost\n" + Block)]
    [InlineData("127.0.0.1 localhost", "127.0.0.1 localhost\n" + Block)]
    [InlineData("a\r\n# eksnode begin api.example\r\nold\tapi.example\r\n# eksnode end\r\nb\r\n", "a\r\n" + Block + "b\r\n")]
    [InlineData("a\n# eksnode begin api.example\n10.9.9.9\tapi.example\n# eksnode end\nb\n", "a\n" + Block + "b\n")]
    [InlineData("# eksnode begin api.example\n10.9.9.9\tapi.example\n192.168.0.1 mine\n", Block + "192.168.0.1 mine\n")]
    [InlineData("# eksnode begin api.example", Block)]
    [InlineData("# eksnode begin api.example.org\n1.1.1.1\tapi.example.org\n# eksnode end\n", "# eksnode begin api.example.org\n1.1.1.1\tapi.example.org\n# eksnode end\n" + Block)]
    public void A_block_is_put_in_and_no_other_line_is_touched(string before, string after)
    {
        host.Write("/etc/hosts", before, 0x1B4);
        var plan = PlanOf(HostsOf("api.example", "10.0.0.1", "10.0.0.2"));
        host.Join(plan);
        Assert.Equal((after, 0x1B4), (host.Read("/etc/hosts"), host.Mode("/etc/hosts")));
        Assert.Empty(host.Join(plan).Changes.Actions);
    }

    [Fact]
    public void Bytes_that_are_no_text_stay_as_they_are()
    {
        host.Write("/etc/hosts", "");
        File.WriteAllBytes(host.At("/etc/hosts"), [0xFF, 0xFE, (byte)'\n']);
        host.Join(PlanOf(HostsOf("api.example", "10.0.0.1")));
        Assert.Equal([0xFF, 0xFE, (byte)'\n'], File.ReadAllBytes(host.At("/etc/hosts"))[..3]);
    }

    [Fact]
    public void A_missing_file_is_made_and_goes_with_its_last_block()
    {
        host.Join(PlanOf(HostsOf("api.example", "10.0.0.1", "10.0.0.2")));
        Assert.Equal((Block, 0x1A4), (host.Read("/etc/hosts"), host.Mode("/etc/hosts")));
        host.Join(PlanOf());
        Assert.False(host.Exists("/etc/hosts"));
    }

    [Fact]
    public void Without_addresses_the_block_that_is_there_stays()
    {
        host.Write("/etc/hosts", "a\n");
        var disconnected = PlanOf(HostsOf("api.example"));
        host.Join(PlanOf(HostsOf("api.example", "10.0.0.1", "10.0.0.2")));
        Assert.Empty(host.Join(disconnected).Changes.Actions);
        Assert.Equal("a\n" + Block, host.Read("/etc/hosts"));
        host.Join(PlanOf());
        Assert.Equal("a\n", host.Read("/etc/hosts"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("127.0.0.1 localhost\n", false)]
    [InlineData("# 10.0.0.1 api.example\n", false)]
    [InlineData("api.example 10.0.0.1\n", false)]
    [InlineData("10.0.0.1\tother API.example # by hand\r\n", true)]
    public void Without_addresses_and_without_a_block_only_a_line_of_somebody_else_helps(string? hosts, bool known)
    {
        if (hosts is not null)
        {
            host.Write("/etc/hosts", hosts);
        }

        var changes = host.Diff(PlanOf(HostsOf("api.example")));
        Assert.Equal(known ? [] : ["EKN0826"], changes.Diagnostics.Select(d => d.Code));
        Assert.Equal(!known, changes.HasErrors);
        Assert.Empty(changes.Actions);
    }

    [Fact]
    public void A_block_goes_with_its_resource_and_a_hand_in_the_other_lines_stays()
    {
        host.Join(PlanOf(HostsOf("api.example", "10.0.0.1", "10.0.0.2"), HostsOf("b", "1.1.1.1")));
        host.Write("/etc/hosts", "first\n" + host.Read("/etc/hosts") + "last\n");
        host.Join(PlanOf(HostsOf("api.example", "10.0.0.1", "10.0.0.2")));
        Assert.Equal("first\n" + Block + "last\n", host.Read("/etc/hosts"));
        host.Join(PlanOf());
        Assert.Equal("first\nlast\n", host.Read("/etc/hosts"));
    }

    [Fact]
    public void Two_blocks_in_one_file_are_one_text()
    {
        host.Write("/etc/hosts", "a\n");
        var changes = host.Join(PlanOf(HostsOf("x", "1.1.1.1"), HostsOf("y", "2.2.2.2"))).Changes;
        Assert.Equal("a\n# eksnode begin x\n1.1.1.1\tx\n# eksnode end\n# eksnode begin y\n2.2.2.2\ty\n# eksnode end\n", host.Read("/etc/hosts"));
        Assert.Equal(changes.All[0].After!.Text, changes.All[1].Before!.Text);
        Assert.Equal(["hosts:x", "hosts:y"], changes.All.Select(c => c.ResourceId));
    }

    [Fact]
    public void A_link_is_replaced_by_a_file_with_the_same_lines()
    {
        host.Write("/usr/hosts", "shared\n").Link("/etc/hosts", "../usr/hosts");
        host.Join(PlanOf(HostsOf("api.example", "10.0.0.1", "10.0.0.2")));
        Assert.Equal(("shared\n" + Block, "shared\n"), (host.Read("/etc/hosts"), host.Read("/usr/hosts")));
    }

    [Fact]
    public void Verify_tells_whose_the_block_is()
    {
        var plan = PlanOf(HostsOf("api.example", "10.0.0.1", "10.0.0.2"));
        Assert.Equal(Ownership.Missing, Assert.Single(host.Verify(plan)).Ownership);
        host.Write("/etc/hosts", Block);
        Assert.Equal(Ownership.NotOurs, Assert.Single(host.Verify(plan)).Ownership);
        host.Join(plan);
        Assert.Equal((Ownership.OursUnchanged, true), (host.Verify(plan)[0].Ownership, host.Verify(plan)[0].AsPlanned));
        host.Write("/etc/hosts", Block.Replace("10.0.0.2", "10.0.0.3", StringComparison.Ordinal));
        Assert.Equal((Ownership.OursChangedByHand, false), (host.Verify(plan)[0].Ownership, host.Verify(plan)[0].AsPlanned));
    }
}
