using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Processes;
using EksNode.Host.Tests.Files;
using EksNode.Host.Trust;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Trust;

public sealed class TrustExtractionTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eksnode-trust-");

    private string Bundle => At(TrustExtraction.Bundle);

    [Fact]
    public async Task The_store_is_made_after_a_source_came_changed_or_went_and_not_again()
    {
        var programs = new ProgramRunner();
        using var root = HostRoot.Open(folder.FullName);
        var extraction = new TrustExtraction(root, programs, NoLog.Instance) { Program = Program("touch " + Bundle) };
        await RunAsync(0);

        Write(NodePaths.TrustAnchors + "/a.pem");
        Directory.CreateDirectory(Path.GetDirectoryName(Bundle)!);
        await RunAsync(1);
        await RunAsync(1);

        await File.AppendAllTextAsync(At(NodePaths.TrustAnchors + "/a.pem"), "more", TestContext.Current.CancellationToken);
        await RunAsync(2);
        File.Delete(At(NodePaths.TrustAnchors + "/a.pem"));
        await RunAsync(3);
        await RunAsync(3);

        // Of one time, as the files of some images are: nothing says which came first.
        var store = File.GetLastWriteTimeUtc(Bundle);
        Write(NodePaths.TrustAnchors + "/c.pem");
        File.SetLastWriteTimeUtc(Bundle, store);
        File.SetLastWriteTimeUtc(At(NodePaths.TrustAnchors + "/c.pem"), store);
        Directory.SetLastWriteTimeUtc(At(NodePaths.TrustAnchors), store.AddDays(-1));
        await RunAsync(4);
        await RunAsync(4);

        // The clock was set back: the change looks older than the store.
        Write(NodePaths.TrustAnchors + "/b.pem");
        File.SetLastWriteTimeUtc(At(NodePaths.TrustAnchors + "/b.pem"), DateTime.UtcNow.AddDays(-1));
        Directory.SetLastWriteTimeUtc(At(NodePaths.TrustAnchors), DateTime.UtcNow.AddDays(-1));
        await RunAsync(4);
        await RunAsync(5, changed: true);

        async Task RunAsync(int times, bool changed = false)
        {
            FileClock.Pass(); // Times of files have the kernel's tick: what comes before and after must differ.
            await extraction.RunAsync(changed, TestContext.Current.CancellationToken);
            Assert.Equal(times, programs.Started);
            FileClock.Pass();
        }
    }

    [Theory]
    [InlineData("echo no space >&2; exit 1", "exited with 1: no space")]
    [InlineData(null, "could not be started")]
    public async Task A_program_that_fails_or_is_not_there_is_an_error_and_is_run_again(string? script, string what)
    {
        Write(NodePaths.TrustAnchors + "/a.pem");
        using var root = HostRoot.Open(folder.FullName);
        var extraction = new TrustExtraction(root, new ProgramRunner(), NoLog.Instance) { Program = script is null ? At("/missing") : Program(script) };
        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => extraction.RunAsync(changed: false, TestContext.Current.CancellationToken));
        Assert.Equal(DiagnosticCatalogue.TrustNotExtracted.Code, failure.Diagnostic.Code);
        Assert.Contains(what, failure.Diagnostic.Message, StringComparison.Ordinal);
        Assert.True(extraction.IsStale());
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string At(string path) => folder.FullName + path;

    private void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), "certificates");
    }

    private string Program(string script)
    {
        File.WriteAllText(At("/program"), $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(At("/program"), (UnixFileMode)0b111_101_101);
        return At("/program");
    }
}
