using System.CommandLine;

namespace EksNode.Commands;

/// <summary><c>eksnode image</c>: commands about the image of a node.</summary>
internal static class ImageCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(CommandIo io) => new("image", "Works on the image of a node: what goes into it, and which versions") { ImagePlanCommand.Build(io), ImageValidateCommand.Build(io), ImageSbomCommand.Build(io) };
}
