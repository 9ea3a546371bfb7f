using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Files;
using EksNode.Host.Packages;
using EksNode.Host.Processes;

namespace EksNode.Host.Tests.Packages;

/// <summary>What is read of the package managers' answers, without them.</summary>
public sealed class PackageAnswersTests
{
    [Theory]
    [InlineData("2.2.4-1.amzn2023", ">=2.1 <2.3", true)]
    [InlineData("2.2.4-1.amzn2023", "2.2.4", true)]
    [InlineData("1:2.2.4-1", "2.2.*", true)]
    [InlineData("2.2.4~rc1-1", "<2.3", true)]
    [InlineData("2.3.0~rc1-1", "<2.3", false)]
    [InlineData("580.105.08-1", "580", true)]
    [InlineData("2.2-1", "2.2.0", true)]
    [InlineData("7-1", "7", true)]
    [InlineData("2.2a-1", "2.2.*", true)]
    [InlineData("2.2.4-3.0", "3", false)]
    [InlineData("r42-1", "42", false)]
    [InlineData("r42-1", "*", true)]
    [InlineData("99999999999.1-1", "1", false)]
    public void R16_A_constraint_is_about_the_numbers_of_upstream(string version, string constraint, bool fits) =>
        Assert.Equal(fits, PackageVersion.Fits(version, VersionConstraint.Parse(constraint).Value));

    [Fact]
    public void The_table_of_dnf_is_read_whatever_its_columns()
    {
        const string table = """
            Last metadata expiration check: 0:00:01 ago on Mon Nov 23 05:21:13 2026.
            Dependencies resolved.
            ================================================================================
             Package             Architecture     Version              Repository      Size
            ================================================================================
            Installing:
             engine              noarch           1:2.2.4-1            test           5.9 k
                 replacing  old-engine.x86_64 1.0-1
             a-name-with-a-line-of-its-own
                                 x86_64           2.0-1.amzn2023       amazonlinux    999  
             small               noarch           1-1                  test             0  
            Installing dependencies:
             k                   noarch           3-1                  test            12 M
            Upgrading:
             library             x86_64           2.0-1                test           1.0 G
            Removing dependent packages:
             plugin              noarch           1.0-1                @test            4  
            Enabling module streams:
             nvidia-driver                        open-dkms

            Transaction Summary
            ================================================================================
            Install  2 Packages
             not                 noarch           1.0-1                @test            4  
            """;
        var transaction = DnfTransaction.Read(table);
        Assert.Equal(
            [
                new InstalledPackage("engine", "1:2.2.4-1", "noarch"), new InstalledPackage("a-name-with-a-line-of-its-own", "2.0-1.amzn2023", "x86_64"),
                new InstalledPackage("small", "1-1", "noarch"), new InstalledPackage("k", "3-1", "noarch"), new InstalledPackage("library", "2.0-1", "x86_64"),
            ],
            transaction.Installed);
        Assert.Equal(["old-engine", "plugin"], transaction.Removed);
    }

