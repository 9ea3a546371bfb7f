using EksNode.Planning.Network;

namespace EksNode.Planning.Tests.Network;

public sealed class LinkReadinessTests
{
    [Theory]
    [InlineData("all as it should be", "lo unmanaged; ens5 configured; ens6 unmanaged", "ens5", "")]
    [InlineData("two required", "lo unmanaged; ens5 configured; ens6 configuring", "ens5 ens6", "ens6 is configuring")]
    [InlineData("not looked at", "lo unmanaged; ens5 -", "ens5", "ens5 is not known to systemd-networkd yet")]
    [InlineData("required but left alone", "lo unmanaged; ens5 unmanaged", "ens5", "ens5 is unmanaged")]
    [InlineData("a required one is missing", "lo unmanaged; ens5 configured", "ens5 ens6", "ens6 is not there")]
    [InlineData("a pod's interface taken", "lo unmanaged; ens5 configured; ens6 configuring", "ens5", "ens6 is configuring")]
    [InlineData("a pod's interface from the default file", "ens5 configured; ens6 configured /usr/lib/systemd/network/80-ec2.network", "ens5", "ens6 is still configured from /usr/lib/systemd/network/80-ec2.network")]
    [InlineData("somebody's own file", "ens5 configured; dummy0 configured /etc/systemd/network/10-dummy.network", "ens5", "")]
    [InlineData("the primary from the default file, before the hook", "ens5 configured /usr/lib/systemd/network/80-ec2.network", "ens5", "")]
    [InlineData("failed", "ens5 failed", "ens5", "ens5 is failed")]
    [InlineData("loopback not looked at", "lo -; ens5 configured", "ens5", "lo is not known to systemd-networkd yet")]
    public void What_is_waited_for_is_named_with_its_state(string what, string links, string required, string expected) =>
        Assert.True(expected == Show(links, required, false), what + ": " + Show(links, required, false));

    [Fact]
    public void Once_the_default_file_is_off_nothing_may_be_configured_from_it() => Assert.Equal(
        "ens5 is still configured from /usr/lib/systemd/network/80-ec2.network",
        Show("ens5 configured /usr/lib/systemd/network/80-ec2.network", "ens5", true));

    private static string Show(string links, string required, bool switchedOff) => string.Join(
        ", ",
        LinkReadiness.Unready([.. links.Split("; ").Select(Link)], required.Split(' '), switchedOff).Select(u => $"{u.Name} {u.Problem}"));

    private static LinkState Link(string text)
    {
        var words = text.Split(' ');
        return new LinkState(words[0], words[1] == "-" ? null : words[1], words.Length > 2 ? words[2] : null);
    }
}
