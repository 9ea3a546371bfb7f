using System.Text;
using CsCheck;
using EksNode.Configuration.Text;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Facts;

public sealed class FactsFileTests
{
    private static NodeFacts? Read(string text, out DiagnosticBag diagnostics) =>
        FactsFile.Read(text, "facts.json", diagnostics = new DiagnosticBag());

    [Fact]
    public void Everything_that_is_written_is_read_back()
    {
        var text = FactsFile.Write(FullFacts.Value);
        var read = Read(text, out var diagnostics);
        Assert.Empty(diagnostics.Items);
        Assert.Equivalent(FullFacts.Value, read, strict: true);
        Assert.Equal(text, FactsFile.Write(read!));
    }

    [Fact]
    public void Every_property_of_the_records_is_in_the_file()
    {
        FullFacts.AssertNothingIsUnset(FullFacts.Value);
        var text = FactsFile.Write(FullFacts.Value);
        foreach (var name in FullFacts.PropertyNames())
        {
            Assert.Contains($"\"{name}\":", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_not_known_is_left_out()
    {
        Assert.Equal("{\n  \"schemaVersion\": 1\n}\n", FactsFile.Write(new NodeFacts()));
        Assert.Equivalent(new NodeFacts(), Read("{\"schemaVersion\": 1}", out var diagnostics), strict: true);
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public void An_empty_list_of_devices_is_a_fact_and_a_missing_one_is_not()
    {
        var read = Read("{\"schemaVersion\": 1, \"host\": {\"pciDevices\": []}}", out _)!;
        Assert.True(read.Host.PciDevices is { IsEmpty: true });
        Assert.Null(read.Host.BlockDevices);
        Assert.Contains("\"pciDevices\": []", FactsFile.Write(read), StringComparison.Ordinal);
    }

    [Fact]
    public void Null_is_missing() =>
        Assert.Equivalent(
            new NodeFacts(),
            Read("{\"schemaVersion\": 1, \"instance\": {\"id\": null}, \"host\": null, \"instanceType\": null, \"sources\": null}", out _),
            strict: true);

    [Theory]
    [InlineData("{\"schemaVersion\": 1, \"instance\": {\"tipe\": \"m6i.large\"}}", "EKN0752", 1, 35, "Did you mean `type`?")]
    [InlineData("{\"schemaVersion\": 1, \"instances\": {}}", "EKN0752", 1, 22, "Did you mean `instance`?")]
    [InlineData("{\"schemaVersion\": 1,\n \"host\": {\"cpuCount\": \"2\"}}", "EKN0753", 2, 23, "Write a whole number without quotes.")]
    [InlineData("{\"schemaVersion\": 1,\n \"host\": {\"cpuCount\": 0}}", "EKN0753", 2, 23, "Give a number in that range.")]
    [InlineData("{\"schemaVersion\": 1,\n \"host\": {\"memoryBytes\": 1e9}}", "EKN0753", 2, 26, "Write a whole number without quotes.")]
    [InlineData("{\"schemaVersion\": 1,\n \"host\": {\"memoryBytes\": 99999999999999999999}}", "EKN0753", 2, 26, "Give a number in that range.")]
    [InlineData("{\"schemaVersion\": 1, \"host\": []}", "EKN0753", 1, 30, "Write it in braces.")]
    [InlineData("{\"schemaVersion\": 1, \"host\": {\"pciDevices\": {}}}", "EKN0753", 1, 45, "Write it in brackets.")]
    [InlineData("{\"schemaVersion\": 1, \"host\": {\"pciDevices\": [7]}}", "EKN0753", 1, 46, "Write it in braces.")]
    [InlineData("{\"schemaVersion\": 1, \"host\": {\"architecture\": \"x86_64\"}}", "EKN0753", 1, 47, "Give amd64 or arm64.")]
    [InlineData("{\"schemaVersion\": 1, \"host\": {\"cgroupVersion\": 3}}", "EKN0753", 1, 48, "Give a number in that range.")]
    [InlineData("{\"schemaVersion\": 1, \"host\": {\"nvidiaContainerRuntime\": \"yes\"}}", "EKN0753", 1, 57, "Write true or false without quotes.")]
    [InlineData("{\"schemaVersion\": 1, \"instance\": {\"id\": 7}}", "EKN0753", 1, 41, "Put it in quotes.")]
    [InlineData("{\"schemaVersion\": 1, \"instance\": {\"id\": \"\"}}", "EKN0753", 1, 41, "Leave it out when it is not known.")]
    [InlineData("{\"schemaVersion\": 1, \"instance\": {\"ipv6\": [\"::1\", 2]}}", "EKN0753", 1, 51, "Put it in quotes.")]
    [InlineData("{\"schemaVersion\": 1, \"instanceType\": {\"ipv4PerEni\": 10}}", "EKN0753", 1, 38, "Add it.")]
    [InlineData("{\"schemaVersion\": 2}", "EKN0751", 1, 19, "Write it anew with `eksnode facts` of this version.")]
    [InlineData("{}", "EKN0753", 1, 1, "Add it.")]
    [InlineData("[]", "EKN0750", 1, 1, "Give a file that `eksnode facts` wrote.")]
    public void A_mistake_is_named_with_its_place(string text, string code, int line, int column, string help)
    {
        Read(text, out var diagnostics);
        var diagnostic = Assert.Single(diagnostics.Items);
        Assert.Equal((code, line, column, help), (diagnostic.Code, diagnostic.Origin!.Line, diagnostic.Origin.Column, diagnostic.Help));
    }

    [Fact]
    public void A_device_without_its_parts_is_reported_and_left_out()
    {
        var read = Read(
            "{\"schemaVersion\": 1, \"host\": {\"pciDevices\": [{\"address\": \"0000:00:1e.0\", \"vendor\": \"10DE\", \"device\": \"2330\"}]}}",
            out var diagnostics);
        Assert.Equal(
            ["`host.pciDevices[0].class` is missing.", "`host.pciDevices[0].vendor` is not four lower-case hexadecimal digits, as in 10de."],
            diagnostics.Items.Select(d => d.Message));
        Assert.True(read!.Host.PciDevices is { IsEmpty: true });
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"schemaVersion\": 1,}")]
    [InlineData("facts: yaml")]
    public void What_is_no_JSON_is_an_error(string text)
    {
        Assert.Null(Read(text, out var diagnostics));
        Assert.True(diagnostics.HasErrors);
    }

    [Theory]
    [InlineData("apiVersion: eksnode.io/v1alpha1\nkind: NodeConfig\n", "it does not begin as JSON does")]
    [InlineData(" \n", "it is empty")]
    [InlineData("{\"apiVersion\": \"eksnode.io/v1alpha1\", \"kind\": \"NodeConfig\"}", "it has none of its keys")]
    public void What_is_plainly_another_file_is_one_error_that_says_so(string text, string why)
    {
        Assert.Null(Read(text, out var diagnostics));
        var only = Assert.Single(diagnostics.Items);
        Assert.Equal(("EKN0750", "Give a file that `eksnode facts` wrote."), (only.Code, only.Help));
        Assert.Contains(why, only.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_text_is_an_error()
    {
        var diagnostics = new DiagnosticBag();
        Assert.Null(FactsFile.Read([0xff, 0xfe], "facts.json", diagnostics));
        Assert.Equal("EKN0750", Assert.Single(diagnostics.Items).Code);
        Assert.NotNull(FactsFile.Read("{\"schemaVersion\": 1}"u8, "facts.json", new DiagnosticBag()));
    }

    [Fact]
    public void Any_damage_to_a_file_ends_in_facts_or_diagnostics()
    {
        var bytes = Encoding.UTF8.GetBytes(FactsFile.Write(FullFacts.Value));
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Int[0, 20]).Sample(
            (at, value, cut) =>
            {
                var damaged = bytes.ToArray();
                damaged[at] = value;
                var diagnostics = new DiagnosticBag();
                var facts = FactsFile.Read(damaged.AsSpan(0, damaged.Length - cut), "facts.json", diagnostics);
                Assert.True(facts is not null || diagnostics.HasErrors);
            },
            iter: Math.Max(Check.Iter, 3_000));
    }
}
