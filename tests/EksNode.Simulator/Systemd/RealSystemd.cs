#pragma warning disable CA1416 // Namespaces are of Linux alone: RealSystemd.Missing says so elsewhere.
using System.Diagnostics;
using System.Globalization;

namespace EksNode.Simulation.Systemd;

/// <summary>
/// A real systemd as PID 1 of private namespaces, on an overlay over a root file system that is never written. It needs root, and
/// is gone with all its processes and mounts when it is disposed, or when the test process ends in whatever way.
/// </summary>
/// <remarks>
/// Its files can be read and written at <see cref="HostPath"/> and its sockets connected to there. <c>/dev/console</c> is a terminal
/// whose output is in <see cref="Console"/>.
/// </remarks>
public sealed class RealSystemd : IAsyncDisposable
{
    /// <summary>The environment variable that <c>script/systemd-root</c> sets.</summary>
    public const string RootVariable = "EKSNODE_SYSTEMD_ROOT";

    private static readonly TimeSpan upTimeout = TimeSpan.FromSeconds(60);

    private readonly RealSystemdOptions options;
    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-systemd-").FullName;
    private Process? outer;
    private PseudoTerminal? terminal;
    private int pid;

    public RealSystemd(RealSystemdOptions? options = null)
    {
        this.options = options ?? new RealSystemdOptions();
        foreach (var name in new[] { "upper", "work", "root" })
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
        }

        if (!this.options.SystemBus)
        {
            foreach (var unit in new[] { "dbus.socket", "dbus.service" })
            {
                Link("/etc/systemd/system/" + unit, "/dev/null");
            }
        }

