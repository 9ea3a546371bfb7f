using EksNode.Tools.Catalog;

namespace EksNode.Planning.Tests.Facts;

public sealed class InstanceCatalogToolTests
{
    private const string Plain = """
        {"InstanceType":"x9.large","BareMetal":false,"Hypervisor":"nitro","ProcessorInfo":{"SupportedArchitectures":["i386","x86_64"]},
         "VCpuInfo":{"DefaultVCpus":2,"DefaultCores":1,"DefaultThreadsPerCore":2},"MemoryInfo":{"SizeInMiB":8192},
         "NetworkInfo":{"MaximumNetworkInterfaces":3,"MaximumNetworkCards":1,"DefaultNetworkCardIndex":0,
           "NetworkCards":[{"NetworkCardIndex":0,"MaximumNetworkInterfaces":3}],"Ipv4AddressesPerInterface":10,"Ipv6AddressesPerInterface":10}}
        """;

    private const string Gpu = """
        {"InstanceType":"g9.metal","BareMetal":true,"ProcessorInfo":{"SupportedArchitectures":["x86_64"]},
         "VCpuInfo":{"DefaultVCpus":192,"DefaultCores":96,"DefaultThreadsPerCore":2},"MemoryInfo":{"SizeInMiB":2097152},
         "InstanceStorageInfo":{"Disks":[{"SizeInGB":3800,"Count":8,"Type":"ssd"}],"NvmeSupport":"required"},
         "GpuInfo":{"Gpus":[{"Name":"H900","Manufacturer":"NVIDIA","Count":8}],"TotalGpuMemoryInMiB":655360},
         "NetworkInfo":{"MaximumNetworkInterfaces":64,"MaximumNetworkCards":32,"DefaultNetworkCardIndex":1,
           "NetworkCards":[{"NetworkCardIndex":0,"MaximumNetworkInterfaces":9},{"NetworkCardIndex":1,"MaximumNetworkInterfaces":2}],
           "Ipv4AddressesPerInterface":50,"Ipv6AddressesPerInterface":50,"EfaInfo":{"MaximumEfaInterfaces":32}}}
        """;

    private const string Neuron = """
        {"InstanceType":"inf9.xlarge","BareMetal":false,"Hypervisor":"nitro","ProcessorInfo":{"SupportedArchitectures":["arm64"]},
         "VCpuInfo":{"DefaultVCpus":4,"DefaultCores":4,"DefaultThreadsPerCore":1},"MemoryInfo":{"SizeInMiB":8192},
         "InferenceAcceleratorInfo":{"Accelerators":[{"Name":"Inferentia9","Manufacturer":"AWS","Count":1}]},
         "NeuronInfo":{"NeuronDevices":[{"Name":"Inferentia9","Count":1}],"TotalNeuronDeviceMemoryInMiB":32768},
         "NetworkInfo":{"MaximumNetworkInterfaces":4,"MaximumNetworkCards":1,"NetworkCards":[{"NetworkCardIndex":0,"MaximumNetworkInterfaces":4}],
           "Ipv4AddressesPerInterface":15,"Ipv6AddressesPerInterface":15}}
        """;

    private static string Answer(params string[] types) => $"{{\"InstanceTypes\":[{string.Join(',', types)}]}}";

    private static string Spaces(string line) => line.Replace('\t', ';');

    [Fact]
    public void Every_column_comes_from_its_field() => Assert.Equal(
        [
            "x9.large;i386|x86_64;2;1;2;8192;nitro;false;3;3;1;10;10;0;;;0;0;0;0;",
            "g9.metal;x86_64;192;96;2;2097152;;true;2;64;32;50;50;32;NVIDIA;H900;8;655360;8;3800;nvme-ssd",
            "inf9.xlarge;arm64;4;4;1;8192;nitro;false;4;4;1;15;15;0;Neuron;Inferentia9;1;32768;0;0;",
        ],
        DescribeInstanceTypesAnswer.Read(Answer(Plain, Gpu, Neuron), "a.json").Select(r => Spaces(r.ToString())));

    [Fact]
    public void The_table_does_not_depend_on_the_order_of_regions()
    {
        static string Build(params string[] answers)
        {
            var table = new CatalogTable();
            foreach (var row in answers.SelectMany(a => DescribeInstanceTypesAnswer.Read(a, "a.json")))
            {
                table.Add(row, "a.json");
            }

            Assert.Empty(table.Remarks);
            return table.ToString();
        }

        var table = Build(Answer(Plain, Gpu), Answer(Plain, Neuron));
        Assert.Equal(table, Build(Answer(Neuron, Plain), Answer(Gpu)));
        Assert.Equal(["instance_type", "g9.metal", "inf9.xlarge", "x9.large"], table.TrimEnd('\n').Split('\n').Select(l => l.Split('\t')[0]));
    }

    [Fact]
    public void Different_descriptions_and_needless_supplements_are_reported()
    {
        var table = new CatalogTable();
        foreach (var (answer, file) in new[] { (Plain, "a.json"), (Plain.Replace("8192", "9999", StringComparison.Ordinal), "b.json") })
        {
            table.Add(DescribeInstanceTypesAnswer.Read(Answer(answer), file)[0], file);
        }

        var empty = new string('\t', 8);
        table.AddSupplements($"{CatalogTable.Header}\nold.large{empty}8\t\t\t30{new string('\t', 9)}\nx9.large{empty}1\t\t\t1{new string('\t', 9)}\n", "s.tsv");
        Assert.Equal(
            ["x9.large is described differently in a.json and b.json; the latter counts.", "s.tsv:3: x9.large is in an answer now; the line can go."],
            table.Remarks);
        var lines = table.ToString().Split('\n');
        Assert.Equal("old.large;;;;;;;;8;;;30;;;;;;;;;", Spaces(lines[1]));
        Assert.Contains("\t9999\t", lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "a.json: no JSON")]
    [InlineData("[]", "a.json: there is no list InstanceTypes.")]
    [InlineData("{\"InstanceTypes\":[{\"InstanceType\":\"y.large\"}]}", "a.json: y.large lacks its network limits.")]
    [InlineData("{\"InstanceTypes\":[{}]}", "a.json: a type without a name lacks its network limits.")]
    public void What_is_no_answer_is_an_error(string json, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<InvalidDataException>(() => DescribeInstanceTypesAnswer.Read(json, "a.json")).Message);

    [Fact]
    public void A_table_with_other_columns_is_no_supplement() =>
        Assert.Throws<InvalidDataException>(() => new CatalogTable().AddSupplements("instance_type\n", "s.tsv"));

    [Fact]
    public void The_program_writes_the_table_and_says_how_many_types_it_has()
    {
        var folder = Directory.CreateTempSubdirectory("instance-catalog-");
        try
        {
            var answer = Path.Combine(folder.FullName, "answer.json");
            var supplements = Path.Combine(folder.FullName, "supplements.tsv");
            var output = Path.Combine(folder.FullName, "table.tsv");
            File.WriteAllText(answer, Answer(Plain));
            File.WriteAllText(supplements, CatalogTable.Header + "\n");
            Assert.Equal(0, Program.Main(["--supplements", supplements, "--output", output, answer]));
            Assert.Equal(2, File.ReadAllLines(output).Length);
            Assert.Equal(1, Program.Main(["--supplements", supplements, "--output", output, Path.Combine(folder.FullName, "missing.json")]));
            Assert.Equal(2, Program.Main(["--nonsense"]));
            Assert.Equal(2, Program.Main([]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
