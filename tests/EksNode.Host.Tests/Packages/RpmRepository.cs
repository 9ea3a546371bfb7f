using System.Security.Cryptography;

namespace EksNode.Host.Tests.Packages;

/// <summary>A repository of packages that are built and signed here. It is made once for a class of tests; those that change it take a copy.</summary>
public sealed class RpmRepository : IDisposable
{
    /// <summary>A name that has a line of its own in dnf's table.</summary>
    public const string LongName = "engine-plugin-with-a-name-that-the-table-of-dnf-has-no-room-for-in-a-column";

    private readonly string folder = Directory.CreateTempSubdirectory("eksnode-rpm-").FullName;
    private readonly SigningKey? key;
    private readonly SigningKey? other;

    public RpmRepository()
    {
        if (Missing is not null)
        {
            return;
        }

        key = new SigningKey();
        other = new SigningKey();
        Directory.CreateDirectory(Folder);
        Build(
            Folder,
            "noarch",
            Spec("engine", "2.1.5"),
            Spec("engine", "2.2.4", "Requires: libengine >= 2"),
            Spec("engine", "2.3.0", "Epoch: 1\nRequires: libengine >= 2"),
            Spec("libengine", "2.0"),
            Spec("big-engine", "2.2.4"),
            Spec("rival", "1.0", "Conflicts: engine"),
            Spec("needy", "1.0", "Requires: nothing-has-this"),
            Spec(LongName, "1.0"));
        Build(Folder, "aarch64", Spec("scripted", "1.0", "", "%pre\nexit 1\n"), Spec("shell", "1.0", "Provides: /bin/sh"));
        key.SignPackages(Directory.GetFiles(Folder));
        Index(Folder);
    }

    public static string? Missing { get; } = TestProgram.Missing("dnf", "rpm", "rpmbuild", "rpmsign", "createrepo_c", "gpg");

    public string Folder => folder + "/packages";

    public string Key => key!.PublicKey;

    public string OtherKey => other!.PublicKey;

    /// <summary>The SHA-256 of a package.</summary>
    public string Sha256(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes($"{Folder}/{file}")));

    /// <summary>A copy, which is changed, and indexed again.</summary>
    public string Changed(Action<string> change, bool index = true)
    {
        var copy = Directory.CreateDirectory($"{folder}/{Path.GetRandomFileName()}").FullName;
        TestProgram.Run("cp", "-a", Folder + "/.", copy);
        change(copy);
        if (index)
        {
            Index(copy);
        }

        return copy;
    }

    /// <summary>Builds packages into a folder.</summary>
    public void Build(string target, string architecture, params string[] specs)
    {
        var work = Directory.CreateDirectory($"{folder}/{Path.GetRandomFileName()}").FullName;
        List<string> files = [];
        foreach (var spec in specs)
        {
            files.Add($"{work}/{files.Count}.spec");
            File.WriteAllText(files[^1], spec);
        }

        TestProgram.Run("rpmbuild", ["--quiet", "-bb", "--target", architecture, "--define", "_topdir " + work, "--define", "_rpmdir " + target, "--define", "_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm", .. files]);
    }

    /// <summary>What a package is built from: one file, <c>/opt/NAME</c>, with its version.</summary>
    public static string Spec(string name, string version, string more = "", string scripts = "") =>
        $"""
        Name: {name}
        Version: {version}
        Release: 1
        Summary: A package of a test
        License: None
        {more}
        %description
        A package of a test.
        %install
        mkdir -p %buildroot/opt
        echo {version} >%buildroot/opt/{name}
        {scripts}
        %files
        /opt/{name}
        """;

    public void Sign(string file) => key!.SignPackages(file);

    public void Sign(string folder, string pattern) => key!.SignPackages(Directory.GetFiles(folder, pattern));

    public static void Index(string target) => TestProgram.Run("createrepo_c", "--quiet", target);

    public void Dispose()
    {
        key?.Dispose();
        other?.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
