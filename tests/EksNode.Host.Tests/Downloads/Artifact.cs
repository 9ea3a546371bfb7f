using System.Globalization;
using System.Text;

namespace EksNode.Host.Tests.Downloads;

/// <summary>A file of an <see cref="ArtifactServer"/>, and how the server goes wrong with it.</summary>
internal sealed class Artifact(byte[] content)
{
    public byte[] Content { get; set; } = content;

    public string Sha256 => EksNode.Host.Hashing.Sha256.Of(Content);

    /// <summary>What the server calls this version; null: nothing.</summary>
    public string? Tag { get; set; } = "\"one\"";

    /// <summary>Whether the server knows <c>Range</c>.</summary>
    public bool Resumes { get; set; } = true;

    /// <summary>Whether the server knows <c>If-Range</c>.</summary>
    public bool Compares { get; set; } = true;

    /// <summary>Heads that are sent first, one a request, without their last empty line.</summary>
    public Queue<string> First { get; } = [];

    /// <summary>How many bytes of each of the next bodies are sent before the connection ends.</summary>
    public Queue<int> Cuts { get; } = [];

    /// <summary>How many bytes of each of the next bodies are sent before the server falls silent.</summary>
    public Queue<int> Stalls { get; } = [];

    /// <summary>How many bytes more, or less, than there are the head promises.</summary>
    public int Lie { get; set; }

    /// <summary>What <c>Content-Range</c> says instead of the truth.</summary>
    public string? WrongRange { get; set; }

    /// <summary>The wait between two pieces.</summary>
    public TimeSpan Pause { get; set; }

    public int PieceSize { get; set; } = 16 * 1024;

    /// <summary>Is called before each answer.</summary>
    public Action<Artifact>? Asked { get; set; }

    public static Artifact Random(int size, int seed = 1)
    {
        var content = new byte[size];
        new Random(seed).NextBytes(content);
        return new Artifact(content);
    }

    public async Task AnswerAsync(Stream stream, string request, CancellationToken cancellation)
    {
        Asked?.Invoke(this);
        if (First.TryDequeue(out var head))
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {head}\r\nConnection: close\r\n\r\n"), cancellation);
            return;
        }

        var start = Resumes && (Header(request, "If-Range") is not { } wanted || !Compares || wanted == Tag) ? RangeStart(request) : 0;
        if (start > 0 && start >= Content.Length)
        {
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"HTTP/1.1 416 No\r\nContent-Range: bytes */{Content.Length}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), cancellation);
            return;
        }

        var text = new StringBuilder(start > 0 ? "HTTP/1.1 206 Partial\r\n" : "HTTP/1.1 200 OK\r\n");
        if (start > 0)
        {
            text.Append("Content-Range: ").Append(WrongRange ?? $"bytes {start}-{Content.Length - 1}/{Content.Length}").Append("\r\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"Content-Length: {Content.Length - start + Lie}\r\n");
        text.Append(Tag is null ? "" : $"ETag: {Tag}\r\n").Append("Connection: close\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()), cancellation);
        await SendAsync(stream, Content.AsMemory(start), cancellation);
    }

    private static string? Header(string request, string name) =>
        request.Split("\r\n").FirstOrDefault(l => l.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..];

    private static int RangeStart(string request) =>
        Header(request, "Range") is { } range ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;

    private async Task SendAsync(Stream stream, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var stalls = Stalls.TryDequeue(out var end);
        if (stalls || Cuts.TryDequeue(out end))
        {
            body = body[..Math.Min(end, body.Length)];
        }

        for (; !body.IsEmpty; body = body[Math.Min(PieceSize, body.Length)..])
        {
            await stream.WriteAsync(body[..Math.Min(PieceSize, body.Length)], cancellation);
            await Task.Delay(Pause, cancellation);
        }

        await Task.Delay(stalls ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancellation);
    }
}
