using System.Text;
using System.Text.RegularExpressions;
using EksNode.Configuration.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;
using EksNode.Planning.Tests.Cases;

namespace EksNode.Planning.Tests.Image;

/// <summary><c>docs/image-or-boot.md</c> is what the resources of all cases say of themselves. <c>EKSNODE_UPDATE=1</c> writes it anew.</summary>
public sealed class ImageOrBootTests
{
    private static readonly string Document = Path.Combine(Repository.Root, "docs", "image-or-boot.md");

    [Fact]
    public void The_page_is_the_generated_one()
    {
        var expected = Page();
        if (Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1")
        {
            File.WriteAllText(Document, expected);
        }

        Assert.True(File.Exists(Document) && File.ReadAllText(Document) == expected, $"{Document} is not up to date: run EKSNODE_UPDATE=1 script/test");
    }

    [Fact]
    public void Every_part_of_an_image_says_how_a_node_has_the_same_without_it() =>
        Assert.All(ImagePlanner.Components, c => Assert.NotEmpty(c.AtBoot));

    [Fact]
    public void What_says_its_gain_can_be_baked_in_some_case() =>
        Assert.Empty(Rows().Where(r => r.Resource.Baking is not null && !r.CanBeBaked).Select(r => r.Pattern));

    private static string Page()
    {
        var rows = Rows();
        var text = new StringBuilder("""
            # In the image, or at boot

            Every resource of a node has a phase: an image has it, or a join writes it at boot. What follows from no instance can change its phase: `spec.bake` of an
            [ImageConfig](image.md) names it by its id, by a pattern (`file:/etc/containerd/certs.d/*`), or by the part of a node that plans it (`registries`). `eksnode image plan`
            lists what an image could have in this way. Baking freezes nothing: a join plans the same resource, finds it written, or writes what user data changes.

            This page is generated from the resources of all cases under `tests/cases/`.

            ## Written at boot, and an image can have it

            The cost is why it is not in the image when nothing is said. Some are of the instance in some configurations: with the facts of the last column they stay at boot.

            | resource | part | baking gains | and costs | unless it follows from |
            | --- | --- | --- | --- | --- |

            """);
        foreach (var row in rows.Where(r => r.CanBeBaked))
        {
            text.Append($"| `{row.Pattern}` | {string.Join(", ", row.Components)} | {row.Resource.Baking!.Gain} | {row.Resource.Baking.Cost} | {(row.Needs.Count == 0 ? "-" : Names(row))} |\n");
        }

        text.Append("""

            ## Written at boot only

            | resource | part | why |
            | --- | --- | --- |

            """);
        foreach (var row in rows.Where(r => !r.CanBeBaked))
        {
            text.Append($"| `{row.Pattern}` | {string.Join(", ", row.Components)} | {row.Resource.NotBaked ?? "follows from " + Names(row)} |\n");
        }

        text.Append("""

            ## In every image

            A join neither writes nor installs these.

            | part of an image | how a node has the same at boot |
            | --- | --- |

            """);
        foreach (var component in ImagePlanner.Components)
        {
            text.Append($"| {component.Name} | {component.AtBoot} |\n");
        }

        return text.ToString();
    }

    private static string Names(Row row) => string.Join(", ", row.Needs.Order(StringComparer.Ordinal).Select(n => $"`{n}`"));

    private static List<Row> Rows()
    {
        var rows = new SortedDictionary<string, Row>(StringComparer.Ordinal);
        foreach (var node in CaseInput.Names.Select(n => NodeAtBuildTests.Members(n).Last()).SelectMany(c => Nodes(c.Input, c.Member)))
        {
            foreach (var planned in node.Resources.Where(r => r.Resource is not ReleasedResource))
            {
                var pattern = Pattern(planned.Resource.Id);
                if (!rows.TryGetValue(pattern, out var row))
                {
                    rows.Add(pattern, row = new Row(pattern, planned.Resource));
                }

                row.Components.Add(planned.Component);
                row.CanBeBaked |= planned.CanBeBaked;
                if (planned.NeedsInstance && planned.Resource.NotBaked is null)
                {
                    row.Needs.UnionWith(node.NeedsOf(planned.Resource.Id));
                }
            }
        }

        return [.. rows.Values];
    }

    // An image cannot read the files that a node reads.
    private static IEnumerable<NodeAtBuild> Nodes(CaseInput input, MatrixMember member) =>
        [NodeAtBuildTests.Planned(input, member), NodeAtBuildTests.Planned(input, member, withFiles: false)];

    // What a configuration names, as a word for it.
    private static string Pattern(string id)
    {
        id = Regex.Replace(id, @"/etc/systemd/system/[^/]+\.service\.d/(environment|10-proxy|90-eksnode-limits)\.conf$", "/etc/systemd/system/SERVICE.service.d/$1.conf");
        id = Regex.Replace(id, "^file:/etc/containerd/certs.d/[^/]+/", "file:/etc/containerd/certs.d/REGISTRY/");
        id = Regex.Replace(id, $"^file:{NodePaths.TrustAnchors}/.*", $"file:{NodePaths.TrustAnchors}/NAME.pem");
        return Regex.Replace(id, "^(sysctl|kernel-module|raid|filesystem|mount|hosts):.*", "$1:NAME");
    }

    private sealed class Row(string pattern, Resource resource)
    {
        public string Pattern => pattern;

        public SortedSet<string> Components { get; } = [];

        public Resource Resource => resource;

        public bool CanBeBaked { get; set; }

        public HashSet<string> Needs { get; } = [];
    }
}
