using System.Collections.Immutable;
using System.Text;
using EksNode.Host.Systemd;

namespace EksNode.Host.Tests.Systemd;

/// <summary>Reading D-Bus values: right ones in both byte orders, and wrong ones, which are an error and nothing else.</summary>
public sealed class DBusReaderTests
{
    [Fact]
    public void Values_of_every_kind_are_read()
    {
        // a{sv} with one entry, in big endian, from the specification's rules: the array's length at 8, its first element at 16.
        byte[] bytes = [5, .. "a{sv}"u8, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 1, .. "k"u8, 0, 1, .. "q"u8, 0, 0, 1, 2];
        var map = Assert.IsType<ImmutableArray<KeyValuePair<object, object>>>(Read(bytes, bigEndian: true).Value);
        var entry = Assert.Single(map);
        Assert.Equal("k", entry.Key);
        Assert.Equal(new DBusVariant("q", (ushort)0x0102), entry.Value);
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("a{sv}", true)]
    [InlineData("a(usssoo)", true)]
    [InlineData("a{s(ai)}ay(b)", true)]
    [InlineData("", true)]
    [InlineData("a", false)]
    [InlineData("()", false)]
    [InlineData("(s", false)]
    [InlineData("s)", false)]
    [InlineData("{sv}", false)]
    [InlineData("a{vs}", false)]
    [InlineData("a{s}", false)]
    [InlineData("a{sss}", false)]
    [InlineData("z", false)]
    public void Signatures_are_checked(string signature, bool right)
    {
        var failure = Record.Exception(() => DBusSignature.Check(Encoding.ASCII.GetBytes(signature)));
        Assert.True(right ? failure is null : failure is DBusFormatException, failure?.ToString() ?? "no error");
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        DBusSignature.Check(Encoding.ASCII.GetBytes(new string('a', DBusSignature.MaxDepth) + "y"));
        Assert.Throws<DBusFormatException>(() => DBusSignature.Check(Encoding.ASCII.GetBytes(new string('a', DBusSignature.MaxDepth + 1) + "y")));

        // A variant in a variant in a variant…
        byte[] bytes = [.. Enumerable.Repeat<byte[]>([1, (byte)'v', 0], 100_000).SelectMany(b => b), 1, (byte)'y', 0, 7];
        Assert.Throws<DBusFormatException>(() => Read(bytes));
        Assert.Throws<DBusFormatException>(() => new DBusReader(bytes, bigEndian: false).SkipVariant());
    }

    [Theory]
    [InlineData(new byte[] { 1, (byte)'b', 0, 0, 2, 0, 0, 0 })]
    [InlineData(new byte[] { 1, (byte)'s', 0, 0, 1, 0, 0, 0, 0xFF, 0 })]
    [InlineData(new byte[] { 1, (byte)'s', 0, 0, 1, 0, 0, 0, 65, 66 })]
    [InlineData(new byte[] { 1, (byte)'s', 0, 0, 2, 0, 0, 0, 65, 0, 0 })]
    [InlineData(new byte[] { 1, (byte)'s', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF })]
    [InlineData(new byte[] { 1, (byte)'u', 0, 1, 1, 0, 0, 0 })]
    [InlineData(new byte[] { 2, (byte)'u', (byte)'u', 0, 1, 0, 0, 0, 1, 0, 0, 0 })]
    [InlineData(new byte[] { 2, (byte)'a', (byte)'u', 0, 3, 0, 0, 0, 1, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0 })]
    [InlineData(new byte[] { })]
    public void Wrong_values_are_refused(byte[] bytes) => Assert.Throws<DBusFormatException>(() => Read(bytes));

    [Fact]
    public void Whatever_comes_is_a_message_or_a_format_error()
    {
        var random = new Random(20260101);
        var valid = DBusMessage.Write(7, new DBusCall("a.b", "/a/b", "a.b.C", "D", new DBusBody().String("one").UInt32(5).Strings("x", "yz").Boolean(true)));
        var read = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = (byte[])valid.Clone();
            for (var change = random.Next(4); change >= 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                if (DBusMessage.LengthOf(bytes) != bytes.Length)
                {
                    continue;
                }

                var message = DBusMessage.Parse(bytes);
                var reader = message.Reader(message.Signature);
                reader.Skip(Encoding.ASCII.GetBytes(message.Signature));
                _ = message.ErrorText();
                read++;
            }
            catch (DBusFormatException)
            {
                // What it is for.
            }
        }

        Assert.True(read > 1000);
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = new byte[random.Next(1, 64)];
            random.NextBytes(bytes);
            bytes[0] = (byte)(bytes[0] % 6);
            for (var at = 1; at <= bytes[0] && at < bytes.Length; at++)
            {
                bytes[at] = (byte)"ybnqiuxtdsogva(){}"[bytes[at] % 18];
            }

            _ = Record.Exception(() => Read(bytes)) is null or DBusFormatException ? 0 : throw new InvalidOperationException(Convert.ToHexString(bytes));
        }
    }

    [Fact]
    public void A_call_carries_what_it_was_given()
    {
        var call = new DBusCall("a.b", "/a/b", "a.b.C", "D", new DBusBody().String("ü").Int32(-1).ObjectPath("/x").Strings("x", "yz"), "the subject");
        Assert.Equal("D of the subject", call.ToString());
        var message = DBusMessage.Parse(DBusMessage.Write(7, call));
        Assert.Equal((DBusMessageType.Call, 7u, "/a/b", "a.b.C", "D", "sioas", true), (message.Type, message.Serial, message.Path, message.Interface, message.Member, message.Signature, message.WantsReply));
        var reader = message.Reader("sioas");
        Assert.Equal("ü", reader.String());
        Assert.Equal(-1, reader.Int32());
        Assert.Equal("/x", reader.String());
        var end = reader.ArrayEnd(4);
        Assert.Equal("x", reader.String());
        Assert.Equal("yz", reader.String());
        reader.EndArray(end);
        Assert.Throws<ArgumentException>(() => new DBusBody().String("a\0b"));
        Assert.Throws<DBusFormatException>(() => message.Reader("s"));
    }

    [Theory]
    [InlineData("unix:path=/run/a%20b", "/run/a b")]
    [InlineData("tcp:host=x;unix:guid=12,path=/run/bus;unix:path=/other", "/run/bus")]
    [InlineData("unix:abstract=/tmp/x", "@/tmp/x")]
    [InlineData("unix:path=/run/%zz", null)]
    [InlineData("unix:runtime=yes", null)]
    [InlineData("", null)]
    public void Addresses_name_a_socket(string address, string? socket) => Assert.Equal(socket, DBusAddress.EndPoint(address)?.ToString());

    [Fact]
    public void Paths_become_addresses_and_back()
    {
        foreach (var path in new[] { "/run/dbus/system_bus_socket", "/tmp/a b,c;d=e%f/ü" })
        {
            Assert.Equal(path, DBusAddress.EndPoint(DBusAddress.OfPath(path))?.ToString());
        }
    }

    private static DBusVariant Read(byte[] bytes, bool bigEndian = false) => new DBusReader(bytes, bigEndian).Variant();
}
