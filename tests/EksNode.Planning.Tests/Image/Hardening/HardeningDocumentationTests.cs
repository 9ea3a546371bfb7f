using System.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Image.Hardening;

namespace EksNode.Planning.Tests.Image.Hardening;

/// <summary>docs/hardening.md has every control, as the plans have it.</summary>
public sealed class HardeningDocumentationTests
{
    private const string Header = "| control | wants | cis-l1 | cis-l2 | Debian | why not |\n| --- | --- | --- | --- | --- | --- |\n";

    [Fact]
    public void R22_The_documentation_has_every_control_with_what_becomes_of_it()
    {
        var path = Path.Combine(Repository.Root, "docs/hardening.md");
        var text = File.ReadAllText(path);
        var first = Plan("profile: cis-l1");
        var second = Plan("profile: cis-l2");
        var debian = Plan("profile: cis-l2\n  base: {distribution: debian}");
        var table = new StringBuilder(Header);
        foreach (var control in second.Controls)
        {
            var (one, other) = (Find(first, control), Find(debian, control)!);
            List<string> reasons = [];
            Add("", one);
            Add("", control);
            Add(other.Reason.StartsWith("Debian", StringComparison.Ordinal) ? "" : "Debian: ", other);
            table.Append("| ").Append(control.Number).Append(" | ").Append(control.Title)
                .Append(" | ").Append(one is null ? "-" : ImageControl.Word(one.Status))
                .Append(" | ").Append(ImageControl.Word(control.Status))
                .Append(" | ").Append(ImageControl.Word(other.Status))
                .Append(" | ").AppendJoin("; ", reasons).Append(" |\n");

            void Add(string prefix, ImageControl? of)
            {
                if (of is { Reason.Length: > 0 } && !reasons.Contains(of.Reason))
                {
                    reasons.Add((one is { Reason.Length: > 0 } && control.Reason.Length == 0 && of == one ? "cis-l1: " : prefix) + of.Reason);
                }
            }
        }

        var at = text.IndexOf(Header, StringComparison.Ordinal);
        var expected = (at < 0 ? text : text[..at]) + table;
        if (Environment.GetEnvironmentVariable("EKSNODE_UPDATE") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(File.ReadAllText(path) == expected, "docs/hardening.md is not up to date: run EKSNODE_UPDATE=1 script/test");
    }

    private static ImagePlan Plan(string spec) => ImageHardeningTests.Planned(spec, out _);

    private static ImageControl? Find(ImagePlan image, ImageControl control) => image.Controls.FirstOrDefault(c => c.Id == control.Id);
}
