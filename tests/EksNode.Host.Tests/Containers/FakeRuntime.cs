using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace EksNode.Host.Tests.Containers;

/// <summary>What a fake container runtime answers.</summary>
/// <param name="Message">The bytes of the body, prefix included.</param>
/// <param name="Status">grpc-status; null: none.</param>
/// <param name="Text">grpc-message.</param>
/// <param name="InHeaders">Whether the status is in the headers, as in an answer without a body.</param>
internal sealed record FakeAnswer(byte[] Message, string? Status = "0", string? Text = null, bool InHeaders = false)
{
    public static FakeAnswer Of(string hex) => new([0, .. BitConverter.GetBytes(System.Net.IPAddress.HostToNetworkOrder(hex.Length / 2)), .. Convert.FromHexString(hex)]);
}

/// <summary>A server of gRPC on a Unix socket, made with ASP.NET's HTTP/2.</summary>
internal sealed class FakeRuntime : IAsyncDisposable
{
    private readonly WebApplication application;

    private FakeRuntime(WebApplication application, string socket) => (this.application, Socket) = (application, socket);

    public string Socket { get; }

    public List<(string Path, string ContentType, string? Timeout, string Body)> Calls { get; } = [];

    /// <summary>Of each call, the header with containerd's namespace.</summary>
    public List<string?> Namespaces { get; } = [];

    public static async Task<FakeRuntime> StartAsync(Func<string, CancellationToken, Task<FakeAnswer>> answer, HttpProtocols protocols = HttpProtocols.Http2)
    {
        var socket = Path.Combine(Path.GetTempPath(), $"eksnode-cri-{Guid.NewGuid():N}.sock");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.ListenUnixSocket(socket, l => l.Protocols = protocols));
        var application = builder.Build();
        FakeRuntime runtime = new(application, socket);
        application.Run(async context =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            lock (runtime.Calls)
            {
                runtime.Namespaces.Add(context.Request.Headers["containerd-namespace"]);
                runtime.Calls.Add((context.Request.Path, context.Request.ContentType ?? "", context.Request.Headers["grpc-timeout"], Convert.ToHexString(body.ToArray())));
            }

            var reply = await answer(context.Request.Path, context.RequestAborted);
            context.Response.ContentType = "application/grpc";
            if (reply.InHeaders)
            {
                Add(context.Response.Headers, reply);
                return;
            }

            await context.Response.Body.WriteAsync(reply.Message);
            if (context.Features.Get<IHttpResponseTrailersFeature>() is { } trailers)
            {
                Add(trailers.Trailers, reply);
            }
        });
        await application.StartAsync();
        return runtime;
    }

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
        File.Delete(Socket);
    }

    private static void Add(IHeaderDictionary headers, FakeAnswer reply)
    {
        if (reply.Status is not null)
        {
            headers["grpc-status"] = reply.Status;
        }

        if (reply.Text is not null)
        {
            headers["grpc-message"] = reply.Text;
        }
    }
}
