using System.Reflection;

namespace EksNode.Tests;

/// <summary>src/EksNode/substitutions.xml takes regular expressions out of the executable, which the YAML parser alone may ask for.</summary>
public sealed class RegularExpressionTests
{
    [Fact]
    public void OnlyTheYamlParserRefersToThem()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var users = new List<string>();
        Walk(typeof(CommandLine).Assembly);
        Assert.Contains("Tomlyn", seen);
        Assert.Contains("System.CommandLine", seen);
        Assert.Equal(["SharpYaml"], users);

        void Walk(Assembly assembly)
        {
            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                if (reference.Name == "System.Text.RegularExpressions")
                {
                    users.Add(assembly.GetName().Name!);
                }
                else if ((!reference.Name!.StartsWith("System.", StringComparison.Ordinal) || reference.Name == "System.CommandLine") && seen.Add(reference.Name))
                {
                    Walk(Assembly.Load(reference));
                }
            }
        }
    }
}
