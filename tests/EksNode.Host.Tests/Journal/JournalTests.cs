using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using EksNode.Host.Journal;
using EksNode.Host.Processes;
using EksNode.Simulation.Systemd;

namespace EksNode.Host.Tests.Journal;

public sealed class JournalTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_entry_is_one_datagram_and_several_lines_carry_their_length()
    {
        var folder = Directory.CreateTempSubdirectory("eksnode-journal-");
        try
        {
            var path = Path.Combine(folder.FullName, "socket");
            using var server = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            server.Bind(new UnixDomainSocketEndPoint(path));
            Assert.Null(await new JournalWriter(path).WriteAsync([("MESSAGE", "it works"), ("EKSNODE_RESULT", "a\nb"), ("EMPTY", "")], Cancellation));
            var buffer = new byte[1024];
            var length = await server.ReceiveAsync(buffer, Cancellation);
            byte[] expected = [.. "MESSAGE=it works\nEKSNODE_RESULT\n"u8, 3, 0, 0, 0, 0, 0, 0, 0, .. "a\nb\nEMPTY=\n"u8];
            Assert.Equal(expected, buffer[..length]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_journal_it_says_why()
    {
        Assert.StartsWith("/no/such/socket: ", await new JournalWriter("/no/such/socket").WriteAsync([("MESSAGE", "x")], Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_values_are_cut_between_characters_and_names_are_checked()
    {
        var entry = JournalWriter.Encode([("MESSAGE", new string('é', JournalWriter.MaxValue))]).Span;
        Assert.True(entry.Length <= JournalWriter.MaxValue + 10);
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(entry);
        Assert.EndsWith("é…\n", text, StringComparison.Ordinal);
        Assert.True(JournalWriter.Encode(Enumerable.Repeat(("A", new string('x', 10_000)), 100)).Length <= JournalWriter.MaxEntry);
        foreach (var name in new[] { "", "lower", "_PID", "1A", "A=B", "A\nB", new string('A', 65) })
        {
            Assert.Throws<ArgumentException>(() => JournalWriter.Encode([(name, "x")]));
        }
    }

    [Fact]
    public void Lines_are_read_bounded_and_without_control_characters()
    {
        var output = """
            {"__REALTIME_TIMESTAMP":"1700000000000001","PRIORITY":"3","SYSLOG_IDENTIFIER":"kubelet","MESSAGE":"E1 failed"}
            {"__REALTIME_TIMESTAMP":"1700000000000000","_COMM":"sh","MESSAGE":[27,91,51,49,109,111,10,255]}
            {"__REALTIME_TIMESTAMP":"1700000000000000","MESSAGE":null}
            {"MESSAGE":"LONG"}
            {"MESSAGE":"cut o
            """.Replace("LONG", new string('x', 5000), StringComparison.Ordinal);
        var lines = UnitLog.Parse(output).ToList();
        Assert.Equal(3, lines.Count);
        Assert.Equal(new UnitLogLine(DateTimeOffset.UnixEpoch.AddMicroseconds(1700000000000001), "kubelet", 3, "E1 failed"), lines[0]);
        Assert.Equal("sh: [31mo \uFFFD", lines[1].ToString());
        Assert.Equal(UnitLog.MaxLine, lines[2].Message.Length);
        Assert.DoesNotContain(lines, l => l.Message.Any(char.IsControl));
    }

    [Fact]
    public async Task Without_journalctl_it_says_why()
    {
        var lines = await new UnitLog(new ProgramRunner()) { Program = "/no/such/journalctl" }.LastLinesAsync("a.service", 5, null, Cancellation);
        Assert.Empty(lines.Lines);
        Assert.Equal("/no/such/journalctl is not installed", lines.Problem);
        Assert.Contains("exited with 1", (await new UnitLog(new ProgramRunner()) { Program = "/bin/false" }.LastLinesAsync("a.service", 5, null, Cancellation)).Problem!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_journal_takes_entries_and_gives_a_units_last_lines()
    {
        Assert.SkipUnless(RealSystemd.Missing is null, RealSystemd.Missing ?? "");
        await using var systemd = new RealSystemd();
        systemd.Write("/etc/systemd/system/talks.service", "[Service]\nType=oneshot\nExecStart=/bin/sh -c 'for i in 1 2 3 4 5; do echo line $i; done; printf \"\\\\033[31mred\\\\n\"; exit 9'\n");
        await systemd.BootAsync();
        Assert.Null(await new JournalWriter(systemd.HostPath("/run/systemd/journal/socket")).WriteAsync(
            [("MESSAGE", "node is ready"), ("PRIORITY", "5"), ("EKSNODE_STAGE", "start"), ("EKSNODE_DETAIL", "two\nlines")], Cancellation));
        var found = await systemd.RunAsync("sh", "-c", "journalctl --sync; journalctl -o export EKSNODE_STAGE=start");
        Assert.Contains("MESSAGE=node is ready", found.Output, StringComparison.Ordinal);
        Assert.Contains("PRIORITY=5", found.Output, StringComparison.Ordinal);
        Assert.Contains("two\nlines", found.Output, StringComparison.Ordinal);

        await systemd.RunAsync("systemctl", "start", "talks.service");
        await systemd.RunAsync("journalctl", "--sync");

        // journalctl of the machine inside, through a script that enters it.
        var script = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            await File.WriteAllTextAsync(script, $"#!/bin/sh\nexec nsenter -t {systemd.ProcessId} -m -p -u -i -n -C -r -w -- journalctl \"$@\"\n", Cancellation);
#pragma warning disable CA1416 // A real systemd runs on Linux alone.
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
#pragma warning restore CA1416
            var log = new UnitLog(new ProgramRunner()) { Program = script };
            var lines = await log.LastLinesAsync("talks.service", 50, DateTimeOffset.UtcNow.AddMinutes(-5), Cancellation);
            Assert.Null(lines.Problem);
            var texts = lines.Lines.Select(l => l.Message).ToList();
            Assert.Equal(["line 1", "line 2", "line 3", "line 4", "line 5", "[31mred"], texts.Where(t => t.StartsWith("line", StringComparison.Ordinal) || t.Contains("red", StringComparison.Ordinal)));
            Assert.Contains(lines.Lines, l => l.Identifier == "systemd" && l.Message.Contains("status=9", StringComparison.Ordinal));
            Assert.Equal(2, (await log.LastLinesAsync("talks.service", 2, null, Cancellation)).Lines.Length);
            Assert.Empty((await log.LastLinesAsync("talks.service", 2, DateTimeOffset.UtcNow.AddMinutes(5), Cancellation)).Lines);
        }
        finally
        {
            File.Delete(script);
        }
    }
}
