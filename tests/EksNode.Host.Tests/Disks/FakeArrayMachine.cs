using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Disks;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Host.Systemd;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Disks;

/// <summary>
/// A machine in a folder, for what needs a kernel with md: <c>/sys</c> and <c>/proc</c> are files, and mdadm, mkfs.xfs and blkid are
/// scripts that keep superblocks as text. Runs with real arrays are those of the node test.
/// </summary>
internal sealed class FakeArrayMachine : IServiceManager, ISeeder, IStepObserver
{
    private const string Common = """
        #!/bin/sh
        # Arrays as text: fake/sig/DISK is what is on a device, fake/array/UUID what an array is made of.
        R=@ROOT@
        echo "$(basename "$0") $*" >> $R/fake/calls

        """;

    private const string Mdadm = Common + """
        up() { # uuid degraded devices...
          uuid=$1 degraded=$2; shift 2
          md=$(cat $R/fake/next-name)
          . $R/fake/array/$uuid
          mkdir -p $R/sys/block/$md/md $R/sys/block/$md/holders
          echo 9:${md#md} > $R/sys/block/$md/dev
          echo 4000000 > $R/sys/block/$md/size
          echo clean > $R/sys/block/$md/md/array_state
          echo raid$level > $R/sys/block/$md/md/level
          echo $degraded > $R/sys/block/$md/md/degraded
          echo $uuid > $R/fake/running-$md
          : > $R/dev/$md
          for d in "$@"; do mkdir -p $R/sys/block/$(basename $d)/holders/$md; done
          rm -f $R/fake/sig/$md
          [ ! -f $R/fake/content-$uuid ] || cp $R/fake/content-$uuid $R/fake/sig/$md
        }
        mode=$1; shift
        case $mode in
        --create)
          level= devices= target=$1; shift
          for a in "$@"; do case $a in --level=*) level=${a#--level=};; /dev/*) devices="$devices $a";; esac; done
          uuid=u$(ls $R/fake/array | wc -l)
          n=0
          for d in $devices; do
            [ "$n" != "$(cat $R/fake/die-after 2>/dev/null)" ] || exit 137
            printf 'TYPE=linux_raid_member\nLABEL=any:kubernetes\nUUID=%s\nUSAGE=raid\n' $uuid > $R/fake/sig/$(basename $d)
            n=$((n + 1))
          done
          printf 'level=%s\ncount=%s\n' $level $n > $R/fake/array/$uuid
          up $uuid 0 $devices ;;
        --assemble)
          [ ! -f $R/fake/assemble-fails ] || { echo "mdadm: failed to RUN_ARRAY: Invalid argument" >&2; exit 1; }
          shift 2; uuid= n=0
          for d in "$@"; do
            mine=$(sed -n s/^UUID=//p $R/fake/sig/$(basename $d))
            [ -z "$uuid" ] || [ "$uuid" = "$mine" ] || { echo "mdadm: superblocks do not match" >&2; exit 1; }
            uuid=$mine n=$((n + 1))
          done
          [ -f $R/fake/array/$uuid ] || { echo "mdadm: not enough devices" >&2; exit 1; }
          . $R/fake/array/$uuid
          [ $n = $count ] || { [ $level = 10 ] && [ $n -ge $((count - 1)) ]; } || { echo "mdadm: not enough devices" >&2; exit 1; }
          up $uuid $((count - n)) "$@" ;;
        --stop)
          md=$(basename $1)
          rm -r $R/sys/block/$md; rm -f $R/fake/sig/$md $R/fake/running-$md
          rmdir $R/sys/block/*/holders/$md ;;
        esac
        """;

    private const string MkfsXfs = Common + """
        while [ $# -gt 1 ]; do [ "$1" != -L ] || label=$2; shift; done
        name=$(basename $1)
        printf 'TYPE=xfs\nLABEL=%s\nUUID=fs-%s\nUSAGE=filesystem\n' $label $name > $R/fake/sig/$name
        cp $R/fake/sig/$name $R/fake/content-$(cat $R/fake/running-$name)
        [ ! -f $R/fake/mkfs-dies ] || exit 137
        """;

