using EksNode.Commands;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Planning;
using EksNode.Rendering;

namespace EksNode.DropIns.Nodeadm;

/// <summary><c>nodeadm config check</c> and <c>nodeadm config dump</c>.</summary>
internal static class NodeadmConfig
{
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

        var document = NodeConfigWriter.Dump(read.Config);
        if (string.IsNullOrEmpty(output))
        {
            var text = JsonWriter.Write(RedactedTree.Of(document, run.Redactor), indent: 0, sortKeys: false);
            return new CommandResult(ExitCode.Done) { WriteText = writer => writer.WriteLine(text) };
        }

        try
        {
            await OwnerFile.WriteAsync(output, JsonWriter.Write(document, indent: 0, sortKeys: false) + "\n", cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            run.Diagnostics.Add(CommandLine.FileUnwritable(output, failure));
        }

        return new CommandResult(ExitCode.Done);
    }
}
