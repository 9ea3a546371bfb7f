using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Packages;

/// <summary>
/// Files that a root has only while packages are installed or container images pulled into it: a policy that starts no service, and the name servers of this machine where the root has none
/// yet. Whatever is there already stays as it is; what a killed run left is known by its mark, and taken back.
/// </summary>
internal sealed class RootLoan : IDisposable
{
    /// <summary>Asked by the scripts of packages before they start a service (Debian's invoke-rc.d).</summary>
    public const string PolicyPath = "/usr/sbin/policy-rc.d";

    private const string ResolverPath = "/etc/resolv.conf";
    private const string Mark = "# eksnode has put this here while it builds an image, and removes it.\n";
    private const int ProgramMode = 0x1ED; // 0755
    private const int FileMode = 0x1A4; // 0644

    private readonly HostRoot root;
    private readonly List<string> lent = [];
    private readonly List<string> madeDirectories = [];

    private RootLoan(HostRoot root) => this.root = root;

    /// <summary>Lends a root what it lacks.</summary>
    /// <param name="root">The root.</param>
    /// <param name="isFolder">Whether it is a folder: the machine itself has its name servers.</param>
    /// <exception cref="DiagnosticException">A file cannot be written.</exception>
    public static RootLoan Lend(HostRoot root, bool isFolder)
    {
        var loan = isFolder ? LendResolver(root) : new RootLoan(root);
        loan.Write(PolicyPath, "#!/bin/sh\n" + Mark + "exit 101\n", ProgramMode);
        return loan;
    }

    /// <summary>Lends the root of a folder the name servers of this machine, where it has none.</summary>
    /// <param name="root">The root.</param>
    /// <exception cref="DiagnosticException">A file cannot be written.</exception>
    public static RootLoan LendResolver(HostRoot root)
    {
        RootLoan loan = new(root);
        if (ResolverOfMachine() is { } resolver)
        {
            // A link into /run, where systemd-resolved has its file once the node runs.
            var path = root.ReadLink(ResolverPath) is { } link ? Path.GetFullPath(link, "/etc") : ResolverPath;
            loan.Write(path, Mark + resolver, FileMode);
        }

        return loan;
    }

    /// <summary>Takes everything back.</summary>
    public void Dispose()
    {
        FileTransaction transaction = new(root);
        foreach (var path in lent)
        {
            transaction.Remove(path);
        }

        foreach (var path in madeDirectories)
        {
            transaction.RemoveDirectoryIfEmpty(path);
        }

        transaction.Stage();
        transaction.Commit();
    }

    private void Write(string path, string text, int mode)
    {
        if (root.ReadFile(path) is { } present)
        {
            if (present.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Mark)) < 0)
            {
                return;
            }

            // Of a run that was killed: the folders, too, when they are of no use to the root.
            for (var directory = Parent(path); directory.StartsWith("/run/", StringComparison.Ordinal); directory = Parent(directory))
            {
                madeDirectories.Add(directory);
            }
        }

        for (var directory = Parent(path); root.Status(directory) is null; directory = Parent(directory))
        {
            madeDirectories.Add(directory);
        }

        FileTransaction transaction = new(root);
        transaction.Write(path, Encoding.UTF8.GetBytes(text), mode);
        transaction.Stage();
        transaction.Commit();
        lent.Add(path);
    }

    private static string? ResolverOfMachine()
    {
        using var machine = HostRoot.Open("/");
        return machine.ReadFile(ResolverPath) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
    }

    private static string Parent(string path) => path[..Math.Max(1, path.LastIndexOf('/'))];
}
