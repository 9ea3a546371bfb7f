using System.Net.Sockets;
using System.Security.Cryptography;

namespace EksNode.Host.Tests.Disks.Copying;

/// <summary>A tree with everything that a containerd or kubelet directory can hold, and some that it should not.</summary>
internal static class SampleTree
{
    // linux/posix_acl_xattr.h: version 2, then owner rwx, user 1000 r-x, group r-x, mask r-x, others nothing.
    private static readonly byte[] AccessList = Convert.FromHexString(
        "02000000" + "01000700FFFFFFFF" + "02000500E8030000" + "04000500FFFFFFFF" + "10000500FFFFFFFF" + "20000000FFFFFFFF");

    // linux/capability.h: revision 2, effective, CAP_NET_RAW.
    private static readonly byte[] Capability = Convert.FromHexString("0100000200200000000000000000000000000000");

    public static void Make(string folder)
    {
        Directory.CreateDirectory(folder);
        TreeSnapshot.Script(folder, """
            umask 022
            mkdir -p a/b/c empty sticky snapshots/1/fs/usr/bin snapshots/2/fs/etc closed
            echo hello > a/file; : > a/nothing; echo deep > a/b/c/deep
            ln a/file a/b/second; ln a/file snapshots/third
            ln -s /etc/passwd a/outside; ln -s ../nowhere a/b/dangling; ln a/b/dangling a/b/dangling-too
            cp /bin/true snapshots/1/fs/usr/bin/su; chown 12:34 snapshots/1/fs/usr/bin/su; chmod 6755 snapshots/1/fs/usr/bin/su
            mkfifo a/pipe; mknod a/null c 1 3; mknod a/disk b 259 70000; chown 5:6 a/null a/pipe; chmod 640 a/null
            mknod snapshots/2/fs/etc/gone c 0 0; chmod 0 snapshots/2/fs/etc/gone; ln snapshots/2/fs/etc/gone snapshots/2/fs/etc/gone-too
            touch $'a/name\xff\xfe' 'a/ a b' $'a/new\nline'; ln -s $'\xff\xfe' $'a/link\xfd'
            truncate -s 100M a/sparse; dd if=/dev/urandom of=a/sparse bs=1M seek=50 count=1 conv=notrunc status=none
            truncate -s 3M a/hole; dd if=/dev/urandom of=a/large bs=1M count=20 status=none
            chmod 1777 sticky; chmod 2750 a/b; chown 7:8 a/b; chmod 000 closed; chown -h 11:12 a/outside
            chmod 4711 a/nothing; chown 65534:65534 empty
            touch -h -d '2001-02-03 04:05:06.123456789' a/outside a/file a/pipe a/null
            """);
        TreeSnapshot.Set($"{folder}/snapshots/2/fs/etc", "trusted.overlay.opaque", "y"u8.ToArray());
        TreeSnapshot.Set($"{folder}/a/b/c/deep", "trusted.overlay.origin", RandomNumberGenerator.GetBytes(300));
        TreeSnapshot.Set($"{folder}/a/outside", "trusted.overlay.metacopy", []);
        TreeSnapshot.Set($"{folder}/snapshots/2/fs/etc/gone", "trusted.eksnode-test", "x"u8.ToArray());
        TreeSnapshot.Set($"{folder}/a/file", "user.note", "hello"u8.ToArray());
        TreeSnapshot.Set($"{folder}/a/nothing", "security.capability", Capability);
        TreeSnapshot.Set($"{folder}/a/large", "system.posix_acl_access", AccessList);
        TreeSnapshot.Set($"{folder}/empty", "system.posix_acl_default", AccessList);
        TreeSnapshot.Set($"{folder}/snapshots", "system.posix_acl_default", AccessList);
        using (Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint($"{folder}/a/socket"));
            // .NET removes the name with the socket; another name keeps it.
            TreeSnapshot.Script(folder, "ln a/socket a/socket-kept");
        }

        TreeSnapshot.Script(folder, """
            touch -d '2003-04-05 06:07:08.987654321' a/b/c a empty snapshots .
            """);
    }
}
