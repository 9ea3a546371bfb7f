using System.Text.Json;
using EksNode.Aws;
using EksNode.Aws.Identity;
using EksNode.Configuration.Text;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Rendering;

namespace EksNode.Commands;

/// <summary>What the commands that speak for the node are given besides their own arguments.</summary>
internal sealed record IdentitySettings
{
    /// <summary>The root folder of the node, where the image manifest is.</summary>
    public string Root { get; init; } = "/";

    /// <summary>The least level that is logged; null: as <c>EKSNODE_LOG</c> says.</summary>
    public LogLevel? Level { get; init; }

    /// <summary>The form of the log.</summary>
    public LogFormat Format { get; init; }
}

/// <summary>
/// One run of <c>token</c> or <c>credential-provider</c>. The kubelet runs them all the time and reads what they print: they take no
/// configuration, no lock and no facts, and standard output has the answer or nothing.
/// </summary>
internal static class IdentityRun
{
    /// <summary>Runs a command and answers its exit code.</summary>
    /// <param name="settings">What every such command is given.</param>
    /// <param name="io">The process.</param>
    /// <param name="answer">Makes what is printed. What it reports and throws goes to standard error.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<int> RunAsync(
        IdentitySettings settings,
        CommandIo io,
        Func<IdentitySession, DiagnosticBag, CancellationToken, Task<string>> answer,
        CancellationToken cancellation)
    {
        var bag = new DiagnosticBag();
        var level = settings.Level ?? CommonOptions.OfEnvironment(io, bag) ?? LogLevel.Warn;
        var log = new ConsoleLog(io, level, settings.Format, new Redactor());
        try
        {
            using var session = new IdentitySession(new IdentityOptions
            {
                Environment = EnvironmentOf(settings.Root, io),
                Clock = io.Clock,
                Log = log,
            });
            var text = await answer(session, bag, cancellation);
            io.Out.WriteLine(text);
            io.Out.Flush();
        }
        catch (DiagnosticException failure)
        {
            bag.Add(failure.Diagnostic);
            if (failure.InnerException is { } cause)
            {
                log.Write(LogLevel.Debug, "the failure behind it", ("exception", cause.ToString()));
            }
        }
        catch (Exception failure) when (DescriptorStream.IsClosedPipe(failure))
        {
            return ExitCode.NobodyReads;
        }
        catch (Exception failure) when (StandardStreams.IsFailure(failure))
        {
            bag.Add(CommandLine.OutputUnwritable(failure));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            bag.Report(DiagnosticCatalogue.Interrupted, "The command was told to end before it was done.", "Run it again.");
        }
        catch (OutOfMemoryException)
        {
            bag.Report(
                DiagnosticCatalogue.OutOfMemory,
                "There is not enough memory.",
                "Look for what uses it, and for a limit of the process (`ulimit -v`, `MemoryMax=`).");
        }
        catch (Exception fault)
        {
            bag.Report(
                DiagnosticCatalogue.InternalFault,
                $"eksnode failed in a way that it should not: {fault.GetType().Name}: {fault.Message}",
                "Please report it with the output of the same command with `--log-level debug`.");
            log.Write(LogLevel.Debug, "fault", ("exception", fault.ToString()));
        }

        foreach (var diagnostic in bag.Items)
        {
            log.Write(diagnostic);
        }

        return ExitCode.Of(bag.Items, factsGiven: false);
    }

    /// <summary>The environment of the process; on an image in FIPS mode with FIPS endpoints, unless it says otherwise.</summary>
    /// <param name="root">The root folder of the node.</param>
    /// <param name="io">The process.</param>
    public static AwsEnvironment EnvironmentOf(string root, CommandIo io)
    {
        var environment = new AwsEnvironment(io.Environment);
        return environment["AWS_USE_FIPS_ENDPOINT"] is null && IsFipsImage(root) ? environment.With("AWS_USE_FIPS_ENDPOINT", "true") : environment;
    }

    // Of the manifest this one key is read: a mistake elsewhere in it is told by the commands that use the rest, and keeps no image
    // from being pulled.
    private static bool IsFipsImage(string folder)
    {
        if (folder == "/" && !File.Exists(ImageManifest.Path))
        {
            return false;
        }

        using var root = HostRoot.Open(folder);
        if (root.ReadFile(ImageManifest.Path) is not { } bytes)
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("fips", out var fips) && fips.ValueKind == JsonValueKind.True;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
