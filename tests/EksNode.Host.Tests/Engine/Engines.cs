using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Engine;

/// <summary>Short words for plans, and the steps of a join as the executable takes them.</summary>
internal static class Engines
{
    public const string Instance = "i-0123456789abcdef0";
    public const string OtherInstance = "i-0fedcba9876543210";

    public static Plan PlanOf(params Resource[] resources) => new([.. resources]);

    public static FileResource FileOf(string path, string content, int mode = 0x1A4, params string[] restarts) => new()
    {
        Path = path,
        Content = [.. Encoding.UTF8.GetBytes(content)],
        Mode = mode,
        Sensitive = mode == 0x180,
        Restarts = [.. restarts],
    };

    public static SymlinkResource LinkOf(string path, string target) => new() { Path = path, Target = target };

    public static DirectoryResource DirectoryOf(string path, int mode = 0x1ED) => new() { Path = path, Mode = mode };

    public static HostsEntryResource HostsOf(string name, params string[] addresses) =>
        new() { Path = "/etc/hosts", HostName = name, Addresses = [.. addresses] };

    public static ReleasedResource ReleasedOf(string path) => new() { Path = path, Owner = "somebody else" };

    public static Changes Diff(this TestRoot host, Plan plan, string? instance = Instance, ApplyPolicy policy = ApplyPolicy.Preserve)
    {
        using var root = host.Open();
        return Differ.Diff(plan, root, AppliedState.Load(root, policy, new DiagnosticBag()), new DiffOptions(instance, policy));
    }

    public static ApplyReport Join(
        this TestRoot host, Plan plan, string? instance = Instance, ApplyPolicy policy = ApplyPolicy.Preserve, IStepObserver? steps = null)
    {
        using var root = host.Open(steps);
        return Applier.Apply(
            root, Differ.Diff(plan, root, AppliedState.Load(root, policy, new DiagnosticBag()), new DiffOptions(instance, policy)));
    }

    public static ImmutableArray<Finding> Verify(this TestRoot host, Plan plan)
    {
        using var root = host.Open();
        return Verifier.Verify(plan, root, AppliedState.Load(root, ApplyPolicy.Preserve, new DiagnosticBag()));
    }

    /// <summary>A join that is killed; false when it came to its end first.</summary>
    public static bool KilledJoin(
        this TestRoot host, Plan plan, IStepObserver steps, string? instance = Instance, ApplyPolicy policy = ApplyPolicy.Preserve)
    {
        try
        {
            host.Join(plan, instance, policy, steps);
            return false;
        }
        catch (KilledException)
        {
            return true;
        }
    }

    public static string[] Codes(this Changes changes) => [.. changes.Diagnostics.Select(d => d.Code)];

    public static string State(this TestRoot host) => host.Read(AppliedState.FilePath);
}
