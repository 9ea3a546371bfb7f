using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EksNode.Host.Tests.Disks.Copying;

/// <summary>
/// Everything about a tree as text, found out by other programs and calls than the product's: <c>find</c>, <c>stat</c>, and the
/// attribute calls by path. Names are bytes, here as Latin-1.
/// </summary>
internal static class TreeSnapshot
{
    /// <summary>One line for each name: kind, mode, owner, times, size, link target or device, attributes, content.</summary>
    public static string Of(string folder)
    {
        // Hard links: the number of the first name in order stands for the inode.
        Dictionary<string, string> firstNames = [];
        StringBuilder text = new();
        var entries = Find(folder).Order(StringComparer.Ordinal).ToArray();
        foreach (var entry in entries)
        {
            var fields = entry.Split('|', 9);
            var (name, kind, inode) = (fields[0], fields[1], fields[7]);
            firstNames.TryAdd(inode, name);
            text.Append(CultureInfo.InvariantCulture, $"{name} {kind} {fields[2]} {fields[3]} a={fields[4]} m={fields[5]} ");
            text.Append(kind == "d" ? "" : $"n={fields[6]} first={firstNames[inode]} ");
            text.Append(fields[8]);
            var path = Bytes($"{folder}/{name}");
            text.Append(kind is "b" or "c" ? " device=" + Device(path) : "");
            text.Append(kind == "f" ? $" {Content(path)}" : "");
            foreach (var attribute in Attributes(path))
            {
                text.Append(CultureInfo.InvariantCulture, $" {attribute}={Attribute(path, attribute)}");
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Sets an attribute, also on a link.</summary>
    public static void Set(string path, string attribute, byte[] value) =>
        Assert.True(SetByPath(Bytes(path + "\0"), Bytes(attribute + "\0"), value, value.Length, 0) == 0, $"{attribute}: errno {Marshal.GetLastPInvokeError()}");

    /// <summary>Runs a script, in which names may hold any byte.</summary>
    public static void Script(string folder, string script)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-euc", script]) { WorkingDirectory = folder })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    [DllImport("libc", EntryPoint = "llistxattr", SetLastError = true)]
    private static extern nint List(byte[] path, byte[] names, nint size);

    [DllImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]
    private static extern nint GetByPath(byte[] path, byte[] name, byte[] value, nint size);

    [DllImport("libc", EntryPoint = "lsetxattr", SetLastError = true)]
    private static extern int SetByPath(byte[] path, byte[] name, byte[] value, nint size, int flags);

    private static byte[] Bytes(string latin) => Encoding.Latin1.GetBytes(latin);

    private static string[] Find(string folder) =>
        Output("find", folder, "-printf", "%P|%y|%m|%U:%G|%A@|%T@|%n|%i|%l%s\\0").Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('|')[1] == "d" ? line[..(line.LastIndexOf('|') + 1)] : line).ToArray();

    private static string Device(byte[] path) => Output("stat", "-c", "%t:%T", Encoding.Latin1.GetString(path)).Trim();

    private static string Content(byte[] path)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", "exec cat -- \"$(printf \"$1\")\"", "cat", Escaped(path)])
        {
            RedirectStandardOutput = true,
        })!;
        var hash = Convert.ToHexString(SHA256.HashData(process.StandardOutput.BaseStream));
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return hash;
    }

    private static string Escaped(byte[] path) => string.Concat(path.Select(b => $"\\x{b:x2}"));

    private static string[] Attributes(byte[] path)
    {
        var names = new byte[65536];
        var length = (int)List([.. path, 0], names, names.Length);
        Assert.True(length >= 0, $"llistxattr: errno {Marshal.GetLastPInvokeError()}");
        return Encoding.Latin1.GetString(names, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Where(n => n != "trusted.eksnode.copied" && !n.StartsWith("trusted.SGI_ACL_", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
    }

    private static string Attribute(byte[] path, string name)
    {
        var value = new byte[65536];
        var length = (int)GetByPath([.. path, 0], Bytes(name + "\0"), value, value.Length);
        Assert.True(length >= 0, $"lgetxattr {name}: errno {Marshal.GetLastPInvokeError()}");
        return Convert.ToHexString(value, 0, length);
    }

    private static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.Latin1,
        })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
