using System.Collections.Immutable;
using System.Text;
using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode;

/// <summary>
/// Everything that a command takes from the process that runs it. Tests give their own, so that the whole command line runs
/// in one process.
/// </summary>
public sealed record CommandIo
{
    /// <summary>Results.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Everything that is no result: diagnostics, progress, logs.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Opens standard input, for <c>-c -</c>.</summary>
    public required Func<Stream> OpenInput { get; init; }

    /// <summary>The environment variables.</summary>
    public required ImmutableDictionary<string, string> Environment { get; init; }

    /// <summary>Whether <see cref="Out"/> is a terminal.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>How many characters a line of the terminal has that <see cref="Out"/> is; null: it is none, or does not know.</summary>
    public int? OutWidth { get; init; }

    /// <summary>Whether <see cref="Error"/> is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether standard input is a terminal, so that somebody can be asked.</summary>
    public bool InputIsTerminal { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long a file or standard input may take that is a source of configuration or facts: both may be pipes.</summary>
    public TimeSpan InputDeadline { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The value of an environment variable, or null when it is unset or empty.</summary>
    public string? Variable(string name) => Environment.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>Whether text for a terminal may have colour: <c>NO_COLOR</c> (no-color.org) and <c>TERM=dumb</c> say no.</summary>
    public bool Colour(bool isTerminal) => isTerminal && Variable("NO_COLOR") is null && Variable("TERM") != "dumb";

    /// <summary>What the process has.</summary>
    public static CommandIo OfProcess()
    {
        var variables = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return new CommandIo
        {
            Out = WriterOf(new DescriptorStream(1)),
            Error = WriterOf(new DescriptorStream(2, isLog: true)),
            OpenInput = () => new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0),
            Environment = variables.ToImmutable(),
            OutIsTerminal = DescriptorStream.IsTerminal(1),
            OutWidth = DescriptorStream.TerminalWidth(1),
            ErrorIsTerminal = DescriptorStream.IsTerminal(2),
            InputIsTerminal = DescriptorStream.IsTerminal(0),
        };
    }

    // Console's own streams cost a millisecond and a megabyte of every start, for encodings and keys that nothing here needs.
    internal static StreamWriter WriterOf(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
}
