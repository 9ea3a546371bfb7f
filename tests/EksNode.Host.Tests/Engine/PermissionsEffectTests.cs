using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

public sealed class PermissionsEffectTests : IDisposable
{
    private const int Closed = 0x180; // 0600
    private const int Open = 0x1A4; // 0644

    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void Bits_that_are_too_many_are_taken_away_and_the_content_stays()
    {
        host.Write("/etc/crontab", "x", Open);
        var plan = PlanOf(Of("/etc/crontab", Closed));
        Assert.Contains(host.Verify(plan), f => f.IsDrift && f.Differences.SequenceEqual(["mode"]));
        var change = Assert.Single(host.Join(plan).Changes.Actions);
        Assert.Equal((ChangeAction.Update, "0644", "0600"), (change.Action, change.Before!.Mode, change.After!.Mode));
        Assert.Equal((Closed, "x"), (host.Mode("/etc/crontab"), host.Read("/etc/crontab")));
        Assert.Empty(host.Join(plan).Changes.Actions);
        Assert.DoesNotContain(host.Verify(plan), f => f.IsDrift);
    }

    [Fact]
    public void Bits_that_are_missing_stay_missing()
    {
        host.Write("/etc/shadow", "x", 0);
        Assert.Empty(host.Join(PlanOf(Of("/etc/shadow", Closed))).Changes.Actions);
        Assert.Equal(0, host.Mode("/etc/shadow"));
    }

    [Fact]
    public void A_folder_has_bits_too()
    {
        host.Write("/etc/cron.d/job", "x", Open);
        Assert.Single(host.Join(PlanOf(Of("/etc/cron.d", 0x1C0))).Changes.Actions);
        Assert.Equal((0x1C0, Open), (host.Mode("/etc/cron.d"), host.Mode("/etc/cron.d/job")));
    }

    [Fact]
    public void What_is_not_there_and_what_a_link_points_to_stay_as_they_are()
    {
        host.Write("/etc/real", "x", Open).Link("/etc/linked", "real");
        var plan = PlanOf(Of("/etc/none", Closed), Of("/etc/linked", Closed));
        Assert.Empty(host.Join(plan).Changes.Actions);
        Assert.Equal((false, Open), (host.Exists("/etc/none"), host.Mode("/etc/real")));
        Assert.DoesNotContain(host.Verify(plan), f => f.IsDrift);
    }

    [Fact]
    public void It_becomes_roots_own()
    {
        TestRoot.RequireRoot();
        host.Write("/etc/passwd", "x", Open);
        TestRoot.Run("chown", "65534:65534", host.At("/etc/passwd"));
        Assert.Single(host.Join(PlanOf(Of("/etc/passwd", Open))).Changes.Actions);
        using var root = host.Open();
        Assert.Equal((0, 0, Open), (root.Status("/etc/passwd")!.User, root.Status("/etc/passwd")!.Group, host.Mode("/etc/passwd")));
    }

    private static PermissionsResource Of(string path, int mode) => new() { Path = path, Mode = mode };
}
