namespace EksNode.Tools.Catalog;

/// <summary>Rewrites <c>data/ec2-instance-types.tsv</c>.</summary>
public static class Program
{
    private const string Usage = """
        Rewrites the table of EC2 instance types from answers of EC2 DescribeInstanceTypes.

        usage: dotnet run --project tools/InstanceCatalog -- [--supplements FILE] [--output FILE] ANSWER.json...

        An answer is what `aws ec2 describe-instance-types --region REGION` prints: give one file for each region (or page).
        A type that several answers describe differently is reported, and the last answer counts.

          --supplements FILE  lines for types that no answer has; data/ec2-instance-types-supplements.tsv
          --output FILE       the table; data/ec2-instance-types.tsv
        """;

    private const int Failed = 1;
    private const int WrongCommandLine = 2;

    /// <summary>Runs the tool.</summary>
    /// <returns>0 done, 1 failed, 2 the command line is wrong.</returns>
    public static int Main(string[] arguments)
    {
        var supplements = "data/ec2-instance-types-supplements.tsv";
        var output = "data/ec2-instance-types.tsv";
        var answers = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--supplements" when i + 1 < arguments.Length:
                    supplements = arguments[++i];
                    break;
                case "--output" when i + 1 < arguments.Length:
                    output = arguments[++i];
                    break;
                case "--help" or "-h":
                    Console.Out.WriteLine(Usage);
                    return 0;
                case var option when option.StartsWith('-'):
                    Console.Error.WriteLine($"{option} is no option, or lacks its value.\n\n{Usage}");
                    return WrongCommandLine;
                case var file:
                    answers.Add(file);
                    break;
            }
        }

        if (answers.Count == 0)
        {
            Console.Error.WriteLine($"No answer is given.\n\n{Usage}");
            return WrongCommandLine;
        }

        try
        {
            var table = new CatalogTable();
            foreach (var file in answers)
            {
                foreach (var row in DescribeInstanceTypesAnswer.Read(File.ReadAllText(file), file))
                {
                    table.Add(row, file);
                }
            }

            table.AddSupplements(File.ReadAllText(supplements), supplements);
            foreach (var remark in table.Remarks)
            {
                Console.Error.WriteLine(remark);
            }

            File.WriteAllText(output, table.ToString());
            Console.Out.WriteLine($"{output}: {table.Count} instance types");
            return 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Console.Error.WriteLine(exception.Message);
            return Failed;
        }
    }
}
