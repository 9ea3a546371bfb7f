using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EksNode.Simulation.Systemd;

/// <summary>A terminal that stands in for the serial console: what is written to <see cref="Path"/> is kept in <see cref="Output"/>.</summary>
internal sealed class PseudoTerminal : IDisposable
{
    private const int ReadWriteNoControl = 0x2 | 0x100 | 0x80000;

    private readonly SafeFileHandle master;
    private readonly SafeFileHandle slave;
    private readonly StringBuilder output = new();

    private PseudoTerminal(SafeFileHandle master, SafeFileHandle slave, string path)
    {
        this.master = master;
        this.slave = slave;
        Path = path;
        new Thread(Read) { IsBackground = true, Name = "console" }.Start();
    }

    /// <summary>The terminal's device on this machine: <c>/dev/pts/3</c>.</summary>
    public string Path { get; }

    /// <summary>Everything written so far, with the line ends of a terminal taken out.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString().Replace("\r", "", StringComparison.Ordinal);
            }
        }
    }

    public static PseudoTerminal Open()
    {
        var descriptor = Check(OpenMaster(ReadWriteNoControl), "posix_openpt");
        Check(Grant(descriptor), "grantpt");
        Check(Unlock(descriptor), "unlockpt");
        var name = new byte[64];
        Check(-Name(descriptor, name, (nuint)name.Length), "ptsname_r");
        var path = Encoding.ASCII.GetString(name, 0, Array.IndexOf(name, (byte)0));

        // Held open for reads not to fail while nobody inside has it open.
        var slave = new SafeFileHandle(Check(OpenFile(path, ReadWriteNoControl), path), ownsHandle: true);
        return new PseudoTerminal(new SafeFileHandle(descriptor, ownsHandle: true), slave, path);
    }

    public void Dispose()
    {
        // Closing the last slave ends the read of the master.
        slave.Dispose();
    }

    private void Read()
    {
        var buffer = new byte[4096];
        using (master)
        {
            while (ReadDescriptor(master, buffer, (nuint)buffer.Length) is > 0 and var count)
            {
                lock (output)
                {
                    output.Append(Encoding.UTF8.GetString(buffer, 0, (int)count));
                }
            }
        }
    }

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new InvalidOperationException($"{call} failed with error {Marshal.GetLastPInvokeError()}");

    [DllImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    private static extern int OpenMaster(int flags);

    [DllImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    private static extern int Grant(int descriptor);

    [DllImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    private static extern int Unlock(int descriptor);

    [DllImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    private static extern int Name(int descriptor, byte[] name, nuint size);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "read", SetLastError = true)]
    private static extern nint ReadDescriptor(SafeFileHandle descriptor, byte[] buffer, nuint size);
}
