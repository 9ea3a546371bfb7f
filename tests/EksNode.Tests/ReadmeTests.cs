using System.Diagnostics;
using System.Text;

namespace EksNode.Tests;

/// <summary>What the README shows is what the published executable prints.</summary>
public sealed class ReadmeTests
{
    private const string Marker = "<!-- output of: ";
    private const string Fence = "```\n";

    [Fact]
    public void Outputs_in_the_readme_are_real()
    {
        var executable = Environment.GetEnvironmentVariable("EKSNODE_EXE");
        Assert.SkipWhen(string.IsNullOrEmpty(executable), "EKSNODE_EXE does not name the published executable; script/test does.");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "The README shows the owners of files that root writes.");
        var path = Path.Combine(Repository.Root, "README.md");
        var readme = File.ReadAllText(path);
        var actual = new StringBuilder();
        var at = 0;
        for (var marker = readme.IndexOf(Marker, StringComparison.Ordinal); marker >= 0; marker = readme.IndexOf(Marker, at, StringComparison.Ordinal))
        {
            var end = readme.IndexOf(" -->\n", marker, StringComparison.Ordinal);
            var begin = end + " -->\n".Length + Fence.Length;
            actual.Append(readme, at, begin - at).Append(Run(executable!, readme[(marker + Marker.Length)..end]));
            at = readme.IndexOf(Fence, begin, StringComparison.Ordinal);
        }

        Assert.True(at > 0, "The README shows no output.");
        actual.Append(readme, at, readme.Length - at);
        if (Repository.Update)
        {
            File.WriteAllText(path, actual.ToString());
        }

        Assert.True(File.ReadAllText(path) == actual.ToString(), "The README shows another output than eksnode prints: run EKSNODE_UPDATE=1 script/test");
    }

    private static string Run(string executable, string arguments)
    {
        var root = Directory.CreateTempSubdirectory("eksnode-readme-");
        try
        {
            var start = new ProcessStartInfo(executable, [.. arguments.Split(' '), "--root", root.FullName])
            {
                WorkingDirectory = Repository.Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment.Remove("EKSNODE_LOG");
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var text = process.StandardOutput.ReadToEnd() + error.GetAwaiter().GetResult();
            process.WaitForExit();
            return text;
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
