using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace EksNode.Host.Tests.Containers;

/// <summary>
/// A registry on loopback with one image, <c>team/app:1</c>, as the OCI distribution specification describes it; whoever does not show the
/// right header gets 403.
/// </summary>
internal sealed class LoopbackRegistry : IAsyncDisposable
{
    private readonly byte[][] blobs = ImageArchive.Blobs();
    private readonly WebApplication application;
    private readonly string key;

    private LoopbackRegistry(string key)
    {
        this.key = key;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        application = builder.Build();
        application.Run(AnswerAsync);
    }

    /// <summary>Where it listens: <c>http://127.0.0.1:1234</c>.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Method, path and query of each request.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <param name="key">The value of the header <c>X-Key</c> that opens it.</param>
    public static async Task<LoopbackRegistry> StartAsync(string key)
    {
        var registry = new LoopbackRegistry(key);
        await registry.application.StartAsync();
        registry.Url = registry.application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single();
        return registry;
    }

    public ValueTask DisposeAsync() => application.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        Requests.Enqueue($"{context.Request.Method} {path}{context.Request.QueryString}");
        if (context.Request.Headers["X-Key"] != key)
        {
            context.Response.StatusCode = 403;
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
        if (context.Request.Method != "HEAD")
        {
            await context.Response.Body.WriteAsync(blob);
        }
    }
}
