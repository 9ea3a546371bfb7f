using System.Net.Sockets;
using EksNode.Configuration.Text;

namespace EksNode.Host.Systemd;

/// <content>The two directions of the stream.</content>
public sealed partial class DBusConnection
{
    // org.freedesktop.DBus.Error.UnknownMethod: what a peer is told that calls us. The specification wants an answer.
    private const string UnknownMethod = "org.freedesktop.DBus.Error.UnknownMethod";

    private async Task ReadAllAsync()
    {
        try
        {
            var header = new byte[DBusMessage.FixedHeaderLength];
            while (await ReceiveAsync(header, atStart: true).ConfigureAwait(false))
            {
                var bytes = new byte[DBusMessage.LengthOf(header)];
                header.CopyTo(bytes, 0);
                await ReceiveAsync(bytes.AsMemory(header.Length), atStart: false).ConfigureAwait(false);
                Take(DBusMessage.Parse(bytes));
            }

            Fail(call => DBusFailures.Lost(Server, call, "the other side closed it"));
        }
        catch (DBusFormatException exception)
        {
            Fail(call => DBusFailures.Unreadable(Server, call, exception.Message));
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Fail(call => DBusFailures.Lost(Server, call, exception.Message));
        }
        finally
        {
            // After a fault of a listener, which whoever disposes the connection hears of, no call may wait for what nobody reads.
            Fail(call => DBusFailures.Lost(Server, call, "nobody reads it any more"));
        }
    }

    // False: the stream ended between two messages.
    private async Task<bool> ReceiveAsync(Memory<byte> target, bool atStart)
    {
        for (var length = 0; length < target.Length;)
        {
            var count = await socket.ReceiveAsync(target[length..], ended.Token).ConfigureAwait(false);
            if (count == 0)
            {
                return atStart && length == 0 ? false : throw new DBusFormatException("it closed the connection inside of a message");
            }

            length += count;
        }

        return true;
    }

    private void Take(DBusMessage message)
    {
        switch (message.Type)
        {
            case DBusMessageType.Reply or DBusMessageType.Error:
                Pending? waiting;
                lock (gate)
                {
                    // Nobody waits any more for the answer to a call whose deadline has passed.
                    _ = pending.TryGetValue(message.ReplySerial, out waiting);
                }

                if (message.Type == DBusMessageType.Reply)
                {
                    waiting?.Answer.TrySetResult(message);
                }
                else
                {
                    waiting?.Answer.TrySetException(new DBusErrorException(message.ErrorName ?? "", message.ErrorText()));
                }

                break;
            case DBusMessageType.Signal:
                foreach (var listener in Volatile.Read(ref listeners))
                {
                    listener(message);
                }

                break;
            case DBusMessageType.Call when message.WantsReply:
                _ = RefuseAsync(message);
                break;
            default:
                // Types of later versions are to be ignored.
                break;
        }
    }

    private async Task RefuseAsync(DBusMessage call)
    {
        uint serial;
        lock (gate)
        {
            serial = ++lastSerial == 0 ? ++lastSerial : lastSerial;
        }

        try
        {
            await SendAsync(DBusMessage.WriteError(serial, call, UnknownMethod), ended.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is DiagnosticException or OperationCanceledException)
        {
            // The connection has ended, and every call of ours ends with the reason.
        }
    }

    // Messages leave whole: one that was given up in its middle ends the connection.
    private async Task SendAsync(byte[] message, CancellationToken cancellation)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, cancellation);
        await sending.WaitAsync(cancellation).ConfigureAwait(false);
        ReadOnlyMemory<byte> rest = message;
        try
        {
            while (rest.Length > 0)
            {
                rest = rest[await socket.SendAsync(rest, either.Token).ConfigureAwait(false)..];
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Fail(call => DBusFailures.Lost(Server, call, exception.Message));
        }
        catch (OperationCanceledException)
        {
            if (rest.Length < message.Length)
            {
                Fail(call => DBusFailures.Lost(Server, call, "it took no more messages"));
            }

            cancellation.ThrowIfCancellationRequested();
        }
        finally
        {
            sending.Release();
        }
    }

    // The first reason stays; every call, now and later, ends with it.
    private void Fail(Func<string, Diagnostic> reason)
    {
        Pending[] waiting;
        lock (gate)
        {
            if (failure is not null)
            {
                return;
            }

            failure = reason;
            waiting = [.. pending.Values];
        }

        foreach (var call in waiting)
        {
            call.Answer.TrySetException(new DiagnosticException(reason(call.Name)));
        }

        ended.Cancel();
    }
}
