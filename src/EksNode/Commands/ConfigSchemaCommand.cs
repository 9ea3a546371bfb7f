using System.CommandLine;
using EksNode.Configuration.Schemas;
using EksNode.Configuration.Sources;

namespace EksNode.Commands;

/// <summary><c>eksnode config schema</c>: the JSON Schema of the documents, for editors and for other validators.</summary>
internal static class ConfigSchemaCommand
{
    /// <summary>The command.</summary>
    public static Command Build(CommandIo io)
    {
        var kind = new Argument<string>("KIND") { Description = "The kind of the document: nodeconfig or imageconfig", DefaultValueFactory = _ => "nodeconfig" };
        kind.AcceptOnlyFromAmong("nodeconfig", "imageconfig");
        var group = new Option<string>("--api-group")
        {
            Description = $"The API group: {ApiGroups.EksNode} or {ApiGroups.NodeEks}",
            HelpName = "GROUP",
            DefaultValueFactory = _ => ApiGroups.EksNode,
        };
        group.AcceptOnlyFromAmong(ApiGroups.EksNode, ApiGroups.NodeEks);
        var command = new Command("schema", "Prints the JSON Schema of a NodeConfig or an ImageConfig, for editors: every setting, and every field of the kubelet's configuration") { kind, group };
        command.Validators.Add(result =>
        {
            // By tokens: a value that is asked for here is not checked by its own validators any more.
            if (result.GetResult(kind) is { Tokens: [{ Value: "imageconfig" }] } && result.GetResult(group) is { Tokens: [{ Value: ApiGroups.NodeEks }] })
            {
                result.AddError($"`--api-group {ApiGroups.NodeEks}` has no ImageConfig: it is of {ApiGroups.EksNode} alone.");
            }
        });
        command.SetAction(parsed =>
        {
            io.Out.WriteLine(parsed.GetValue(kind) == "imageconfig" ? ImageConfigSchema.Write() : NodeConfigSchema.Write(parsed.GetValue(group) == ApiGroups.EksNode));
            return ExitCode.Done;
        });
        return command;
    }
}
