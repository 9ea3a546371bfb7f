using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Planning;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary>
/// One run of a command: what every command has (log, timeline, redactor, root folder), and how it ends: the diagnostics are
/// printed, whatever happened, and decide the exit code.
/// </summary>
public sealed class CommandRun
{
    private readonly CommandIo io;
    private readonly CommonOptions options;
    private readonly ConsoleLog log;

    private CommandRun(ParseResult parsed, CommonOptions options, CommandIo io)
    {
        this.io = io;
        this.options = options;
        Parsed = parsed;
        Redactor = new Redactor();
        log = options.Log(parsed, io, Redactor, Diagnostics);
        Timeline = new Timeline(io.Clock);
        Request = new PipelineRequest(parsed.GetValue(options.Root) ?? "/", parsed.GetValue(options.Sources) ?? [], parsed.GetValue(options.Facts));
        Output = parsed.GetValue(options.Output);
        Style = new Style(io.Colour(io.OutIsTerminal));
    }

    /// <summary>The parsed command line.</summary>
    public ParseResult Parsed { get; }

    /// <summary>Takes secrets out of whatever is printed.</summary>
    public Redactor Redactor { get; }

    /// <summary>The log.</summary>
    public ILog Log => log;

    /// <summary>How long the steps take.</summary>
    public Timeline Timeline { get; }

    /// <summary>What the pipeline is asked for.</summary>
    public PipelineRequest Request { get; }

    /// <summary>The form of the result.</summary>
    public OutputFormat Output { get; }

    /// <summary>Colours of standard output.</summary>
    public Style Style { get; }

    /// <summary>Everything found so far.</summary>
    public DiagnosticBag Diagnostics { get; } = new();

    /// <summary>Standard output.</summary>
    public TextWriter Out => io.Out;

    /// <summary>Makes the secrets known that stand in the files that would change, before anything of them is shown.</summary>
    /// <param name="changes">The changes.</param>
    public void Learn(Changes changes)
    {
        foreach (var change in changes.Actions)
        {
            if (change.Before is { IsText: true } before)
            {
                foreach (var secret in WrittenSecrets.In(change.Path, Encoding.UTF8.GetString(before.Content.AsSpan())))
                {
                    Redactor.Add(secret);
                }
            }
        }
    }

