using System.Collections.Immutable;
using System.Diagnostics;

namespace EksNode.Tests;

public sealed class BoundedInputTests
{
    private static readonly CommandIo Io = new()
    {
        Out = TextWriter.Null,
        Error = TextWriter.Null,
        OpenInput = () => new Endless(),
        Environment = ImmutableDictionary<string, string>.Empty,
        InputDeadline = TimeSpan.FromMilliseconds(200),
    };

    [Fact]
    public async Task A_named_pipe_that_nobody_writes_to_is_given_up()
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-input-").FullName;
        var pipe = Path.Combine(folder, "pipe");
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var read = await new BoundedInput(Io).ReadFileAsync(pipe, TestContext.Current.CancellationToken);
        Assert.Null(read.Bytes);
        Assert.Equal("nothing ended it within 0.2 s", read.Problem);
        // Lets the thread go that waits in open(2).
        await File.WriteAllTextAsync(pipe, "", TestContext.Current.CancellationToken);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Standard_input_without_an_end_is_given_up()
    {
        var io = Io with { InputDeadline = TimeSpan.FromMinutes(1) };
        var read = await new BoundedInput(io).ReadStandardInputAsync(TestContext.Current.CancellationToken);
        Assert.Null(read.Bytes);
        Assert.Equal("it is larger than 16 MiB", read.Problem);
    }

    [Fact]
    public async Task An_empty_file_is_read()
    {
        var path = Path.GetTempFileName();
        var read = await new BoundedInput(Io with { InputDeadline = TimeSpan.FromMinutes(1) }).ReadFileAsync(path, TestContext.Current.CancellationToken);
        Assert.Empty(read.Bytes!);
        File.Delete(path);
    }

    private sealed class Endless : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => count;

        public override int Read(Span<byte> buffer) => buffer.Length;
    }
}
