using System.CommandLine;

namespace EksNode.Commands;

/// <summary><c>eksnode config</c>: commands about configuration that change no node.</summary>
internal static class ConfigCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(CommandIo io) =>
        new("config", "Works on configuration: checks it, shows it with the origin of each value, converts that of other tools")
        {
            ConfigValidateCommand.Build(io),
            ConfigSchemaCommand.Build(io),
            ConfigShowCommand.Build(io),
            ConfigConvertCommand.Build(io),
        };
}