        if (this.options.PrivateRelay)
        {
            Write("/etc/systemd/system/private-relay.socket", "[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/private-relay\n");
            Write(
                "/etc/systemd/system/private-relay.service",
                "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/lib/systemd/systemd-socket-proxyd /run/systemd/private\n");
            Link("/etc/systemd/system/sysinit.target.wants/private-relay.socket", "/etc/systemd/system/private-relay.socket");
        }
    }

    /// <summary>Why none can be booted here, for a test that is skipped; null: it can.</summary>
    public static string? Missing { get; } = RealSystemdProbe.Run(Environment.GetEnvironmentVariable(RootVariable), RootVariable);

    /// <summary>The same for another root file system of <c>script/systemd-root</c>.</summary>
    /// <param name="variable">The environment variable that names it.</param>
    public static string? MissingFor(string variable) => RealSystemdProbe.Run(Environment.GetEnvironmentVariable(variable), variable);

    /// <summary>The process id of PID 1, as the tests see it; 0 before it is booted.</summary>
    public int ProcessId => pid;

    /// <summary>The socket that leads to the private one; needs <see cref="RealSystemdOptions.PrivateRelay"/>.</summary>
    public string PrivateRelay => HostPath("/run/private-relay");

    /// <summary>What was written to the console, of all boots.</summary>
    public string Console => consoleOfEarlierBoots + terminal?.Output;

    /// <summary>How long the last boot took until <c>running</c> or <c>degraded</c>.</summary>
    public TimeSpan BootTime { get; private set; }

    private string consoleOfEarlierBoots = "";

    /// <summary>Where a path of it is for the tests: below the overlay's upper folder before it is booted, below its root afterwards.</summary>
    public string HostPath(string path) =>
        pid == 0 ? folder + "/upper" + path : string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/root{path}");

    /// <summary>Writes a file in it, and its folders.</summary>
    public void Write(string path, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead)
    {
        var target = HostPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.WriteAllText(target, text);
        File.SetUnixFileMode(target, mode);
    }

    /// <summary>Copies a file of the tests' machine into it: an executable, say.</summary>
    public void Install(string source, string path)
    {
        var target = HostPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(source, target, overwrite: true);
        File.SetUnixFileMode(target, File.GetUnixFileMode(source));
    }

    /// <summary>Makes a symbolic link in it: enables or masks a unit, say.</summary>
    public void Link(string path, string target)
    {
        var place = HostPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.CreateSymbolicLink(place, target);
    }

    /// <summary>Boots it.</summary>
    /// <param name="waitUntilUp">Whether to wait until the boot has ended.</param>
    public async Task BootAsync(bool waitUntilUp = true)
    {
        if (outer is not null)
        {
            throw new InvalidOperationException("It is booted already.");
        }

        var began = Stopwatch.GetTimestamp();
        terminal = PseudoTerminal.Open();
        outer = Process.Start(StartInfo(terminal.Path)) ?? throw new InvalidOperationException("bash did not start");
        var errors = outer.StandardError.ReadToEndAsync();

        // The first line is the process id of unshare; PID 1 is its only child, once it has forked.
        var line = await outer.StandardOutput.ReadLineAsync().WaitAsync(upTimeout);
        if (!int.TryParse(line, CultureInfo.InvariantCulture, out var unshare))
        {
            throw new InvalidOperationException("systemd did not start: " + await errors);
        }

        while ((pid = ChildOf(unshare)) == 0 || !File.Exists(HostPath("/run/systemd/private")))
        {
            if (outer.HasExited)
            {
                throw new InvalidOperationException($"systemd ended while it started: {await errors}\n{Console}");
            }

            if (Stopwatch.GetElapsedTime(began) > upTimeout)
            {
                throw new TimeoutException("systemd opened no private socket in time:\n" + Console);
            }

            await Task.Delay(5);
        }

        if (waitUntilUp)
        {
            await WaitUntilUpAsync(upTimeout);
            BootTime = Stopwatch.GetElapsedTime(began);
        }
    }

    /// <summary>Waits until the boot has ended, and says how: <c>running</c> or <c>degraded</c>.</summary>
    public async Task<string> WaitUntilUpAsync(TimeSpan timeout)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var state = (await RunAsync("systemctl", "is-system-running")).Output.Trim();
            if (state is "running" or "degraded" or "maintenance")
            {
                return state;
            }

            if (Stopwatch.GetElapsedTime(began) > timeout)
            {
                throw new TimeoutException($"systemd is {state} after {timeout}:\n{(await RunAsync("systemctl", "list-jobs")).Output}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Runs a program inside: in all namespaces and the root of PID 1, but in no unit of it.</summary>
    public Task<RealSystemdResult> RunAsync(params string[] command) => RunAsync(TimeSpan.FromSeconds(60), command);

    /// <summary>The same with another deadline.</summary>
    public async Task<RealSystemdResult> RunAsync(TimeSpan timeout, params string[] command)
    {
        using var process = Process.Start(Enter(command)) ?? throw new InvalidOperationException("nsenter did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', command)} did not end within {timeout}:\n{await output}\n{await error}");
        }

        return new RealSystemdResult(process.ExitCode, await output, await error);
    }

    /// <summary>How to start a program inside; for a test that wants to kill it.</summary>
    public ProcessStartInfo Enter(params string[] command)
    {
        var id = pid.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("nsenter") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])["-t", id, "-m", "-p", "-u", "-i", "-n", "-C", "-r", "-w", "--", .. command])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    /// <summary>The journal of all boots so far, or of one unit.</summary>
    public async Task<string> JournalAsync(string? unit = null) =>
        (await RunAsync(["journalctl", "--no-pager", "-o", "short-monotonic", .. unit is null ? Array.Empty<string>() : ["-u", unit]])).Output;

    /// <summary>Stops it at once, as a power cut; what is on the overlay stays for the next <see cref="BootAsync"/>, what is in /run does not.</summary>
    public async Task PowerOffAsync()
    {
        if (outer is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            process.Dispose();
            outer = null;
            pid = 0;
            consoleOfEarlierBoots = Console;
            terminal?.Dispose();
            terminal = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await PowerOffAsync();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 50)
            {
                // The kernel takes the mounts of a namespace down a moment after its last process ended.
                await Task.Delay(20);
            }
        }
    }

    private ProcessStartInfo StartInfo(string console)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(RealSystemdScript.Outer);
        start.ArgumentList.Add("systemd");
        foreach (var argument in options.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["INNER"] = RealSystemdScript.Inner;
        start.Environment["LOWER"] = options.Root;
        start.Environment["FOLDER"] = folder;
        start.Environment["CONSOLE"] = console;
        start.Environment["NETWORK"] = options.HostNetwork ? "" : "-n";
        start.Environment["SYS"] = options.Udev ? "rw" : "ro";
        return start;
    }

    private static int ChildOf(int parent)
    {
        try
        {
            var children = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{parent}/task/{parent}/children"));
            return int.TryParse(children.Split(' ')[0], CultureInfo.InvariantCulture, out var child) ? child : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
