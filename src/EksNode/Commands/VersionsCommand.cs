using System.CommandLine;
using EksNode.Host.Containers;
using EksNode.Host.Files;
using EksNode.Host.Inventory;
using EksNode.Host.Processes;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary><c>eksnode versions</c>: the versions of everything on this node or in an image. It changes nothing.</summary>
internal static class VersionsCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var options = new CommonOptions(resultIsList: true, hasMarkdown: true);
        var command = new Command("versions", "Lists the versions of this node or an image: programs, kernels and modules, container images, packages");
        options.AddToMachineCommand(command);
        command.SetAction((parsed, cancellation) => CommandRun.RunAsync(
            parsed,
            options,
            io,
            async (run, pipeline, cancel) =>
            {
                using var runtime = RuntimeOf(run, pipeline.Root, io);
                var components = await new NodeInventory(pipeline.Root, new ProgramRunner(), run.Diagnostics).ReadAsync(runtime, cancel);
                return new CommandResult(ExitCode.Done)
                {
                    WriteText = writer => VersionsText.WriteTable(writer, components, run.Style),
                    WriteMarkdown = writer => VersionsText.WriteMarkdown(writer, components),
                    WriteCsv = writer => VersionsText.WriteCsv(writer, components),
                    WriteJson = json => VersionsText.WriteJson(json, components),
                };
            },
            cancellation));
        return command;
    }

    /// <summary>The container runtime of this machine, where it has one that listens; null for every other root.</summary>
    internal static CriClient? RuntimeOf(CommandRun run, HostRoot root, CommandIo io) =>
        Path.GetFullPath(run.Request.Root) == "/" && root.Status(CriClient.ContainerdSocket, followLink: true) is { Kind: FileKind.Special }
            ? new CriClient(CriClient.ContainerdSocket, io.Clock)
            : null;
}
