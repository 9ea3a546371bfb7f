using System.Net;
using System.Net.Sockets;
using System.Text;
using EksNode.Host.Http;

namespace EksNode.Host.Tests.Http;

public sealed class HttpSenderTests
{
    [Fact]
    public async Task Sends_what_it_is_told_and_reads_the_whole_answer()
    {
        await using var server = RawServer.Sending("HTTP/1.1 418 Teapot\r\nContent-Length: 5\r\nX-One: a\r\nSet-Cookie: c=d\r\nLocation: /x\r\n\r\nhello");

        var answer = Assert.IsType<HttpAnswer>(await SendAsync(new HttpCall
        {
            Method = HttpMethod.Post,
            Address = new Uri(server.Url, "path?q=1"),
            Headers = [new HttpHeader("X-Own", "v w")],
            Body = Encoding.ASCII.GetBytes("a=b"),
            ContentType = "application/x-www-form-urlencoded; charset=utf-8",
        }));

        Assert.Equal((418, "hello", "a"), (answer.Status, Encoding.ASCII.GetString(answer.Body.Span), answer.Header("x-one")));
        var request = Assert.Single(server.Requests);
        Assert.StartsWith("POST /path?q=1 HTTP/1.1\r\n", request);
        Assert.Contains("X-Own: v w\r\n", request);
        Assert.Contains("Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n", request);
        Assert.Contains("User-Agent: eksnode\r\n", request);
        Assert.DoesNotContain("traceparent", request);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", HttpFaultKind.Reset)]
    [InlineData("", HttpFaultKind.Reset)]
    [InlineData("SSH-2.0-x\r\n\r\n", HttpFaultKind.Garbage)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n", HttpFaultKind.TooLarge)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", HttpFaultKind.Garbage)]
    [InlineData("HTTP/1.1 407 Proxy\r\nContent-Length: 0\r\n\r\n", HttpFaultKind.Proxy)]
    public async Task Tells_broken_answers_apart(string answer, HttpFaultKind kind)
    {
        await using var server = RawServer.Sending(answer);

        Assert.Equal(kind, Assert.IsType<HttpFault>(await SendAsync(Get(server.Url))).Kind);
    }

    [Fact]
    public async Task An_answer_without_a_length_is_bounded_too()
    {
        await using var server = new RawServer(async (stream, _, cancel) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), cancel);
            while (true)
            {
                await stream.WriteAsync(new byte[512], cancel);
            }
        });

        Assert.Equal(HttpFaultKind.TooLarge, Assert.IsType<HttpFault>(await SendAsync(Get(server.Url))).Kind);
    }

    [Fact]
    public async Task Silence_after_the_connection_is_a_timeout()
    {
        await using var server = RawServer.Silent();

        var fault = Assert.IsType<HttpFault>(await SendAsync(Get(server.Url, TimeSpan.FromSeconds(1))));

        Assert.Equal((HttpFaultKind.Timeout, "no answer within 1 s"), (fault.Kind, fault.Detail));
    }

    [Fact]
    public async Task Silence_before_the_connection_is_another_one()
    {
        // A full accept queue: further connections are neither accepted nor refused.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var filling = new List<Socket>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
                filling.Add(socket);
                try
                {
                    socket.Connect(listener.LocalEndPoint!);
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
                {
                    // It goes on by itself, until the queue is full.
                }
            }

            var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
            var options = new HttpSenderOptions { ConnectTimeout = TimeSpan.FromMilliseconds(200) };
            var outcome = await SendAsync(Get(new Uri($"http://127.0.0.1:{port}/"), TimeSpan.FromSeconds(20)), options);

            Assert.Equal(HttpFaultKind.ConnectTimeout, Assert.IsType<HttpFault>(outcome).Kind);
        }
        finally
        {
            filling.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public async Task Nobody_listening_is_refused() =>
        Assert.Equal(new HttpFault(HttpFaultKind.Refused, "connection refused"), await SendAsync(Get(new Uri("http://127.0.0.1:9/"))));

    [Fact]
    public async Task A_name_that_does_not_resolve_is_told() =>
        Assert.Equal(HttpFaultKind.NameNotFound, Assert.IsType<HttpFault>(await SendAsync(Get(new Uri("http://no-such-host.invalid/"), TimeSpan.FromSeconds(30)))).Kind);

    [Fact]
    public async Task Cancelling_is_no_fault()
    {
        await using var server = RawServer.Silent();
        using var cancel = new CancellationTokenSource();
        using var sender = new HttpSender(new HttpSenderOptions(), TimeProvider.System);
        var sending = sender.SendAsync(Get(server.Url), cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    [Fact]
    public async Task A_proxy_gets_its_credentials_when_it_asks_for_them()
    {
        await using var proxy = new RawServer((stream, head, cancel) => stream.WriteAsync(
            head.Contains("Proxy-Authorization: Basic am9lOnNlY3JldA==", StringComparison.Ordinal)
                ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray()
                : "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(),
            cancel).AsTask());
        var rules = GoProxy.FromEnvironment(new Dictionary<string, string> { ["HTTP_PROXY"] = $"http://joe:secret@127.0.0.1:{proxy.Port}" });

        var outcome = await SendAsync(Get(new Uri("http://aws.example.com/x")), new HttpSenderOptions { Proxy = rules });

        Assert.Equal(200, Assert.IsType<HttpAnswer>(outcome).Status);
        Assert.All(proxy.Requests, r => Assert.StartsWith("GET http://aws.example.com/x HTTP/1.1", r));
    }

    [Fact]
    public async Task A_fault_on_the_way_names_the_proxy_without_credentials()
    {
        var rules = GoProxy.FromEnvironment(new Dictionary<string, string> { ["HTTPS_PROXY"] = "http://joe:secret@127.0.0.1:9" });

        var fault = Assert.IsType<HttpFault>(await SendAsync(Get(new Uri("https://aws.example.com/")), new HttpSenderOptions { Proxy = rules }));

        Assert.Equal("connection refused through the proxy 127.0.0.1:9", fault.Detail);
    }

    [Fact]
    public async Task A_proxy_that_refuses_the_tunnel_is_told()
    {
        await using var proxy = RawServer.Sending("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        var rules = GoProxy.FromEnvironment(new Dictionary<string, string> { ["HTTPS_PROXY"] = proxy.Url.AbsoluteUri });

        var fault = Assert.IsType<HttpFault>(await SendAsync(Get(new Uri("https://aws.example.com/")), new HttpSenderOptions { Proxy = rules }));

        Assert.Equal(HttpFaultKind.Proxy, fault.Kind);
        Assert.Contains("403", fault.Detail);
    }

    [Fact]
    public void Texts_show_neither_query_nor_values()
    {
        Assert.Equal("GET http://a/b", new HttpCall { Method = HttpMethod.Get, Address = new Uri("http://a/b?X-Amz-Signature=1") }.ToString());
        Assert.Equal("Authorization", new HttpHeader("Authorization", "secret").ToString());
        Assert.Equal("HTTP 200", new HttpAnswer(200, [new HttpHeader("A", "b")], "secret"u8.ToArray()).ToString());
    }

    private static HttpCall Get(Uri address, TimeSpan? timeout = null) =>
        new() { Method = HttpMethod.Get, Address = address, LongestAnswer = 1000, Timeout = timeout ?? TimeSpan.FromSeconds(10) };

    private static async Task<HttpOutcome> SendAsync(HttpCall call, HttpSenderOptions? options = null)
    {
        using var sender = new HttpSender(options ?? new HttpSenderOptions(), TimeProvider.System);
        return await sender.SendAsync(call, TestContext.Current.CancellationToken);
    }
}
