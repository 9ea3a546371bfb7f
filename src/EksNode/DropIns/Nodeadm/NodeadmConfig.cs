using System.Text;
using EksNode.Commands;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning;

namespace EksNode.DropIns.Nodeadm;

/// <summary><c>nodeadm config check</c> and <c>nodeadm config dump</c>.</summary>
internal static class NodeadmConfig
{
    // For root alone, or whoever prints it: a configuration can hold credentials.
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Reads the sources and says what is wrong with them, warnings included. Cluster details may be missing, as long as the name is there: a
    /// join asks EKS for them.
    /// </summary>
    public static async Task<CommandResult> CheckAsync(CommandRun run, NodePipeline pipeline, CancellationToken cancellation)
    {
        if (await pipeline.ReadConfigurationAsync(new ReadOptions(), cancellation) is not { } read)
        {
            return new CommandResult(ExitCode.Wrong);
        }

        NodeConfigRules.CheckRequired(read.Config, run.Diagnostics);
        Planner.Check(read.Config, read.Image, run.Diagnostics);
        return run.Diagnostics.HasErrors
            ? new CommandResult(ExitCode.Wrong)
            : new CommandResult(ExitCode.Done) { WriteText = writer => writer.WriteLine("Configuration is valid") };
    }

    /// <summary>The merged configuration on one line: without its secrets on standard output, with them in a file for the owner alone.</summary>
    public static async Task<CommandResult> DumpAsync(
        CommandRun run, NodePipeline pipeline, string? cachePath, string? output, CancellationToken cancellation)
    {
        pipeline.Memory = string.IsNullOrEmpty(cachePath) ? null : NodeadmCache.Load(pipeline.Root, Path.GetFullPath(cachePath), run.Diagnostics);
        if (await pipeline.ReadConfigurationAsync(new ReadOptions(), cancellation) is not { } read)
        {
            return new CommandResult(ExitCode.Wrong);
        }

        var document = NodeConfigWriter.Document(read.Config);
        if (string.IsNullOrEmpty(output))
        {
            var text = JsonWriter.Write(Redacted(document, run.Redactor), indent: 0, sortKeys: false);
            return new CommandResult(ExitCode.Done) { WriteText = writer => writer.WriteLine(text) };
        }

        try
        {
            await WriteAsync(output, JsonWriter.Write(document, indent: 0, sortKeys: false) + "\n", cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            run.Diagnostics.Add(CommandLine.OutputUnwritable(failure));
        }

        return new CommandResult(ExitCode.Done);
    }

    // The user's own file, where the user wants it: it belongs to no node and to no root.
    private static async Task WriteAsync(string path, string text, CancellationToken cancellation)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        await using var file = new FileStream(path, options);
        // One that was there keeps its mode otherwise.
        File.SetUnixFileMode(file.SafeFileHandle, OwnerOnly);
        await file.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
    }

    // Value by value, since a secret looks different once its quotes are escaped.
    private static TreeNode Redacted(TreeNode node, Redactor redactor) => node switch
    {
        TreeMap map => new TreeMap(map.Entries.Select(e => e with { Value = Redacted(e.Value, redactor) }), map.Origin),
        TreeList list => new TreeList([.. list.Items.Select(i => Redacted(i, redactor))], list.Origin),
        TreeScalar { Kind: ScalarKind.String } text => TreeScalar.Of(redactor.Redact(text.Text), text.Origin),
        _ => node,
    };
}
