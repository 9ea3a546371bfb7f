namespace EksNode.Simulation.Systemd;

/// <summary>How the namespaces are made, in the shell's words.</summary>
internal static class RealSystemdScript
{
    /// <summary>
    /// Starts unshare and prints its process id. Standard input is the life line: when the tests close it, or end, PID 1 is killed,
    /// and with it every process of its namespace; unshare ends once the last of them is gone.
    /// </summary>
    public const string Outer = """
        exec 3<&0
        unshare -m -p -u -i $NETWORK -C -f --kill-child bash -c "$INNER" systemd "$@" </dev/null >/dev/null 3<&- &
        child=$!
        echo $child
        {
          read -r _
          read -r first _ <"/proc/$child/task/$child/children"
          kill -9 ${first:-$child}
        } <&3 >/dev/null 2>&1 &
        lifeline=$!
        wait $child
        kill $lifeline 2>/dev/null
        exit 0
        """;

    /// <summary>Inside: mounts what a kernel and an initial RAM disk would, and becomes systemd.</summary>
    public const string Inner = """
        set -e
        root=$FOLDER/root
        mount --make-rprivate /
        mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$FOLDER/upper,workdir=$FOLDER/work" "$root"
        mount -t proc proc "$root/proc"
        mount -t sysfs -o $SYS sysfs "$root/sys"
        mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
        mount -t tmpfs -o mode=755 tmpfs "$root/run"
        mount -t tmpfs -o mode=755 tmpfs "$root/dev"
        while read -r name major minor; do
          mknod -m 666 "$root/dev/$name" c "$major" "$minor"
        done <<'DEVICES'
        null 1 3
        zero 1 5
        full 1 7
        random 1 8
        urandom 1 9
        tty 5 0
        DEVICES
        touch "$root/dev/console"
        mount --bind "$CONSOLE" "$root/dev/console"
        mkdir "$root/dev/pts" "$root/dev/shm"
        mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
        mount -t tmpfs tmpfs "$root/dev/shm"
        ln -s pts/ptmx "$root/dev/ptmx"
        ln -s /proc/self/fd "$root/dev/fd"
        ip link set lo up
        exec chroot "$root" /usr/bin/env -i container=other PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
          /lib/systemd/systemd --log-target=journal-or-kmsg --show-status=0 "$@"
        """;

    /// <summary>The mounts alone, to find out whether they are possible.</summary>
    public const string Probe = """
        set -e
        mount --make-rprivate /
        mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$FOLDER/upper,workdir=$FOLDER/work" "$FOLDER/root"
        mount -t proc proc "$FOLDER/root/proc"
        mount -t sysfs -o ro sysfs "$FOLDER/root/sys"
        mount -t cgroup2 cgroup2 "$FOLDER/root/sys/fs/cgroup"
        """;
}
