using CsCheck;
using EksNode.Host.Engine;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;
using static EksNode.Host.Tests.Engine.Engines;

namespace EksNode.Host.Tests.Engine;

/// <summary>Over generated plans and hosts.</summary>
public sealed class ApplyPropertyTests
{
    // Few names, so that plans and hosts meet.
    private static readonly Gen<string> path =
        from directory in Of("/etc", "/etc/a", "/etc/a/b", "/var/lib/kubelet", "/run/x", "/opt")
        from name in Of("one", "two", "three.conf")
        select $"{directory}/{name}";

    private static readonly Gen<Resource> resource = Gen.OneOf(
        from p in path
        from content in Of("", "x", "y", "long\nlines\n")
        from mode in Of(0x1A4, 0x180, 0x1ED)
        select (Resource)FileOf(p, content, mode, "kubelet.service"),
        from p in path
        from target in Of("x", "/etc")
        select (Resource)LinkOf(p, target),
        from p in Of("/etc/d", "/etc/a/d", "/new/d")
        from mode in Of(0x1C0, 0x1ED)
        select (Resource)DirectoryOf(p, mode),
        from name in Of("h", "i")
        from count in Gen.Int[1, 2]
        select (Resource)HostsOf(name, [.. Enumerable.Range(0, count).Select(i => $"10.0.0.{i}")]),
        from p in path
        select (Resource)ReleasedOf(p));

    private static readonly Gen<Plan> plan = resource.Array[0, 8].Select(rs => new Plan([.. rs.DistinctBy(r => r.Id).DistinctBy(r => r is HostsEntryResource ? r.Id : r.Path)]));

    private static readonly Gen<(string Path, string? Content)[]> hand = Gen.Select(path, Of<string?>("x", "hand", null)).Array[0, 5];

    private static readonly Gen<ApplyPolicy> policy = Of(ApplyPolicy.Preserve, ApplyPolicy.Enforce);

    [Fact]
    public void Applying_twice_is_applying_once() =>
        Gen.Select(hand, plan, hand, plan, policy).Sample(
            (image, first, hands, second, policy) =>
            {
                using var host = new TestRoot();
                ByHand(host, image);
                host.Join(first, policy: policy);
                ByHand(host, hands);
                host.Join(second, policy: policy);
                var once = host.TreeWithTimes();
                var again = host.Join(second, policy: policy);
                return once == host.TreeWithTimes() && !again.Changes.Any && !again.WroteState;
            },
            iter: 300,
            threads: 2);

    [Fact]
    public void A_kill_anywhere_changes_nothing_of_the_end() =>
        Gen.Select(hand, plan, hand, plan, Gen.Int[0, 60]).Sample(
            (image, first, hands, second, step) =>
            {
                using var host = new TestRoot();
                ByHand(host, image);
                host.Join(first);
                ByHand(host, hands);
                using var killed = new TestRoot();
                host.CopyTo(killed);
                host.Join(second);
                killed.KilledJoin(second, new KillAt(step));
                killed.Join(second);
                return host.Tree() == killed.Tree();
            },
            iter: 200,
            threads: 2);

    [Fact]
    public void Planning_a_diff_changes_nothing_and_says_what_apply_does() =>
        Gen.Select(hand, plan, plan).Sample(
            (image, first, second) =>
            {
                using var host = new TestRoot();
                ByHand(host, image);
                host.Join(first);
                var before = host.TreeWithTimes();
                var changes = host.Diff(second);
                if (before != host.TreeWithTimes())
                {
                    return false;
                }

                host.Join(second);
                return changes.All.Where(c => c.After is { Identity.Kind: Host.Files.FileKind.File } && c.Effect is PathEffect)
                    .All(c => c.After!.Content.AsSpan().SequenceEqual(File.ReadAllBytes(host.At(c.Path))) && Convert.ToString(host.Mode(c.Path), 8).PadLeft(4, '0') == c.After.Mode);
            },
            iter: 200,
            threads: 2);

    private static Gen<T> Of<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static void ByHand(TestRoot host, (string Path, string? Content)[] changes)
    {
        foreach (var (path, content) in changes)
        {
            File.Delete(host.At(Directory.Exists(Path.GetDirectoryName(host.At(path))) ? path : "/none"));
            if (content is not null)
            {
                host.Write(path, content);
            }
        }
    }
}
