using System.Collections.Immutable;
using System.Diagnostics;
using EksNode.Configuration.Text;
using EksNode.Host.Disks;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Disks;

/// <summary>
/// This machine with disks that are loop devices. Mount targets are in a folder of the test; the service manager carries out the units
/// that the engine wrote, with mount(8). Everything is unmounted and detached at the end.
/// </summary>
internal sealed class LoopMachine : IServiceManager
{
    private readonly string folder = Directory.CreateDirectory("/var/lib/eksnode-disk-test-" + Path.GetRandomFileName()).FullName;
    private readonly Dictionary<string, string> attached = [];
    private int loads;

    private LoopMachine()
    {
        Root = HostRoot.Open("/");
        Directory.CreateDirectory(Units);
    }

    public HostRoot Root { get; }

    /// <summary>Where the mount targets of the test are.</summary>
    public string Folder => folder;

    public string Units => folder + "/units";

    public DiagnosticBag Diagnostics { get; } = new();

    public Timeline Timeline { get; } = new(TimeProvider.System);

    /// <summary>Units that were started, in order.</summary>
    public List<string> Started { get; } = [];

    public int Reloads => loads;

    /// <summary>Throws before the unit is started that ends with this: a kill there.</summary>
    public string? KilledBefore { get; set; }

    /// <summary>How the engine is set up.</summary>
    public StorageOptions Options => field ??= new StorageOptions { AttachDeadline = TimeSpan.FromSeconds(1), UnitFolder = Units };

    public static LoopMachine OrSkip(params string[] programs)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "disks need root");
        foreach (var program in programs.Append("mkfs.xfs").Append("mkfs.ext4").Append("losetup").Append("blkid"))
        {
            Assert.SkipUnless(File.Exists("/usr/sbin/" + program) || File.Exists("/usr/bin/" + program), $"{program} is not installed");
        }

        Assert.SkipUnless(File.Exists("/dev/loop-control"), "there are no loop devices");
        return new LoopMachine();
    }

    /// <summary>Attaches a blank disk (or one that was attached before, by its name).</summary>
    public BlockDevice Attach(string name, int mebibytes = 320)
    {
        var file = $"{folder}/{name}.img";
        using (var stream = new FileStream(file, FileMode.OpenOrCreate))
        {
            if (stream.Length == 0)
            {
                stream.SetLength((long)mebibytes << 20);
            }
        }

        var device = Run("losetup", "-f", "--show", file).Trim();
        attached[name] = device;
        return new BlockDevice(device["/dev/".Length..], new FileInfo(file).Length, null, null);
    }

    public string Device(string name) => attached[name];

    public string Image(string name) => $"{folder}/{name}.img";

    public void Detach(string name)
    {
        Run("losetup", "-d", attached[name]);
        attached.Remove(name);
    }

    /// <summary>What a reboot leaves: files on disks.</summary>
    public void Reboot()
    {
        Unmount();
        foreach (var name in attached.Keys.ToList())
        {
            Detach(name);
        }

        Directory.Delete(Units, recursive: true);
        Directory.CreateDirectory(Units);
        Started.Clear();
    }

    public Task<StorageReport> ApplyAsync(ImmutableArray<StorageResource> resources, StorageOptions? options = null) =>
        new StorageEngine(Root, NoLog.Instance, TimeProvider.System, options ?? Options).ApplyAsync(resources, this, Diagnostics, Timeline, TestContext.Current.CancellationToken);

    public Task<ImmutableArray<Host.Engine.Change>> CompareAsync(ImmutableArray<StorageResource> resources, DiagnosticBag bag) =>
        new StorageEngine(Root, NoLog.Instance, TimeProvider.System, Options).CompareAsync(resources, bag, TestContext.Current.CancellationToken);

    public async Task<Diagnostic> FailureAsync(ImmutableArray<StorageResource> resources) =>
        (await Assert.ThrowsAsync<DiagnosticException>(() => ApplyAsync(resources))).Diagnostic;

    /// <summary>A folder of the test, with a file.</summary>
    public string Target(string name, string? file = null)
    {
        var path = $"{folder}/{name}";
        Directory.CreateDirectory(path);
        if (file is not null)
        {
            File.WriteAllText($"{path}/{file}", file);
        }

        return path;
    }

    public static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), program);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error.Result}");
        return output;
    }

    public Task<UnitStatus> StatusAsync(string unit, CancellationToken cancellation) => Task.FromResult(new UnitStatus(unit) { ActiveState = "inactive" });

    public Task ReloadAsync(CancellationToken cancellation)
    {
        loads++;
        return Task.CompletedTask;
    }

    public Task<JobResult> StartAsync(string unit, CancellationToken cancellation)
    {
        if (KilledBefore is not null && unit.EndsWith(KilledBefore, StringComparison.Ordinal))
        {
            throw new OperationCanceledException("killed");
        }

        Assert.True(loads > 0, "a unit was started that was never read");
        Started.Add(unit);
        var values = File.ReadAllLines($"{Units}/{unit}").Where(l => l.Contains('=')).ToDictionary(l => l[..l.IndexOf('=')], l => l[(l.IndexOf('=') + 1)..].Replace("%%", "%"));
        Assert.Equal(unit, UnitName.Mount(values["Where"]));
        Directory.CreateDirectory(values["Where"]);
        Run("mount", "-t", values["Type"], "-o", values["Options"], values["What"], values["Where"]);
        return Task.FromResult(new JobResult(unit, "done"));
    }

    public Task<JobResult> RestartAsync(string unit, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<JobResult> StopAsync(string unit, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<ImmutableArray<UnitJob>> JobsAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public async ValueTask DisposeAsync()
    {
        Unmount();
        foreach (var device in attached.Values)
        {
            Run("losetup", "-d", device);
        }

        Root.Dispose();
        Directory.Delete(folder, recursive: true);
        await Task.CompletedTask;
    }

    private void Unmount()
    {
        var table = MountTable.Read(Root);
        var numbers = attached.Values.Select(d => File.ReadAllText($"/sys/block/{d["/dev/".Length..]}/dev").Trim()).ToHashSet();
        foreach (var entry in table.Entries.Where(e => numbers.Contains(e.Number) || e.Path.StartsWith(folder + "/", StringComparison.Ordinal)).Reverse())
        {
            Run("umount", entry.Path);
            if (entry.Path.StartsWith(StorageComponentPaths.Volumes + "/", StringComparison.Ordinal))
            {
                Directory.Delete(entry.Path);
            }
        }
    }

    private static class StorageComponentPaths
    {
        public const string Volumes = Planning.Storage.StorageComponent.VolumesPath;
    }
}
