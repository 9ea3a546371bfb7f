using EksNode.Configuration.Values;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;

namespace EksNode.Planning.Tests.Decisions;

public sealed class RecommendedMaxPodsTests
{
    // Values that AWS publishes (the table of the VPC CNI, the user guide's examples), or that follow by hand.
    [Theory]
    [InlineData("t3.nano", "", 4)]
    [InlineData("t3.micro", "", 4)]
    [InlineData("t3.small", "", 11)]
    [InlineData("t3.medium", "", 17)]
    [InlineData("t2.micro", "", 4)]
    [InlineData("m5.large", "", 29)]
    [InlineData("m5.xlarge", "", 58)]
    [InlineData("m5.4xlarge", "", 110)]
    [InlineData("c5.18xlarge", "", 250)]
    [InlineData("m5.metal", "", 250)]
    [InlineData("p4d.24xlarge", "", 250)]
    [InlineData("p5.48xlarge", "", 100)]
    [InlineData("m5.large", "cni=1.9.0 prefix", 110)]
    [InlineData("m5.large", "cni=1.8.9 prefix", 29)]
    [InlineData("m5.large", "custom", 20)]
    [InlineData("m5.large", "custom prefix", 110)]
    [InlineData("c5.18xlarge", "prefix", 250)]
    [InlineData("c5.metal", "prefix", 250)]
    [InlineData("t3.micro", "prefix", 34)]
    [InlineData("t3.micro", "prefix custom", 18)]
    [InlineData("t3.nano", "ipv6", 34)]
    [InlineData("c4.large", "prefix", 29)]
    [InlineData("c4.large", "ipv6", 29)]
    [InlineData("m5.large", "enis=2", 20)]
    [InlineData("m5.large", "enis=2 custom", 11)]
    [InlineData("m5.large", "enis=9", 29)]
    [InlineData("m5.large", "reserved=1", 20)]
    [InlineData("m5.large", "reserved=3", 2)]
    [InlineData("m5.large", "sg", 20)]
    [InlineData("t3.large", "sg", 35)]
    [InlineData("c4.large", "sg", 29)]
    [InlineData("m5.large", "ipv6 custom", 110)]
    [InlineData("c5.18xlarge", "nocap", 737)]
    [InlineData("m5.large", "prefix nocap", 434)]
    [InlineData("m5.large", "prefix cap=300", 300)]
    public void Known_values(string type, string options, int expected) => Assert.Equal(expected, Of(type, options).MaxPods);

    // Every family and size by every combination of options, against a calculation of its own.
    [Fact]
    public void Many_types_and_options_agree_with_an_independent_calculation()
    {
        string[] types =
        [
            "a1.medium", "c1.medium", "c3.8xlarge", "c4.8xlarge", "c5.large", "c5.9xlarge", "c5.18xlarge", "c5n.18xlarge", "c6g.metal", "c7g.16xlarge", "g4dn.xlarge",
            "g5.48xlarge", "hpc7g.16xlarge", "i3en.metal", "i3.large", "i4i.32xlarge", "inf2.48xlarge", "m1.small", "m3.medium", "m5.large", "m5.8xlarge", "m5.metal", "m6i.32xlarge",
            "m7g.medium", "p3dn.24xlarge", "p4d.24xlarge", "p5.48xlarge", "r5.24xlarge", "t2.micro", "t2.xlarge", "t3.nano", "t3.2xlarge", "t4g.small", "trn1.32xlarge", "u-6tb1.56xlarge", "x1.32xlarge", "x2gd.metal", "g4ad.xlarge",
        ];
        string[] versions = ["", "cni=1.7.5", "cni=1.9.0", "cni=1.10.0", "cni=1.19.2"];
        string[] others = ["", "enis=1", "enis=4", "reserved=1", "sg", "nocap", "cap=50"];
        var rows = File.ReadLines(Path.Combine(Repository.Root, "data/ec2-instance-types.tsv")).Select(l => l.Split('\t')).ToDictionary(r => r[0], StringComparer.Ordinal);
        var cases = 0;
        foreach (var type in types)
        {
            foreach (var version in versions)
            {
                foreach (var mode in (string[])["", "prefix", "custom", "prefix custom", "ipv6"])
                {
                    foreach (var other in others)
                    {
                        var options = $"{version} {mode} {other}";
                        var expected = Expected(rows[type], options);
                        Assert.True(expected == Of(type, options).MaxPods, $"{type} {options}: {Of(type, options).MaxPods} instead of {expected}");
                        cases++;
                    }
                }
            }
        }

        Assert.True(cases >= 181);
    }