    /// <summary>Makes the messages about the host name paths below its root.</summary>
    /// <param name="diagnostics">What is said of the host.</param>
    internal void AddOfHost(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            Diagnostics.Add(HostPath.InText(diagnostic, Request.Root));
        }
    }

    /// <summary>Runs a command and answers its exit code.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="options">The shared options.</param>
    /// <param name="io">The process.</param>
    /// <param name="command">
    /// The command. It writes its result when it has one and answers its exit code; an error among the diagnostics wins over it.
    /// </param>
    /// <param name="cancellation">Ends the command.</param>
    /// <param name="atEnd">Told the exit code when everything is printed, however the command ended.</param>
    public static async Task<int> RunAsync(
        ParseResult parsed,
        CommonOptions options,
        CommandIo io,
        Func<CommandRun, NodePipeline, CancellationToken, Task<CommandResult>> command,
        CancellationToken cancellation,
        Action<CommandRun, int>? atEnd = null)
    {
        var run = new CommandRun(parsed, options, io);
        CommandResult? result = null;
        try
        {
            using var root = HostRoot.Open(run.Request.Root);
            var pipeline = new NodePipeline(io, root, run);
            result = await command(run, pipeline, cancellation);
        }
        catch (DiagnosticException failure)
        {
            run.Diagnostics.Add(failure.Diagnostic);
            if (failure.InnerException is { } cause)
            {
                run.Log.Write(LogLevel.Debug, "the failure behind it", ("exception", cause.ToString()));
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.Interrupted,
                $"`eksnode {parsed.CommandResult.Command.Name}` was told to end before it was done.",
                "Run it again: it goes on from what is there.");
        }
        catch (OutOfMemoryException)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.OutOfMemory,
                "There is not enough memory.",
                "Look for what uses it, and for a limit of the process (`ulimit -v`, `MemoryMax=`).");
        }
        catch (Exception fault)
        {
            run.Diagnostics.Report(
                DiagnosticCatalogue.InternalFault,
                $"eksnode failed in a way that it should not: {fault.GetType().Name}: {fault.Message}",
                "Please report it with the output of the same command with `--log-level debug`.");
            run.Log.Write(LogLevel.Debug, "fault", ("exception", fault.ToString()));
        }

        var end = ExitCode.Failed;
        try
        {
            run.Finish(result);
            end = result?.ExitCode ?? ExitCode.Failed;
        }
        catch (Exception failure) when (DescriptorStream.IsClosedPipe(failure))
        {
            // Whoever reads has seen enough, of the warnings too; an error is told all the same.
            end = result is { IsVerdict: true, ExitCode: ExitCode.Wrong } ? ExitCode.Wrong : ExitCode.NobodyReads;
            if (run.Diagnostics.HasErrors)
            {
                run.WriteDiagnostics();
            }
        }
        catch (Exception failure) when (StandardStreams.IsFailure(failure))
        {
            run.Diagnostics.Add(CommandLine.OutputUnwritable(failure));
            run.WriteDiagnostics();
        }

        var exit = ExitCode.Of(run.Diagnostics.Items, run.Request.FactsFile is not null);
        exit = exit != ExitCode.Done && result is not { IsVerdict: true, ExitCode: ExitCode.Wrong } ? exit : end;
        atEnd?.Invoke(run, exit);
        return exit;
    }

    // As an object with the result, the diagnostics and the timeline for tools; for people the diagnostics go to standard error.
    private void Finish(CommandResult? result)
    {
        if (result?.WriteWhole is { } whole)
        {
            whole(Out);
            if (!result.WholeHasDiagnostics)
            {
                Out.Flush();
                WriteDiagnostics();
            }

            return;
        }

        if (Output is OutputFormat.Csv or OutputFormat.Markdown)
        {
            (Output == OutputFormat.Csv ? result?.WriteCsv : result?.WriteMarkdown)?.Invoke(Out);
            Out.Flush();
            WriteDiagnostics();
            return;
        }

        if (Output != OutputFormat.Table)
        {
            using var stream = new MemoryStream();
            using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                if (options.ResultIsList)
                {
                    json.WriteStartArray();
                    result?.WriteJson?.Invoke(json);
                    json.WriteEndArray();
                }
                else
                {
                    json.WriteStartObject();
                    result?.WriteJson?.Invoke(json);
                    DiagnosticJson.Write(json, Diagnostics.Items, Redactor);
                    json.WriteEndObject();
                }
            }

            var text = Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
            if (Output == OutputFormat.Yaml && JsonReader.Read(text, "result", 0, Diagnostics) is { } tree)
            {
                text = YamlWriter.Write(tree).TrimEnd('\n');
            }

            Out.WriteLine(text);
            if (options.ResultIsList)
            {
                Out.Flush();
                foreach (var diagnostic in Diagnostics.Items)
                {
                    log.WriteJson(diagnostic);
                }
            }

            return;
        }

        result?.WriteText?.Invoke(Out);
        Out.Flush();
        WriteDiagnostics();
    }

    private void WriteDiagnostics()
    {
        // Errors last, where a terminal shows them; by their place within a severity.
        foreach (var diagnostic in Diagnostics.Items
                     .Where(d => d.Severity != Severity.Info || Log.Writes(LogLevel.Info))
                     .OrderByDescending(d => d.Severity)
                     .ThenBy(d => d.Origin?.Source ?? "", StringComparer.Ordinal)
                     .ThenBy(d => d.Origin?.Part ?? 0)
                     .ThenBy(d => d.Origin?.Line ?? 0))
        {
            log.Write(diagnostic);
        }

        if (Parsed.GetValue(options.Format) == LogFormat.Text && DiagnosticText.Summary(Diagnostics.Items) is { Length: > 0 } summary)
        {
            io.Error.WriteLine(summary);
        }
    }
}

/// <summary>What a command answers.</summary>
/// <param name="ExitCode">Its exit code when no diagnostic is an error.</param>
public sealed record CommandResult(int ExitCode)
{
    /// <summary>Writes the result for people.</summary>
    public Action<TextWriter>? WriteText { get; init; }

    /// <summary>Writes a result that is a list as comma-separated values.</summary>
    public Action<TextWriter>? WriteCsv { get; init; }

    /// <summary>Writes the result as Markdown.</summary>
    public Action<TextWriter>? WriteMarkdown { get; init; }

    /// <summary>Writes the result's members into an open object, or its items into an open array.</summary>
    public Action<Utf8JsonWriter>? WriteJson { get; init; }

    /// <summary>Writes the result in a form of the command's own; null: the common forms.</summary>
    public Action<TextWriter>? WriteWhole { get; init; }

    /// <summary>Whether <see cref="ExitCode.Wrong"/> is a verdict on the configuration: it stands, whatever the diagnostics are about.</summary>
    public bool IsVerdict { get; init; }

    /// <summary>Whether <see cref="WriteWhole"/> writes the diagnostics, too; else they go to standard error.</summary>
    public bool WholeHasDiagnostics { get; init; }
}
