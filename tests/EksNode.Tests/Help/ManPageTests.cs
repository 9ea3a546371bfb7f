using System.CommandLine;
using System.Diagnostics;
using System.Text;
using EksNode.Help;

namespace EksNode.Tests.Help;

/// <summary>docs/eksnode.1 is the manual page of the command tree, and roff reads it without a warning.</summary>
public sealed class ManPageTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs/eksnode.1");

    [Fact]
    public void The_page_is_that_of_the_command_tree()
    {
        var expected = Render();
        if (Repository.Update)
        {
            File.WriteAllText(Page, expected);
        }

        Assert.True(File.Exists(Page) && File.ReadAllText(Page) == expected, "docs/eksnode.1 is not up to date: run EKSNODE_UPDATE=1 script/test");
    }

    [Fact]
    public async Task Roff_reads_it_without_a_warning()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/groff"), "/usr/bin/groff is not installed.");
        var start = new ProcessStartInfo("/usr/bin/groff", ["-man", "-Tutf8", "-Kutf8", "-ww", Page]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await error);
        Assert.Contains("max", output, StringComparison.Ordinal);
        Assert.Equal(0, process.ExitCode);
    }

    private static string Render()
    {
        var page = new StringBuilder(".\\\" Made from the command tree by a test: EKSNODE_UPDATE=1 script/test\n.TH EKSNODE 1\n.SH NAME\neksnode \\- make an EC2 instance a node of its Amazon EKS cluster\n")
            .Append(".SH SYNOPSIS\n.B eksnode\n.I command\n.RI [ options ]\n.SH DESCRIPTION\n").Append(Text(CommandTree.Root().Description!)).Append('\n').Append(".SH COMMANDS\n");
        foreach (var command in CommandTree.All())
        {
            var path = CommandHelp.PathOf(command);
            if (path.Length == 0)
            {
                continue;
            }

            page.Append(".SS eksnode ").Append(Text(path));
            foreach (var argument in command.Arguments)
            {
                page.Append(' ').Append(Text(argument.Arity.MaximumNumberOfValues > 1 ? $"[{argument.Name}...]" : argument.Name));
            }

            page.Append('\n').Append(Text(command.Description!)).Append('\n');
            foreach (var argument in command.Arguments)
            {
                page.Append(".TP\n.I \"").Append(Text(argument.Name)).Append("\"\n").Append(Text(argument.Description!)).Append('\n');
            }

            foreach (var option in command.Options.Where(o => !o.Hidden))
            {
                var shape = CommandShape.All(command).First(s => s.Path == path).Options.First(o => o.Names[0] == option.Name);
                page.Append(".TP\n.B ").Append(Text(string.Join(", ", shape.Names)));
                page.Append(shape.Kind == ValueKind.None ? "\n" : $" {Text(option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant())}\n").Append(Text(option.Description!)).Append('\n');
            }

            var (notes, examples) = CommandHelp.Of(path);
            if (notes.Count > 0)
            {
                page.Append(".PP\n").AppendJoin('\n', notes.Select(Text)).Append('\n');
            }

            page.Append(".PP\nExamples:\n.PP\n.nf\n.RS\n").AppendJoin('\n', examples.Select(Text)).Append("\n.RE\n.fi\n");
        }

        return page.Append(".SH EXIT STATUS\n.TP\n.B 0\ndone\n.TP\n.B 1\nfailed\n.TP\n.B 2\nthe command line or the configuration is wrong\n.TP\n.B 3\nthere are differences\n.TP\n.B 141\nnobody reads standard output any more, as behind\n.BR head (1)\n").ToString();
    }

    // Dashes that are typed must stay dashes, and a line must not begin with what roff takes for a request.
    private static string Text(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).ReplaceLineEndings(" ");
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? "\\&" + escaped : escaped;
    }
}
