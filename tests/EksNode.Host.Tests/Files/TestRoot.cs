using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using EksNode.Host.Files;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace EksNode.Host.Tests.Files;

/// <summary>A folder that stands for a host, removed at the end.</summary>
internal sealed class TestRoot : IDisposable
{
    public TestRoot(bool inMemory = true)
    {
        var parent = inMemory && Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        Folder = System.IO.Path.Combine(parent, "eksnode-test-" + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Folder);
    }

    public string Folder { get; }

    public static void RequireRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");

    public HostRoot Open(IStepObserver? steps = null, bool byHand = false) => HostRoot.Open(Folder, byHand, steps);

    public string At(string path) => Folder + path;

    public TestRoot Write(string path, string content, int mode = 0x1A4)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), content);
        File.SetUnixFileMode(At(path), (UnixFileMode)mode);
        return this;
    }

    public TestRoot Link(string path, string target)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(At(path))!);
        File.CreateSymbolicLink(At(path), target);
        return this;
    }

    public string Read(string path) => File.ReadAllText(At(path));

    public int Mode(string path) => (int)File.GetUnixFileMode(At(path));

    public bool Exists(string path) => File.Exists(At(path)) || Directory.Exists(At(path)) || new FileInfo(At(path)).LinkTarget is not null;

    /// <summary>Everything in the root, one line each: kind, mode, owner, path, content. Times and inodes are left out.</summary>
    public string Tree() => Lines(withTimes: false);

    /// <summary>The same with inode and times of change, to see that nothing was written, not even the same bytes.</summary>
    public string TreeWithTimes() => Lines(withTimes: true);

    public void CopyTo(TestRoot other) => Run("cp", "-a", Folder + "/.", other.Folder);

    public static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    // Links are entries, and never followed.
    private static IEnumerable<FileSystemInfo> Entries(DirectoryInfo directory) => directory
        .EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 })
        .SelectMany(e => e is DirectoryInfo { LinkTarget: null } below ? Entries(below).Prepend(e) : [e]);

    private string Lines(bool withTimes)
    {
        using var root = Open();
        var text = new StringBuilder();
        foreach (var entry in Entries(new DirectoryInfo(Folder)).OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            var path = entry.FullName[Folder.Length..];
            var status = root.Status(path)!;
            var content = status.Kind switch
            {
                FileKind.File => File.ReadAllText(entry.FullName),
                FileKind.Symlink => entry.LinkTarget,
                _ => "",
            };
            text.Append(CultureInfo.InvariantCulture, $"{status.Kind} {Convert.ToString(status.Mode, 8)} {status.User}:{status.Group} {path} {content}");
            if (withTimes)
            {
                text.Append(CultureInfo.InvariantCulture, $" {status.Inode} {status.Modified} {status.Changed}");
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}

/// <summary>Ends a run at its n-th step, as a kill would: nothing is cleaned up.</summary>
internal sealed class KillAt(int step) : IStepObserver
{
    public int Steps { get; private set; }

    public void Before(string step1, string path)
    {
        if (Steps++ == step)
        {
            throw new KilledException();
        }
    }
}

/// <summary>Ends a run before a step of one path.</summary>
internal sealed class KillBefore(string path, params string[] steps) : IStepObserver
{
    public void Before(string step, string at)
    {
        if (at == path && steps.Contains(step))
        {
            throw new KilledException();
        }
    }
}

/// <summary>Stands for SIGKILL. Product code must not catch it.</summary>
internal sealed class KilledException : Exception;

internal static class Native
{
    [DllImport("libc", EntryPoint = "umask")]
    public static extern uint Umask(uint mask);

    [DllImport("libc", EntryPoint = "seteuid")]
    public static extern int SetEffectiveUser(uint user);

    [DllImport("libc", EntryPoint = "lchown", SetLastError = true)]
    private static extern int LChown(byte[] path, uint user, uint group);

    [DllImport("libc", EntryPoint = "lsetxattr", SetLastError = true)]
    private static extern int LSetXattr(byte[] path, byte[] name, byte[] value, nint size, int flags);

    [DllImport("libc", EntryPoint = "lgetxattr", SetLastError = true)]
    private static extern nint LGetXattr(byte[] path, byte[] name, byte[] value, nint size);

    public static void Own(string path, uint user, uint group) => Assert.Equal(0, LChown(Text(path), user, group));

    public static bool SetLabel(string path, string label) =>
        LSetXattr(Text(path), Text("security.selinux"), Text(label), label.Length + 1, 0) == 0;

    public static string? Label(string path)
    {
        var buffer = new byte[256];
        var length = LGetXattr(Text(path), Text("security.selinux"), buffer, buffer.Length);
        return length < 0 ? null : Encoding.UTF8.GetString(buffer, 0, (int)length).TrimEnd('\0');
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
