using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using EksNode.Simulation.Faults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace EksNode.Simulation.Http;

/// <summary>Serves one <see cref="ISimulatedService"/> over HTTP or HTTPS, with faults and a log; on loopback unless an address is asked for.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    // Bytes that are neither XML, JSON, base64 nor UTF-8.
    private static readonly byte[] GarbageBytes = [0x00, 0xff, 0xfe, 0x3c, 0x7b, 0xc3, 0x28, 0x0d, 0x0a, 0x80, 0x81];

    private readonly ISimulatedService service;
    private readonly FaultScript faults;
    private readonly CallLog calls;
    private readonly ConcurrentDictionary<int, byte> proxyPorts;
    private readonly CancellationTokenSource stopping = new();
    private readonly WebApplication application;

    private LoopbackServer(
        ISimulatedService service, FaultScript faults, CallLog calls, ConcurrentDictionary<int, byte> proxyPorts, IPEndPoint at, bool ipv6, X509Certificate2? tls)
    {
        this.service = service;
        this.faults = faults;
        this.calls = calls;
        this.proxyPorts = proxyPorts;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(at, listen =>
            {
                if (tls is not null)
                {
                    listen.UseHttps(tls);
                }
            });
            if (ipv6)
            {
                kestrel.Listen(IPAddress.IPv6Loopback, at.Port);
            }
        });
        if (tls is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        application = builder.Build();
        application.Run(HandleAsync);
    }

    /// <summary>The addresses, IPv4 first.</summary>
    public ImmutableArray<Uri> Addresses { get; private set; } = [];

    public static async Task<LoopbackServer> StartAsync(
        ISimulatedService service, FaultScript faults, CallLog calls, ConcurrentDictionary<int, byte> proxyPorts, IPEndPoint at, bool ipv6,
        X509Certificate2? tls = null)
    {
        var server = new LoopbackServer(service, faults, calls, proxyPorts, at, ipv6, tls);
        await server.application.StartAsync();
        var addresses = server.application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>();
        server.Addresses = [.. addresses.Addresses.Select(address => new Uri(address))];
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        // Requests that hang on purpose end first, or stopping would wait for them.
        await stopping.CancelAsync();
        await application.StopAsync();
        await application.DisposeAsync();
        stopping.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping.Token);
        try
        {
            var request = await ReadAsync(context, ended.Token);
            var name = service.NameOf(request);
            var fault = faults.Next(name);
            var call = calls.Begin(request, name, fault?.ToString());
            if (await SendAsync(context, request, name, fault, ended.Token) is { } status)
            {
                calls.End(call, status);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The caller went away or the simulator stops: nobody waits for this answer.
            context.Abort();
        }
    }

    /// <summary>Sends what the fault wants; the status sent, or null when the caller got no whole answer.</summary>
    private async Task<int?> SendAsync(HttpContext context, SimulatedRequest request, string name, FaultStep? fault, CancellationToken cancellation)
    {
        switch (fault?.Kind)
        {
            case FaultKind.Hang:
                await Task.Delay(Timeout.Infinite, cancellation);
                return null;
            case FaultKind.Reset:
                context.Abort();
                return null;
            case FaultKind.Delay:
                await Task.Delay(fault.Argument, cancellation);
                break;
            default:
                break;
        }

        var response = fault?.Kind switch
        {
            FaultKind.Garbage => service.Answer(request, name, fault) with { Status = 200, Body = GarbageBytes },
            FaultKind.Empty => service.Answer(request, name, fault) with { Status = 200, Body = [] },
            FaultKind.Status or FaultKind.Throttle or FaultKind.Expired or FaultKind.Denied => service.Failure(request, name, fault),
            _ => service.Answer(request, name, fault),
        };
        if (response.Status == WithheldStatus)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        await WriteAsync(context, response, fault?.Kind == FaultKind.Truncated, cancellation);
        return fault?.Kind == FaultKind.Truncated ? null : response.Status;
    }

    /// <summary>The status by which a service says that its answer never arrives.</summary>
    public const int WithheldStatus = 0;

    private static async Task WriteAsync(HttpContext context, SimulatedResponse response, bool truncated, CancellationToken cancellation)
    {
        context.Response.StatusCode = response.Status;
        context.Response.ContentType = response.ContentType;
        context.Response.ContentLength = response.Body.Length;
        foreach (var (name, value) in response.Headers)
        {
            context.Response.Headers.Append(name, value);
        }

        if (!truncated)
        {
            await context.Response.Body.WriteAsync(response.Body, cancellation);
            await context.Response.CompleteAsync();
            return;
        }

        await context.Response.Body.WriteAsync(response.Body.AsMemory(0, response.Body.Length / 2), cancellation);
        await context.Response.Body.FlushAsync(cancellation);
        context.Abort();
    }

    private async Task<SimulatedRequest> ReadAsync(HttpContext context, CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellation);
        var headers = context.Request.Headers.SelectMany(header => header.Value.Select(value => KeyValuePair.Create(header.Key, value ?? "")));
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return new SimulatedRequest(context.Request.Method, target, [.. headers], body.ToArray())
        {
            Proxied = proxyPorts.ContainsKey(context.Connection.RemotePort),
        };
    }
}
