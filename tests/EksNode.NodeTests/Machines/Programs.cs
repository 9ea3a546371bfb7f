using System.Diagnostics;

namespace EksNode.NodeTests.Machines;

/// <summary>Runs programs of this machine.</summary>
internal static class Programs
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    /// <summary>Runs a short program to its end.</summary>
    /// <returns>Its standard output.</returns>
    /// <exception cref="NodeTestException">It failed, or took more than a minute.</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new NodeTestException($"{program} cannot be started.");
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(Deadline);
        var output = process.StandardOutput.ReadToEndAsync(limited.Token);
        var errors = process.StandardError.ReadToEndAsync(limited.Token);
        try
        {
            await process.WaitForExitAsync(limited.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return process.ExitCode == 0 ? await output : throw new NodeTestException($"{program} {string.Join(' ', arguments)} failed: {await errors}");
    }

    /// <summary>Starts a program that stays, with its output in a file.</summary>
    public static BackgroundProgram Start(string program, IReadOnlyList<string> arguments, string log) => new(program, arguments, log);
}

/// <summary>A program that runs beside the tests until it is disposed.</summary>
internal sealed class BackgroundProgram : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly Process process;
    private readonly Task copying;

    public BackgroundProgram(string program, IReadOnlyList<string> arguments, string log)
    {
        Name = Path.GetFileName(program);
        Log = log;
        process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })
            ?? throw new NodeTestException($"{program} cannot be started.");
        copying = CopyAsync(log);
    }

    public string Name { get; }

    public string Log { get; }

    public bool HasExited => process.HasExited;

    /// <summary>Fails when the program is no longer there.</summary>
    public void EnsureRuns()
    {
        if (process.HasExited)
        {
            throw new NodeTestException($"{Name} ended with {process.ExitCode}:\n{LastLines(20)}");
        }
    }

    public Task WaitAsync(CancellationToken cancellation) => process.WaitForExitAsync(cancellation);

    public string LastLines(int count) => string.Join('\n', File.ReadAllLines(Log).TakeLast(count));

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            using var limited = new CancellationTokenSource(Grace);
            await process.WaitForExitAsync(limited.Token);
        }

        await copying;
        process.Dispose();
    }

    private async Task CopyAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        using var gate = new SemaphoreSlim(1);
        async Task CopyOneAsync(Stream from)
        {
            var buffer = new byte[16 * 1024];
            int length;
            while ((length = await from.ReadAsync(buffer)) > 0)
            {
                await gate.WaitAsync();
                await file.WriteAsync(buffer.AsMemory(0, length));
                await file.FlushAsync();
                gate.Release();
            }
        }

        await Task.WhenAll(CopyOneAsync(process.StandardOutput.BaseStream), CopyOneAsync(process.StandardError.BaseStream));
    }
}
