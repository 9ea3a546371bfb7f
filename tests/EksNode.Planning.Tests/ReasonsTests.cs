using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Tests;

public sealed class ReasonsTests
{
    private static readonly Origin origin = Origin.At("user-data", 3, 5);

    [Fact]
    public void A_secret_name_hides_its_value_also_inside_a_list()
    {
        var document = Map(
            ("password", Text("hunter2")),
            ("items", new TreeList([Map(("name", Text("a")), ("token", Text("hunter3")))], origin)));
        var reasons = Reasons.OfLeaves("kubelet", document);
        Assert.Equal(["kubelet.password", "kubelet.items"], reasons.Select(r => r.Setting));
        Assert.Equal(["<redacted>", "[{name: a, token: <redacted>}]"], reasons.Select(r => r.Value));
        Assert.All(reasons, r => Assert.Equal(origin, r.Origin));
    }

    private static TreeScalar Text(string value) => TreeScalar.Of(value, origin);

    private static TreeMap Map(params (string Key, TreeNode Value)[] entries) =>
        new(entries.Select(e => new TreeEntry(e.Key, origin, e.Value)), origin);
}
