using System.Security.Cryptography;
using System.Text;
using EksNode.Host.Files;
using EksNode.Joining;
using EksNode.Simulation.Scenarios;

namespace EksNode.Tests.Wire;

/// <summary>The machine that builds an image is started again before the image is made of it: its units join no cluster, and those of an instance of the image do.</summary>
public sealed class BuilderTests
{
    private const string Product = "sys/class/dmi/id/product_uuid";

    [Fact]
    public async Task A_unit_of_the_machine_that_built_the_image_joins_nothing()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        node.Write(Product, "ec2a1b2c-0000-4000-8000-000000000001\n");
        using (var root = HostRoot.Open(node.Root))
        {
            Assert.False(BuilderGuard.IsBuilder(root));
            BuilderGuard.Mark(root);
            Assert.True(BuilderGuard.IsBuilder(root));
        }

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(node.Read(Product)))) + "\n", node.Read("var/lib/eksnode/image/builder"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, node.ModeOf("var/lib/eksnode/image/builder"));
        var before = node.Snapshot(times: true);
        node.Environment["EKSNODE_UNIT"] = "eksnode-configure.service";
        var result = (await node.RunAsync("join", "--stage", "configure")).Expect(0);
        Assert.True(result.Stderr.Contains("this machine builds an image, and joins no cluster", StringComparison.Ordinal), result.Stderr);
        Assert.Equal(before, node.Snapshot(times: true));

        // An instance of the image.
        node.Write(Product, "ec2ffffc-0000-4000-8000-000000000002\n");
        (await node.RunAsync("join", "--stage", "configure")).Expect(0);
        node.ExpectJoined();
    }

    [Fact]
    public async Task Who_calls_join_by_hand_on_the_builder_joins()
    {
        await using var node = await SimulatedNode.StartAsync(UserData.ManagedNodeGroup());
        node.Write(Product, "ec2a1b2c-0000-4000-8000-000000000001\n");
        using (var root = HostRoot.Open(node.Root))
        {
            BuilderGuard.Mark(root);
        }

        (await node.JoinAsync()).Expect(0);
        node.ExpectJoined();
    }

    [Fact]
    public void A_machine_without_an_id_is_no_builder()
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-builder-");
        try
        {
            using var root = HostRoot.Open(folder.FullName);
            BuilderGuard.Mark(root);
            Assert.False(BuilderGuard.IsBuilder(root));
            Assert.Empty(folder.EnumerateFileSystemInfos());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