    [Theory]
    [InlineData(@"(2, b'\xb5\x9d\x9c\xa3wg\x8b\x993\x8d\xa3V\xb4\xded\x1cR\xb7\xc6\xcbN{e\x1a\x9f*\x150\x01\xa0\xd2\x1e')", "b59d9ca377678b99338da356b4de641c52b7c6cb4e7b651a9f2a153001a0d21e")]
    [InlineData(@"(2, b""\x11\x05\xc0X\x03+O?\x7f\x86%\xca\x15\x07\xe7\x825g\xa3=\x02\xb5\xc0\xf2f\t\xb1\xa6U\x88\x04'"")", "1105c058032b4f3f7f8625ca1507e7823567a33d02b5c0f26609b1a655880427")]
    [InlineData(@"(2, b'\n\r\t\\\'aaaaaaaaaaaaaaaaaaaaaaaaaaa')", "0a0d095c27616161616161616161616161616161616161616161616161616161")]
    [InlineData(@"(1, b'aaaaaaaaaaaaaaaaaaaa')", null)]
    [InlineData(@"(3, b'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')", null)]
    [InlineData("(none)", null)]
    [InlineData("", null)]
    [InlineData(@"(2, b'\", null)]
    [InlineData(@"(2, b'\x", null)]
    [InlineData(@"(2, b'\xzz')", null)]
    public void A_checksum_of_dnf_is_read_when_it_is_a_SHA_256(string text, string? expected)
    {
        var package = Assert.Single(DnfAnswers.Repository("engine\t1\t2.3.0-1\tnoarch\tengine.rpm\t" + text + "\n"));
        Assert.Equal(("1:2.3.0-1", expected), (package.Version, package.Sha256));
    }

    [Theory]
    [InlineData("https://cdn.example.com/al2023/core/guids/1/x86_64/../../../../blobstore/2/tmux.rpm", "https://cdn.example.com/al2023/blobstore/2/tmux.rpm")]
    [InlineData("file:/srv/repository/./engine.deb", "file:///srv/repository/engine.deb")]
    [InlineData("file:///srv/engine.rpm", "file:///srv/engine.rpm")]
    [InlineData("https://builder:canary@repo.example.com/engine.rpm?X-Amz-Signature=canary#canary", "https://repo.example.com/engine.rpm")]
    [InlineData("no URL", "no URL")]
    public void A_URL_is_the_same_whoever_wrote_it(string url, string expected) => Assert.Equal(expected, PackageLists.Normal(url));

    [Fact]
    public void Keys_among_the_packages_of_rpm_are_none() => Assert.Equal(
        [new InstalledPackage("engine", "1:2.3.0-1", "noarch"), new InstalledPackage("libengine", "2.0-1", "x86_64")],
        DnfAnswers.Installed("gpg-pubkey\t0\t3c288b3e-6b03cd0d\t(none)\nengine\t1\t2.3.0-1\tnoarch\nlibengine\t0\t2.0-1\tx86_64\n"));

    [Fact]
    public void The_policy_of_apt_tells_versions_priorities_and_where_they_are_from()
    {
        const string answer = """
            engine:
              Installed: 2.1.5-1
              Candidate: 2.2.4-1
              Version table:
                 1:2.3.0-1 100
                    100 http://deb.debian.org/debian bookworm-backports/main amd64 Packages
                 2.2.4-1 500 (phased 20%)
                    500 http://deb.debian.org/debian bookworm/main amd64 Packages
             *** 2.1.5-1 100
                    100 /var/lib/dpkg/status
            virtual:
              Installed: (none)
              Candidate: (none)
              Version table:
            """;
        var policies = AptAnswers.Policies(answer);
        Assert.Equal(["engine 2.2.4-1", "virtual "], policies.Select(p => $"{p.Name} {p.Candidate}"));
        Assert.Equal(
            ["1:2.3.0-1 100 False True", "2.2.4-1 500 False True", "2.1.5-1 100 True False"],
            policies[0].Versions.Select(v => $"{v.Version} {v.Priority} {v.IsInstalled} {v.IsAvailable}"));
        Assert.Empty(policies[1].Versions);
    }

    [Fact]
    public void What_apt_would_do_is_read_line_by_line()
    {
        var transaction = AptAnswers.Transaction(
            "Reading package lists...\nRemv plugin [1.0]\nInst engine [2.1.5-1] (2.2.4-1 Debian:12.1/stable, Debian-Security:12/stable [amd64]) [other:amd64 ]\nInst libc6:i386 (2.36-9 test [i386])\nConf engine (2.2.4-1 test [amd64])\n");
        Assert.Equal([new InstalledPackage("engine", "2.2.4-1", "amd64"), new InstalledPackage("libc6:i386", "2.36-9", "i386")], transaction.Installed);
        Assert.Equal(["plugin"], transaction.Removed);
    }

    [Fact]
    public void The_distribution_chooses_the_package_manager()
    {
        using var root = HostRoot.Open("/");
        Assert.Equal("dnf", For("al2023").Name);
        Assert.Equal("apt", For("debian").Name);
        Assert.Equal("apt", For("ubuntu").Name);
        Assert.Equal(DiagnosticCatalogue.PackageManagerMissing.Code, Assert.Throws<DiagnosticException>(() => For("slackware")).Diagnostic.Code);

        IPackageManager For(string distribution) => PackageManagers.For(PackageRoot.Target(root, distribution), new ProgramRunner(), Logging.NoLog.Instance, new DiagnosticBag());
    }
}
