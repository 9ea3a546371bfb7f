using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EksNode.Host.Tests.Containers;

/// <summary>
/// A registry on loopback with one image, <c>team/app:1</c>, as the OCI distribution specification describes it, that may want a header or a password, or
/// keep quiet.
/// </summary>
internal sealed class ImageRegistry : IAsyncDisposable
{
    private readonly byte[][] blobs = ImageArchive.Blobs();
    private readonly WebApplication application;

    private ImageRegistry()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        application = builder.Build();
        application.Run(AnswerAsync);
    }

    /// <summary>Where it listens: <c>127.0.0.1:1234</c>.</summary>
    public string Host { get; private set; } = "";

    /// <summary>The same as an address: <c>http://127.0.0.1:1234</c>.</summary>
    public string Url => "http://" + Host;

    /// <summary>Whether a request with this value of <c>Authorization</c> (null: without) may read; one that may not gets 401.</summary>
    public Func<string?, bool> Allows { get; set; } = _ => true;

    /// <summary>The value of the header <c>X-Key</c> without which a request gets 403; null: none is wanted.</summary>
    public string? Key { get; set; }

    /// <summary>Whether it takes requests and never answers.</summary>
    public bool Hangs { get; set; }

    /// <summary>The one layer of the image.</summary>
    public byte[] Layer => blobs[0];

    /// <summary>What the layer waits for when half of it is sent; null: it is sent at once.</summary>
    public Task? Half { get; set; }

    /// <summary>Statuses of the next answers, before all is well.</summary>
    public ConcurrentQueue<int> Failures { get; } = [];

    /// <summary>Method, path and query of each request.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public static async Task<ImageRegistry> StartAsync()
    {
        var registry = new ImageRegistry();
        await registry.application.StartAsync();
        registry.Host = new Uri(registry.application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Authority;
        return registry;
    }

    public static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        Requests.Enqueue($"{context.Request.Method} {path}{context.Request.QueryString}");
        if (Hangs)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        if (Key is { } key && context.Request.Headers["X-Key"] != key)
        {
            context.Response.StatusCode = 403;
            return;
        }

        if (!Allows(context.Request.Headers.Authorization.Count == 0 ? null : context.Request.Headers.Authorization.ToString()))
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"registry\"";
            return;
        }

        if (Failures.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            return;
        }

        var name = path[(path.LastIndexOf('/') + 1)..];
        var isManifest = path.StartsWith("/v2/team/app/manifests/", StringComparison.Ordinal);
        var blob = isManifest && name == "1" ? blobs[^1] : Array.Find(blobs, b => ImageArchive.Digest(b) == name);
        if (!path.StartsWith("/v2/team/app/", StringComparison.Ordinal) || blob is null)
        {
            context.Response.StatusCode = 404;
            return;
        }

        context.Response.ContentType = isManifest ? ImageArchive.ManifestType : "application/octet-stream";
        context.Response.Headers["Docker-Content-Digest"] = ImageArchive.Digest(blob);
        context.Response.ContentLength = blob.Length;
        if (context.Request.Method == "HEAD")
        {
            return;
        }

        var first = Half is not null && ReferenceEquals(blob, Layer) ? blob.Length / 2 : 0;
        if (first > 0)
        {
            await context.Response.Body.WriteAsync(blob.AsMemory(0, first));
            await context.Response.Body.FlushAsync();
            await Half!;
        }

        await context.Response.Body.WriteAsync(blob.AsMemory(first));
    }
}