    [Theory]
    [InlineData("m5.large", "custom prefix", "(3 interfaces − 1 for custom networking) × (10 addresses − 1) × 16 of each prefix + 2 = 290, capped at 110 (2 CPUs, up to 30)")]
    [InlineData("m5.large", "sg reserved=1 cap=5", "(3 interfaces − 1 for the trunk interface − 1 reserved) × (10 addresses − 1) + 2 = 11, capped at 5")]
    [InlineData("m5.large", "", "3 interfaces × (10 addresses − 1) + 2 = 29")]
    public void The_formula_has_the_numbers(string type, string options, string formula) => Assert.Equal(formula, Of(type, options).Formula);

    [Theory]
    [InlineData("m5.large", "prefix cni=1.8.0", "1.9.0")]
    [InlineData("m5.large", "ipv6 cni=1.9.0", "1.10.1")]
    [InlineData("c4.large", "prefix", "Nitro")]
    [InlineData("g4ad.xlarge", "prefix", "not known")]
    [InlineData("m5.large", "ipv6 custom", "IPv4 only")]
    [InlineData("t3.large", "sg", "security groups")]
    [InlineData("m5.large", "reserved=9", "No network interface")]
    [InlineData("g4ad.16xlarge", "", "CPUs of g4ad.16xlarge is not known")]
    public void What_does_not_fit_is_told(string type, string options, string part)
    {
        var warning = Assert.Single(Of(type, options).Warnings);
        Assert.Contains(part, warning.Message, StringComparison.Ordinal);
    }

    private static RecommendedMaxPods Of(string type, string options)
    {
        var words = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return RecommendedMaxPods.Of(
            PodLimits.Of(InstanceCatalog.Find(type)!),
            new PodNetworking
            {
                CniVersion = Value("cni=") is { } version ? SemanticVersion.Find(version) : null,
                PrefixDelegation = words.Contains("prefix"),
                CustomNetworking = words.Contains("custom"),
                Ipv6 = words.Contains("ipv6"),
                SecurityGroupsForPods = words.Contains("sg"),
                MaxEnis = Number("enis="),
                ReservedEnis = Number("reserved=") ?? 0,
                Cap = words.Contains("nocap") ? int.MaxValue : Number("cap="),
            },
            type);

        string? Value(string name) => words.FirstOrDefault(w => w.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
        int? Number(string name) => Value(name) is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;
    }

    // Written from the rules, not from the code: columns of the table, words of the options.
    private static int Expected(string[] row, string options)
    {
        bool Has(string word) => (" " + options + " ").Contains(" " + word + " ", StringComparison.Ordinal);
        int At(int column) => row[column].Length == 0 ? 0 : int.Parse(row[column], System.Globalization.CultureInfo.InvariantCulture);
        var nitro = row[6] == "nitro" || row[7] == "true";
        var minor = options.Contains("cni=1.", StringComparison.Ordinal) ? int.Parse(options.Split("cni=1.")[1].Split('.')[0], System.Globalization.CultureInfo.InvariantCulture) : 99;
        var prefix = nitro && ((Has("prefix") && minor >= 9) || (Has("ipv6") && minor >= 11));
        var enis = At(8);
        enis = Has("enis=1") ? Math.Min(enis, 1) : Has("enis=4") ? Math.Min(enis, 4) : enis;
        if (Has("custom"))
        {
            enis--;
        }

        if (Has("reserved=1"))
        {
            enis--;
        }

        if (Has("sg") && nitro && !(row[0][0] == 't' && char.IsDigit(row[0][1])))
        {
            enis--;
        }

        var pods = 2 + (Math.Max(0, enis) * ((At(11) - 1) * (prefix ? 16 : 1)));
        return Has("nocap") ? pods : Math.Min(pods, Has("cap=50") ? 50 : At(2) > 30 ? 250 : 110);
    }
}
