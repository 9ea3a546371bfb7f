using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Imaging;

/// <summary>What builds of an image applied is remembered apart from what joins applied.</summary>
public sealed class ImageStateTests : IDisposable
{
    private readonly TestRoot host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_reset_undoes_the_join_and_not_the_image()
    {
        host.Write("/etc/motd", "the base's");
        Build(PlanOf(FileOf("/etc/issue", "image"), FileOf("/etc/motd", "image"), new UnitStateResource { Path = "/etc/systemd/system", Name = "a.service", State = default }));
        using (var root = host.Open())
        {
            Assert.False(StateRemoval.IsNeeded(root));
            Applier.Apply(root, Differ.Diff(PlanOf(FileOf("/etc/joined", "join")), root, AppliedState.Empty, new DiffOptions(Instance)));
            Assert.True(StateRemoval.IsNeeded(root));
            var changes = Differ.Diff(PlanOf(), root, AppliedState.Load(root, ApplyPolicy.Preserve, new DiagnosticBag()), new DiffOptions(Instance) { Resets = true });
            Assert.Empty(StateRemoval.Run(root, Applier.Apply(root, changes).State, []));
            Assert.False(StateRemoval.IsNeeded(root));
        }

        Assert.Equal(("image", "image", false), (host.Read("/etc/issue"), host.Read("/etc/motd"), host.Exists("/etc/joined")));
        Build(PlanOf());
        Assert.Equal(("the base's", false), (host.Read("/etc/motd"), host.Exists("/etc/issue")));
    }

    [Fact]
    public void A_state_of_an_image_that_cannot_be_understood_is_kept_and_named()
    {
        host.Write(StatePlace.Image.FilePath, "broken", 0x180);
        using var root = host.Open();
        var bag = new DiagnosticBag();
        var state = AppliedState.Load(root, ApplyPolicy.Enforce, bag, StatePlace.Image);
        Assert.Contains(StatePlace.Image.FilePath, Assert.Single(bag.Items).Message, StringComparison.Ordinal);
        Applier.Apply(root, Differ.Diff(Image(PlanOf(FileOf("/etc/a", "a"))), root, state, new DiffOptions(null, ApplyPolicy.Enforce, Phase: Phase.Image)));
        Assert.Equal("broken", File.ReadAllText(Assert.Single(Directory.GetFiles(host.At(StatePlace.Image.ReplacedPath)))));
        Assert.False(host.Exists(AppliedState.FilePath));
    }

    private void Build(Plan plan)
    {
        using var root = host.Open();
        var state = AppliedState.Load(root, ApplyPolicy.Enforce, new DiagnosticBag(), StatePlace.Image);
        Applier.Apply(root, Differ.Diff(Image(plan), root, state, new DiffOptions(null, ApplyPolicy.Enforce, Phase: Phase.Image)));
    }

    private static Plan Image(Plan plan) => new([.. plan.Resources.Select(r => r with { Phase = Phase.Image })]);
}
