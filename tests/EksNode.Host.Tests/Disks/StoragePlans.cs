using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Planning;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;
using EksNode.Planning.Storage;

namespace EksNode.Host.Tests.Disks;

/// <summary>What the planner makes of a configuration of disks.</summary>
internal static class StoragePlans
{
    public static ImmutableArray<StorageResource> Of(string instance, params IEnumerable<BlockDevice> disks)
    {
        var text = "apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    name: demo\n  instance:\n"
            + string.Concat(instance.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => "    " + l + "\n"));
        var bag = new DiagnosticBag();
        var config = ConfigurationReader.Read([new SourceContent("config.yaml", Encoding.UTF8.GetBytes(text), IsUserData: false)], bag).Configuration;
        var facts = new NodeFacts { Host = new HostFacts { BlockDevices = [.. disks] } };
        var resources = ResourceOrder.Sort(new StorageComponent().Plan(new PlanContext(config, facts, null!, bag)));
        Assert.DoesNotContain(bag.Items, d => d.Severity == Severity.Error);
        return [.. resources.Cast<StorageResource>()];
    }

    public static string Volume(string device, string type, params string[] targets) =>
        $"storage:\n  volumes:\n  - device: {device}\n    fsType: {type}\n    mountTargets: [{string.Join(", ", targets)}]\n";
}
