using System.Globalization;
using EksNode.Host.Engine;
using EksNode.Host.Services;
using EksNode.Host.Systemd;

namespace EksNode.Host.Tests.Services;

/// <summary>What a start does to a service: a table of its state, what it owes, and what became of its files.</summary>
public sealed class ServiceRulesTests
{
    private const string ThisBoot = "b";
    private const long Second = 1_000_000_000;

    // The service started at 100 s (when it runs), now is 200 s.
    [Theory]
    // needed: state, owed (boot, - none), file changed at s, state recorded at s
    [InlineData(true, "inactive", "dead", "-", 50, 50, ServiceAction.Start)]
    [InlineData(true, "inactive", "dead", "b", 50, 50, ServiceAction.Start)]
    [InlineData(true, "failed", "failed", "b", 50, 50, ServiceAction.Start)]
    [InlineData(true, "deactivating", "stop-sigterm", "-", 50, 50, ServiceAction.Start)]
    [InlineData(true, "activating", "start", "-", 50, 50, ServiceAction.Start)]
    [InlineData(true, "activating", "start", "b", 50, 50, ServiceAction.Restart)]
    [InlineData(true, "activating", "auto-restart", "-", 50, 50, ServiceAction.Restart)]
    [InlineData(true, "active", "running", "-", 50, 50, ServiceAction.None)]
    [InlineData(true, "reloading", "reload", "-", 50, 50, ServiceAction.None)]
    [InlineData(true, "active", "running", "-", 150, 150, ServiceAction.Restart)]
    [InlineData(true, "active", "running", "b", 50, 150, ServiceAction.Restart)] // the file is gone, or was put back
    [InlineData(true, "active", "running", "", 50, 150, ServiceAction.Restart)] // of a boot that is not known
    [InlineData(true, "active", "running", "b", 50, 50, ServiceAction.None)] // started after the record: it only has to be healthy
    [InlineData(true, "active", "running", "a", 50, 150, ServiceAction.None)] // of another boot
    [InlineData(true, "active", "running", "a", 150, 150, ServiceAction.Restart)] // of another boot, and changed in this one
    [InlineData(true, "active", "running", "-", 250, 250, ServiceAction.None)] // a time to come tells nothing
    // not needed
    [InlineData(false, "inactive", "dead", "b", 150, 150, ServiceAction.Leave)]
    [InlineData(false, "failed", "failed", "b", 150, 150, ServiceAction.Leave)]
    [InlineData(false, "active", "exited", "b", 150, 150, ServiceAction.Leave)]
    [InlineData(false, "active", "running", "b", 50, 150, ServiceAction.Restart)]
    [InlineData(false, "active", "running", "a", 50, 150, ServiceAction.None)]
    public void The_table(bool needed, string active, string sub, string owed, int changed, int recorded, ServiceAction action)
    {
        var runs = active is "active" or "reloading";
        var decision = ServiceRules.Decide(new ServiceSituation
        {
            Needed = needed,
            Status = new UnitStatus("u.service") { LoadState = "loaded", ActiveState = active, SubState = sub, ExecMainStartTimestamp = runs ? 100_000_000 : 0 },
            Owed = owed == "-" ? null : new OwedRestart(["file:/gone"], owed.Length == 0 ? null : owed),
            Boot = ThisBoot,
            Files = [new UsedFile("/etc/u", changed * Second)],
            Recorded = recorded * Second,
            Now = 200 * Second,
        });
        Assert.Equal(action, decision.Action);
        Assert.True(action is not ServiceAction.Restart || decision.Because.Count > 0 || sub == "auto-restart");
    }

    [Fact]
    public void A_start_that_is_still_to_come_paid_nothing()
    {
        var decision = ServiceRules.Decide(new ServiceSituation
        {
            Needed = true,
            Status = new UnitStatus("u.service") { ActiveState = "active", SubState = "running", ExecMainStartTimestamp = 300_000_000 },
            Owed = new OwedRestart(["file:/a"], ThisBoot),
            Boot = ThisBoot,
            Recorded = 150 * Second,
            Now = 200 * Second,
        });
        Assert.Equal(ServiceAction.Restart, decision.Action);
        Assert.Equal(["file:/a"], decision.Because);
    }

    [Theory]
    [InlineData("active running 0; active running 0", "AA 0")]
    [InlineData("activating auto-restart 0; active running 1; active running 1", "CAA 1")]
    [InlineData("active running 0; activating auto-restart 0; activating auto-restart 1; active running 2; activating auto-restart 2", "ACCAF 3")]
    [InlineData("active running 7; activating auto-restart 7; active running 8; activating auto-restart 8; activating auto-restart-queued 9", "ACACF 3")]
    [InlineData("active running 7; active running 0; activating auto-restart 0", "AAC 1")] // started by hand
    [InlineData("failed failed 0", "F 1")]
    [InlineData("active running 0; inactive dead 0", "AF 0")]
    public void A_unit_that_never_comes_up_is_told_from_one_that_needs_another_try(string looks, string expected)
    {
        var watch = new UnitWatch();
        var seen = "";
        foreach (var look in looks.Split("; "))
        {
            var words = look.Split(' ');
            seen += watch.Judge(new UnitStatus("u.service")
            {
                ActiveState = words[0],
                SubState = words[1],
                NRestarts = uint.Parse(words[2], CultureInfo.InvariantCulture),
            }).ToString()[0];
        }

        Assert.Equal(expected, string.Create(CultureInfo.InvariantCulture, $"{seen} {watch.Ends}"));
    }
}
