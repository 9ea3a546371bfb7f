using System.Net.Sockets;
using System.Text;

namespace EksNode.Simulation.Systemd;

/// <summary>One client of the simulated systemd.</summary>
#pragma warning disable CA1001 // RunAsync disposes what it owns.
internal sealed class SimulatedSystemdConnection(SimulatedSystemd systemd, Socket socket)
{
    private const string ManagerPath = "/org/freedesktop/systemd1";
    private const string Manager = "org.freedesktop.systemd1.Manager";
    private const string Systemd = ":1.0";

    private readonly NetworkStream stream = new(socket, ownsSocket: true);
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly List<Task> jobs = [];
    private uint serial;
    private bool subscribed;
    private bool matched;

    /// <summary>Whether signals of jobs are sent to it: on a bus it must have said AddMatch to the bus and Subscribe to systemd.</summary>
    public bool Listens => !systemd.IsBus || (subscribed && matched);

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await AuthenticateAsync(cancellation);
            systemd.Listeners[this] = true;
            while (await DBusWireMessage.ReadAsync(stream, cancellation) is { } call)
            {
                await AnswerAsync(call, cancellation);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client was killed, or the test ended.
        }
        catch (InvalidDataException e)
        {
            systemd.Complaints.Enqueue(e.Message);
        }
        finally
        {
            systemd.Listeners.TryRemove(this, out _);
            await Task.WhenAll(jobs);
            await stream.DisposeAsync();
        }
    }

    private async Task AuthenticateAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        await stream.ReadExactlyAsync(one, cancellation);
        Require(one[0] == 0, "the first byte");
        foreach (var wanted in new[] { "AUTH EXTERNAL ", "BEGIN" })
        {
            line.Clear();
            while (line.Length < 2 || line[^1] != '\n')
            {
                await stream.ReadExactlyAsync(one, cancellation);
                line.Append((char)one[0]);
            }

            Require(line.ToString().StartsWith(wanted, StringComparison.Ordinal) && line[^2] == '\r', "the authentication");
            if (wanted != "BEGIN")
            {
                await stream.WriteAsync("OK 0123456789abcdef0123456789abcdef\r\n"u8.ToArray(), cancellation);
            }
        }
    }

    private async Task AnswerAsync(DBusWireMessage call, CancellationToken cancellation)
    {
        var unit = call.Arguments.Count > 0 && call.Member.EndsWith("Unit", StringComparison.Ordinal) ? call.Arguments[0] : null;
        systemd.Calls.Enqueue(unit is null ? call.Member : $"{call.Member} {unit}");
        Require(call.Destination == (!systemd.IsBus ? "" : call.Member is "Hello" or "AddMatch" ? "org.freedesktop.DBus" : "org.freedesktop.systemd1"), "the destination");
        if (systemd.Faults.TryGetValue(call.Member, out var fault))
        {
            await MisbehaveAsync(call, fault, cancellation);
            return;
        }

        switch (call.Member)
        {
            case "Hello" when systemd.IsBus:
                await ReplyAsync(call, "s", w => w.Text(":1.42"), cancellation);
                break;
            case "AddMatch" when systemd.IsBus:
                matched |= call.Arguments[0].Contains("member='JobRemoved'", StringComparison.Ordinal);
                await ReplyAsync(call, "", null, cancellation);
                break;
            case "Subscribe":
                subscribed = true;
                await ReplyAsync(call, "", null, cancellation);
                break;
            case "LoadUnit" when unit!.Contains('.', StringComparison.Ordinal) && !unit.Contains('/', StringComparison.Ordinal):
                await ReplyAsync(call, "o", w => w.Text(PathOf(unit)), cancellation);
                break;
            case "GetAll" when call.Path.StartsWith(ManagerPath + "/unit/", StringComparison.Ordinal):
                await ReplyAsync(call, "a{sv}", systemd.Find(NameOf(call.Path)).WriteProperties, cancellation);
                break;
            case "StartUnit" or "RestartUnit" or "StopUnit" when systemd.Find(unit!).LoadState != "loaded":
                await ErrorAsync(call, "org.freedesktop.systemd1.NoSuchUnit", $"Unit {unit} not found.", cancellation);
                break;
            case "StartUnit" or "RestartUnit" or "StopUnit":
                Require(call.Arguments is [_, "replace"], "the mode of a job");
                await JobAsync(call, systemd.Find(unit!), cancellation);
                break;
            case "ResetFailedUnit":
                systemd.Find(unit!).ResetFailed();
                await ReplyAsync(call, "", null, cancellation);
                break;
            case "Reload":
                await Task.Delay(systemd.ReloadTime, cancellation);
                systemd.Reload();
                await ReplyAsync(call, "", null, cancellation);
                break;
            case "ListJobs":
                await ReplyAsync(call, "a(usssoo)", w => w.Array(8, a => systemd.Jobs.ToList().ForEach(j =>
                    a.Pad(8).U32(j.Key).Text(j.Value.Unit).Text(j.Value.Type).Text("running").Text(JobPath(j.Key)).Text(PathOf(j.Value.Unit)))), cancellation);
                break;
            default:
                await ErrorAsync(call, "org.freedesktop.DBus.Error.UnknownMethod", $"Unknown method {call.Member} of {call.Path}.", cancellation);
                break;
        }
    }

    private async Task JobAsync(DBusWireMessage call, SimulatedUnit unit, CancellationToken cancellation)
    {
        var id = systemd.NextJob();
        systemd.Jobs[id] = (unit.Name, call.Member.Replace("Unit", "", StringComparison.Ordinal).ToLowerInvariant());
        Task Reply() => ReplyAsync(call, "o", w => w.Text(JobPath(id)), cancellation);
        if (!systemd.SignalFirst)
        {
            await Reply();
        }

        if (systemd.Impostor)
        {
            await SignalAsync(id, unit.Name, "failed", ":1.666", cancellation);
        }

        async Task WorkAsync()
        {
            var result = "done";
            if (call.Member != "StartUnit")
            {
                unit.Stop();
            }

            if (call.Member != "StopUnit" && unit.ActiveState != "active")
            {
                unit.BeginStart();
                if (unit.Start == SimulatedStart.Hangs)
                {
                    return;
                }

                await Task.Delay(unit.StartTime, cancellation);
                result = unit.EndStart();
            }

            systemd.Jobs.TryRemove(id, out _);
            foreach (var listener in systemd.Listeners.Keys.Where(l => l.Listens && !systemd.LosesSignals))
            {
                await listener.SignalAsync(id, unit.Name, result, systemd.IsBus ? Systemd : null, cancellation);
            }
        }

        if (systemd.SignalFirst)
        {
            await WorkAsync();
            await Reply();
            return;
        }

        jobs.Add(Task.Run(
            async () =>
            {
                try
                {
                    await WorkAsync();
                }
                catch (Exception e) when (e is OperationCanceledException or IOException)
                {
                    // The client was killed, or the test ended.
                }
            },
            CancellationToken.None));
    }

    private async Task MisbehaveAsync(DBusWireMessage call, SimulatedSystemdFault fault, CancellationToken cancellation)
    {
        var right = Message(2, call.Serial, null, null, null, "s", w => w.Text("/some/text/that/is/long/enough"), null);
        switch (fault)
        {
            case SimulatedSystemdFault.NoReply:
                break;
            case SimulatedSystemdFault.Close:
                socket.Shutdown(SocketShutdown.Both);
                break;
            case SimulatedSystemdFault.CloseInside:
                await WriteAsync(right.AsMemory(0, right.Length - 5), cancellation);
                socket.Shutdown(SocketShutdown.Both);
                break;
            case SimulatedSystemdFault.Pieces:
                var whole = Message(2, call.Serial, null, null, null, "o", w => w.Text(PathOf(call.Arguments[0])), null);
                foreach (var piece in whole.Chunk(3))
                {
                    await WriteAsync(piece, cancellation);
                    await Task.Delay(1, cancellation);
                }

                break;
            case SimulatedSystemdFault.Garbage:
                await WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), cancellation);
                break;
            case SimulatedSystemdFault.Huge:
                await WriteAsync(new DBusWireWriter(systemd.BigEndian).Byte((byte)(systemd.BigEndian ? 'B' : 'l')).Byte(2).Byte(1).Byte(1).U32(0x7FFFFFF0).U32(1).U32(8).ToArray(), cancellation);
                break;
            case SimulatedSystemdFault.OtherType:
                await WriteAsync(right, cancellation);
                break;
            case SimulatedSystemdFault.LongText:
                await WriteAsync(Message(2, call.Serial, null, null, null, call.Member == "GetAll" ? "a{sv}" : "o", w => w.U32(0xFFFF).Text("short"), null), cancellation);
                break;
            case SimulatedSystemdFault.Error:
                await ErrorAsync(call, "org.freedesktop.DBus.Error.Failed", "told to fail", cancellation);
                break;
        }
    }

    private async Task SignalAsync(uint id, string unit, string result, string? sender, CancellationToken cancellation)
    {
        try
        {
            await WriteAsync(
                Message(4, null, ManagerPath, "JobRemoved", null, "uoss", w => w.U32(id).Text(JobPath(id)).Text(unit).Text(result), sender), cancellation);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // This listener was killed; the others hear it.
        }
    }

    private Task ReplyAsync(DBusWireMessage call, string signature, Action<DBusWireWriter>? body, CancellationToken cancellation) =>
        WriteAsync(Message(2, call.Serial, null, null, null, signature, body, systemd.IsBus ? Systemd : null), cancellation);

    private Task ErrorAsync(DBusWireMessage call, string name, string text, CancellationToken cancellation) =>
        WriteAsync(Message(3, call.Serial, null, null, name, "s", w => w.Text(text), systemd.IsBus ? Systemd : null), cancellation);

    private byte[] Message(byte type, uint? replyTo, string? path, string? member, string? error, string signature, Action<DBusWireWriter>? body, string? sender)
    {
        var big = systemd.BigEndian;
        var content = new DBusWireWriter(big);
        body?.Invoke(content);
        var bytes = content.ToArray();
        var message = new DBusWireWriter(big).Byte((byte)(big ? 'B' : 'l')).Byte(type).Byte(1).Byte(1)
            .U32((uint)bytes.Length).U32(Interlocked.Increment(ref serial));
        message.Array(8, fields =>
        {
            void Text(byte field, string kind, string? value)
            {
                if (value is not null)
                {
                    fields.Pad(8).Byte(field).Signature(kind).Text(value);
                }
            }

            Text(1, "o", path);
            Text(2, "s", member is null ? null : Manager);
            Text(3, "s", member);
            Text(4, "s", error);
            if (replyTo is { } number)
            {
                fields.Pad(8).Byte(5).Signature("u").U32(number);
            }

            Text(7, "s", sender);
            if (signature.Length > 0)
            {
                fields.Pad(8).Byte(8).Signature("g").Signature(signature);
            }
        });
        return message.Pad(8).Raw(bytes).ToArray();
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            await stream.WriteAsync(bytes, cancellation);
        }
        finally
        {
            writing.Release();
        }
    }

    private static void Require(bool right, string what)
    {
        if (!right)
        {
            throw new InvalidDataException(what + " is wrong");
        }
    }

    private static string JobPath(uint id) => FormattableString.Invariant($"{ManagerPath}/job/{id}");

    // Like systemd: what is no letter or digit is its code in hexadecimal.
    private static string PathOf(string unit) =>
        ManagerPath + "/unit/" + string.Concat(Encoding.UTF8.GetBytes(unit).Select(b => char.IsAsciiLetterOrDigit((char)b) ? ((char)b).ToString() : $"_{b:x2}"));

    private static string NameOf(string path)
    {
        var bytes = new List<byte>();
        var escaped = path[(ManagerPath + "/unit/").Length..];
        for (var i = 0; i < escaped.Length; i++)
        {
            if (escaped[i] == '_')
            {
                bytes.Add(Convert.ToByte(escaped.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.Add((byte)escaped[i]);
            }
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
