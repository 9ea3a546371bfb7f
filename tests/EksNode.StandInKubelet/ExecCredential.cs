using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EksNode.StandInKubelet;

/// <summary>The bearer token that the exec plugin gives, asked for again before it expires.</summary>
internal sealed class ExecCredential(ExecPlugin plugin) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim gate = new(1);
    private string? token;
    private DateTimeOffset expires;

    /// <exception cref="KubeletException">The plugin failed, or gave no credential.</exception>
    public async Task<string> TokenAsync(bool renew, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            if (renew || token is null || expires <= DateTimeOffset.UtcNow)
            {
                (token, expires) = Read(await RunAsync(cancellation));
            }

            return token;
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose() => gate.Dispose();

    private (string Token, DateTimeOffset Expires) Read(string output)
    {
        JsonNode? document;
        try
        {
            document = JsonNode.Parse(output);
        }
        catch (JsonException exception)
        {
            throw new KubeletException($"exec plugin: decoding stdout: {exception.Message}");
        }

        if (document?["kind"]?.GetValue<string>() != "ExecCredential" || document["apiVersion"]?.GetValue<string>() != plugin.ApiVersion)
        {
            throw new KubeletException($"exec plugin is configured to use API version {plugin.ApiVersion}, plugin returned version {document?["apiVersion"]}");
        }

        var text = document["status"]?["token"]?.GetValue<string>() ?? throw new KubeletException("exec plugin didn't return a token");
        return document["status"]?["expirationTimestamp"]?.GetValue<string>() is { } expiry
            ? (text, DateTimeOffset.Parse(expiry, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal))
            : (text, DateTimeOffset.MaxValue);
    }

    private async Task<string> RunAsync(CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(plugin.Command, plugin.Arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in plugin.Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = new JsonObject
        {
            ["kind"] = "ExecCredential",
            ["apiVersion"] = plugin.ApiVersion,
            ["spec"] = new JsonObject { ["interactive"] = false },
        }.ToJsonString();
        using var process = Process.Start(start) ?? throw new KubeletException($"exec: executable {plugin.Command} not found");
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(Deadline);
        var output = process.StandardOutput.ReadToEndAsync(limited.Token);
        var errors = process.StandardError.ReadToEndAsync(limited.Token);
        await process.WaitForExitAsync(limited.Token);
        return process.ExitCode == 0
            ? await output
            : throw new KubeletException($"exec: executable {plugin.Command} failed with exit code {process.ExitCode}: {await errors}");
    }
}