    private const string Blkid = """
        #!/bin/sh
        R=@ROOT@
        for last; do :; done
        [ -f $R/fake/sig/$(basename $last) ] || exit 2
        cat $R/fake/sig/$(basename $last)
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-arrays-").FullName;

    public FakeArrayMachine()
    {
        foreach (var directory in (string[])["sys/block", "proc/self", "dev", "fake/sig", "fake/array", "sbin"])
        {
            Directory.CreateDirectory($"{folder}/{directory}");
        }

        Write("proc/self/mountinfo", "");
        Write("fake/next-name", "md127");
        Program("mdadm", Mdadm);
        Program("mkfs.xfs", MkfsXfs);
        Program("blkid", Blkid);
        Root = HostRoot.Open(folder, resolveByHand: false, this);
    }

    public HostRoot Root { get; }

    /// <summary>Whether other files are where a copy would be.</summary>
    public bool Occupied { get; init; }

    public DiagnosticBag Diagnostics { get; } = new();

    /// <summary>What happened to services, mounts and copies, in order.</summary>
    public List<string> Events { get; } = [];

    public HashSet<string> Active { get; } = [];

    /// <summary>Throws at this step, counted from 1: a kill there. Files, services, mounts and copies are steps.</summary>
    public int? KillAt { get; set; }

    /// <summary>How many steps there were.</summary>
    public int Steps { get; private set; }

    public IReadOnlyList<string> Calls => File.Exists($"{folder}/fake/calls") ? File.ReadAllLines($"{folder}/fake/calls") : [];

    /// <summary>The disks, blank.</summary>
    public BlockDevice[] Disks(params string[] names) => [.. names.Select(Disk)];

    public BlockDevice Disk(string name)
    {
        Directory.CreateDirectory($"{folder}/sys/block/{name}/holders");
        Write($"sys/block/{name}/dev", "259:" + name.Length);
        Write($"sys/block/{name}/size", "2000000");
        Write($"dev/{name}", "");
        return new BlockDevice(name, 2000000L * 512, "Amazon EC2 NVMe Instance Storage", "AWS" + name);
    }

    public void Write(string file, string text) => File.WriteAllText($"{folder}/{file}", text);

    public void Remove(string file) => File.Delete($"{folder}/{file}");

    public string Read(string file) => File.ReadAllText($"{folder}/{file}");

    public bool Exists(string file) => File.Exists($"{folder}/{file}");

    /// <summary>A reboot: arrays and mounts are gone, the next array gets another name.</summary>
    public void Reboot(string nextName = "md126")
    {
        foreach (var array in Directory.EnumerateDirectories($"{folder}/sys/block", "md*").Select(Path.GetFileName).ToList())
        {
            Directory.Delete($"{folder}/sys/block/{array}", recursive: true);
            Remove($"fake/sig/{array}");
            foreach (var holder in Directory.EnumerateDirectories($"{folder}/sys/block").Select(d => $"{d}/holders/{array}").Where(Directory.Exists))
            {
                Directory.Delete(holder);
            }
        }

        Write("proc/self/mountinfo", "");
        Write("fake/next-name", nextName);
        Directory.Delete($"{folder}/run/systemd", recursive: true);
        Remove("fake/calls");
        Events.Clear();
    }

    /// <summary>Everything that lasts: units, mounts, what is on the disks.</summary>
    public string State() => string.Concat(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => !f.StartsWith(folder + "/fake/calls", StringComparison.Ordinal) && !f.StartsWith(folder + "/sbin", StringComparison.Ordinal) && !Path.GetFileName(f).StartsWith(".eksnode", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => $"{f[folder.Length..]}\n{File.ReadAllText(f)}\n"));

    public void Before(string step, string path) => Step();

    public Task<StorageReport> ApplyAsync(ImmutableArray<StorageResource> resources) =>
        new StorageEngine(Root, NoLog.Instance, TimeProvider.System, new StorageOptions { ProgramFolders = ["/sbin"], Seeder = this })
            .ApplyAsync(resources, this, Diagnostics, new Timeline(TimeProvider.System), TestContext.Current.CancellationToken);

    public Task<SeedResult> CopyAsync(string source, string parent, string name, CancellationToken cancellation)
    {
        Step();
        Events.Add($"copy {source} to {parent}/{name}");
        return Task.FromResult(Occupied ? new SeedResult(false, 0, 0, TimeSpan.Zero, Occupied: true) : new SeedResult(true, 1, 2, TimeSpan.FromSeconds(3)));
    }

    public Task<UnitStatus> StatusAsync(string unit, CancellationToken cancellation) =>
        Task.FromResult(new UnitStatus(unit) { ActiveState = Active.Contains(unit) ? "active" : "inactive" });

    public Task ReloadAsync(CancellationToken cancellation)
    {
        Step();
        Events.Add("reload");
        return Task.CompletedTask;
    }

    public Task<JobResult> StartAsync(string unit, CancellationToken cancellation)
    {
        Step();
        Events.Add("start " + unit);
        var values = Read("run/systemd/system/" + unit).Split('\n').Where(l => l.Contains('=')).ToDictionary(l => l[..l.IndexOf('=')], l => l[(l.IndexOf('=') + 1)..]);
        var table = MountTable.Parse(Read("proc/self/mountinfo"));
        var source = table.Entries.FirstOrDefault(e => values["What"].StartsWith(e.Path + "/", StringComparison.Ordinal));
        var number = source?.Number ?? Read($"sys/block/{Path.GetFileName(values["What"])}/dev").Trim();
        var root = source is null ? "/" : values["What"][source.Path.Length..];
        File.AppendAllText($"{folder}/proc/self/mountinfo", $"1 1 {number} {root} {values["Where"]} rw - xfs {values["What"]} rw\n");
        return Task.FromResult(new JobResult(unit, "done"));
    }

    public Task<JobResult> StopAsync(string unit, CancellationToken cancellation)
    {
        Step();
        Events.Add("stop " + unit);
        return Task.FromResult(new JobResult(unit, "done"));
    }

    public Task<JobResult> RestartAsync(string unit, CancellationToken cancellation) => throw new NotSupportedException();

    public Task<ImmutableArray<UnitJob>> JobsAsync(CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask DisposeAsync()
    {
        Root.Dispose();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private void Step()
    {
        if (++Steps == KillAt)
        {
            throw new OperationCanceledException("killed");
        }
    }

    private void Program(string name, string text)
    {
        Write("sbin/" + name, text.Replace("@ROOT@", folder, StringComparison.Ordinal));
        File.SetUnixFileMode($"{folder}/sbin/{name}", (UnixFileMode)0b111_101_101);
    }
}
