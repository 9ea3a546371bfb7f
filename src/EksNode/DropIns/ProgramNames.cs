using System.Collections.Immutable;
using System.CommandLine;
using EksNode.Configuration.Text;
using EksNode.DropIns.Nodeadm;

namespace EksNode.DropIns;

/// <summary>What the arguments of another program come to.</summary>
/// <param name="Arguments">The arguments of <c>eksnode</c> that do the same.</param>
internal sealed record DropInCall(ImmutableArray<string> Arguments)
{
    /// <summary>Why there are none: arguments that eksnode does not stand in for, or that are wrong. Null: there are.</summary>
    public Diagnostic? Problem { get; private init; }

    /// <summary>What is printed in place of any call: how the program is called. Null: there is a call.</summary>
    public string? Usage { get; private init; }

    /// <summary>The program's own command tree, which takes its arguments as they are; null: they are arguments of eksnode.</summary>
    public Func<CommandIo, Command>? Tree { get; private init; }

    /// <summary>A call that the program's own command tree takes.</summary>
    /// <param name="tree">Makes the tree.</param>
    /// <param name="arguments">The arguments.</param>
    public static DropInCall Of(Func<CommandIo, Command> tree, IReadOnlyList<string> arguments) => new([.. arguments]) { Tree = tree };

    /// <summary>The call that these arguments of <c>eksnode</c> make.</summary>
    public static DropInCall To(params ReadOnlySpan<string> arguments) => new([.. arguments]);

    /// <summary>No call: its usage is printed.</summary>
    /// <param name="usage">The text.</param>
    public static DropInCall Tell(string usage) => new(ImmutableArray<string>.Empty) { Usage = usage };

    /// <summary>No call: it ends with exit code 2.</summary>
    /// <param name="message">What is wrong with the arguments.</param>
    /// <param name="help">What to do.</param>
    public static DropInCall Refuse(string message, string help) => new(ImmutableArray<string>.Empty)
    {
        Problem = new Diagnostic(
            DiagnosticCatalogue.WrongCommandLine.Code, DiagnosticCatalogue.WrongCommandLine.Severity, message, help),
    };
}

/// <summary>A program in whose place eksnode runs when a link to it has that program's name.</summary>
/// <param name="Name">The name of the link.</param>
/// <param name="Translate">Turns that program's arguments into those of eksnode.</param>
internal sealed record ProgramName(string Name, Func<IReadOnlyList<string>, DropInCall> Translate);

/// <summary>The names under which eksnode runs, each with its arguments: one line for each, and a file beside this one.</summary>
internal static class ProgramNames
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<ProgramName> All { get; } =
    [
        new("aws", AwsCli.Translate),
        new("aws-iam-authenticator", IamAuthenticator.Translate),
        new("ecr-credential-provider", EcrCredentialProvider.Translate),
        new(NodeadmCommand.Name, NodeadmCommand.Translate),
        new(NodeadmInternalCommand.Name, NodeadmInternalCommand.Translate),
    ];

    /// <summary>The arguments of eksnode for a call under some name; a name that is not in the table is eksnode's own.</summary>
    /// <param name="program">The name that it was called by (<c>argv[0]</c>), a path or not; empty when the caller gave none.</param>
    /// <param name="arguments">The arguments.</param>
    public static DropInCall Resolve(string program, IReadOnlyList<string> arguments)
    {
        var name = program.AsSpan(program.LastIndexOf('/') + 1);
        foreach (var known in All)
        {
            if (name.SequenceEqual(known.Name))
            {
                return known.Translate(arguments);
            }
        }

        return new DropInCall([.. arguments]);
    }
}
