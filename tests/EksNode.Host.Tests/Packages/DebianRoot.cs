using EksNode.Host.Files;
using EksNode.Simulation.Systemd;

namespace EksNode.Host.Tests.Packages;

/// <summary>
/// A root with the dpkg and apt of Debian: an overlay in memory on the one that <c>script/systemd-root</c> makes, with a repository of packages that are built
/// here. What is written into it is gone when it is disposed of.
/// </summary>
public sealed class DebianRoot : IDisposable
{
    private const string Sources = "/etc/apt/sources.list";
    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-apt-").FullName;
    private readonly SigningKey key = new();
    private readonly SigningKey other = new();

    public DebianRoot()
    {
        Directory.CreateDirectory(Path);
        TestProgram.Run("mount", "-t", "tmpfs", "tmpfs", Directory.CreateDirectory(folder + "/memory").FullName);
        Directory.CreateDirectory(folder + "/memory/upper");
        Directory.CreateDirectory(folder + "/memory/work");
        TestProgram.Run(
            "mount", "-t", "overlay", "overlay", "-o", $"lowerdir={Environment.GetEnvironmentVariable(RealSystemd.RootVariable)},upperdir={folder}/memory/upper,workdir={folder}/memory/work", Path);
        foreach (var list in Directory.GetFiles(Path + "/etc/apt/sources.list.d"))
        {
            File.Delete(list);
        }

        Directory.CreateDirectory(Repository);
        Build("engine", "2.1.5-1");
        Build("engine", "2.2.4-1", "Depends: libengine (>= 2)\nRecommends: rival\n", "test -e /proc/self/exe && test -x /usr/sbin/policy-rc.d && head -c 9 /etc/resolv.conf >/opt/ran\ninvoke-rc.d engine start");
        Build("engine", "1:2.3.0-1", "Depends: libengine (>= 2)\n");
        Build("libengine", "2.0");
        Build("rival", "1.0", "Conflicts: engine\n");
        Build("needy", "1.0", "Depends: nothing-has-this\n");
        Build("broken", "1.0", script: "echo no good >&2; exit 3");
        Index();
        File.Copy(key.PublicKey, Path + "/etc/apt/test.asc");
        File.Copy(other.PublicKey, Path + "/etc/apt/other.asc");
        Use("file:/srv/repository", "test.asc");
        Root = HostRoot.Open(Path);
    }

    public static string? Missing { get; } = TestProgram.Missing("dpkg-deb", "dpkg-query", "apt-ftparchive", "gpg", "unshare")
        ?? (Directory.Exists(Environment.GetEnvironmentVariable(RealSystemd.RootVariable)) ? null : $"{RealSystemd.RootVariable} names no root: source script/systemd-root");

    public string Path => folder + "/root";

    public string Repository => Path + "/srv/repository";

    public HostRoot Root { get; }

    public void Use(string url, string keyFile) => File.WriteAllText(Path + Sources, $"deb [signed-by=/etc/apt/{keyFile}] {url} ./\n");

    /// <summary>Builds a package into the repository: one file, <c>/opt/NAME</c>, with its version.</summary>
    public void Build(string name, string version, string more = "", string? script = null)
    {
        var work = Directory.CreateDirectory($"{folder}/{System.IO.Path.GetRandomFileName()}").FullName;
        Directory.CreateDirectory(work + "/opt");
        File.WriteAllText($"{work}/opt/{name}", version + "\n");
        Directory.CreateDirectory(work + "/DEBIAN");
        File.WriteAllText(work + "/DEBIAN/control", $"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: A test <test@example.com>\nDescription: A package of a test\n{more}");
        if (script is not null)
        {
            File.WriteAllText(work + "/DEBIAN/postinst", $"#!/bin/sh\n{script}\n");
            File.SetUnixFileMode(work + "/DEBIAN/postinst", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        TestProgram.Run("dpkg-deb", "--root-owner-group", "-Znone", "--build", work, Repository);
    }

    /// <summary>Writes the index anew and signs it.</summary>
    public void Index(bool sign = true)
    {
        File.Delete(Repository + "/Release");
        File.Delete(Repository + "/InRelease");
        File.WriteAllText(Repository + "/Packages", TestProgram.Run("sh", "-c", $"cd {Repository} && apt-ftparchive packages ."));
        File.WriteAllText(folder + "/Release", TestProgram.Run("sh", "-c", $"cd {Repository} && apt-ftparchive -o APT::FTPArchive::Release::Suite=test release ."));
        if (sign)
        {
            key.SignIndex(folder + "/Release", Repository + "/InRelease");
        }
        else
        {
            File.Copy(folder + "/Release", Repository + "/Release");
        }
    }

    public void Dispose()
    {
        Root?.Dispose();
        TestProgram.Run("umount", Path);
        TestProgram.Run("umount", folder + "/memory");
        Directory.Delete(folder, recursive: true);
        key.Dispose();
        other.Dispose();
    }
}
