using System.Diagnostics;
using EksNode.Configuration.Text;
using EksNode.Host.Packages;
using EksNode.Host.Processes;
using EksNode.Host.Tests.Facts;

namespace EksNode.Host.Tests.Packages;

public sealed class PackageDatabaseTests : IDisposable
{
    private const string Rpm = "/usr/bin/rpm";

    private readonly FakeRoot root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public async Task A_root_without_a_database_has_no_list() => Assert.Null(await ReadAsync());

    [Fact]
    public async Task Of_dpkg_it_lists_what_is_installed_and_nothing_else()
    {
        root.File("/var/lib/dpkg/status", """
            Package: runc
            Status: install ok installed
            Maintainer: Debian Go Packaging Team <team@example.com>
            Architecture: amd64
            Version: 1.1.5+ds1-1
            Description: Open Container Project
             A paragraph of it, with a line
             Version: 9.9

            Package: containerd
            Status: hold ok triggers-pending
            Architecture: amd64
            Version: 1:1.7.24-1

            Package: vim
            Status: deinstall ok config-files
            Architecture: amd64
            Version: 2:9.0-1

            Package: half
            Status: install reinstreq half-installed
            Architecture: all
            Version: 1
            """);
        var list = (await ReadAsync())!;
        Assert.Equal("dpkg", list.Kind);
        Assert.Equal(["containerd 1:1.7.24-1 amd64 ", "runc 1.1.5+ds1-1 amd64 Debian Go Packaging Team <team@example.com>"], Lines(list));
    }

    [Fact]
    public async Task This_machine_has_the_packages_that_dpkg_lists_itself()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/dpkg-query"), "this machine has no dpkg");
        using var machine = EksNode.Host.Files.HostRoot.Open("/");
        var list = (await new PackageDatabase(machine, new ProgramRunner()).ReadAsync(TestContext.Current.CancellationToken))!;
        var call = new ProgramCall("/usr/bin/dpkg-query", ["-W", "-f", "${db:Status-Status} ${Package} ${Version} ${Architecture}\\n"], TimeSpan.FromMinutes(1), 16 << 20);
        var told = await new ProgramRunner().RunAsync(call, TestContext.Current.CancellationToken);
        var expected = told.Output.Split('\n').Where(l => l.StartsWith("installed ", StringComparison.Ordinal)).Select(l => l["installed ".Length..]).Order(StringComparer.Ordinal);
        Assert.Equal(expected, list.Packages.Select(p => $"{p.Name} {p.Version} {p.Architecture}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_rpm_it_lists_what_a_real_database_has()
    {
        Assert.SkipUnless(File.Exists(Rpm) && File.Exists("/usr/bin/rpmbuild"), "rpm or rpmbuild is not installed");
        var work = Directory.CreateTempSubdirectory("eksnode-rpm-");
        try
        {
            File.WriteAllText(Path.Combine(work.FullName, "demo.spec"), """
                Name: eksnode-demo
                Epoch: 2
                Version: 1.4.2
                Release: 3.amzn2023
                Summary: A package of a test
                License: Apache-2.0
                Vendor: Amazon Linux
                BuildArch: noarch
                %description
                A package of a test.
                %files
                """);
            Run("/usr/bin/rpmbuild", "-bb", "--define", $"_topdir {work.FullName}", Path.Combine(work.FullName, "demo.spec"));
            var package = Assert.Single(Directory.GetFiles(Path.Combine(work.FullName, "RPMS"), "*.rpm", SearchOption.AllDirectories));
            root.Folder("/var/lib/rpm");
            Run(Rpm, "--dbpath", root.At("/var/lib/rpm"), "--define", "_db_backend sqlite", "--justdb", "--nodeps", "-i", package);

            var list = (await ReadAsync())!;
            Assert.Equal("rpm", list.Kind);
            Assert.Equal(["eksnode-demo 2:1.4.2-3.amzn2023 noarch Amazon Linux"], Lines(list));
            Assert.Equal("Apache-2.0", list.Packages[0].License);
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_database_that_rpm_cannot_read_is_an_error_and_no_empty_list()
    {
        Assert.SkipUnless(File.Exists(Rpm), "rpm is not installed");
        root.File("/usr/lib/sysimage/rpm/rpmdb.sqlite", "no database");
        var failure = await Assert.ThrowsAsync<DiagnosticException>(ReadAsync);
        Assert.Equal("EKN0690", failure.Diagnostic.Code);
        Assert.Contains(root.Root.Path, failure.Diagnostic.Message, StringComparison.Ordinal);
    }

    private Task<PackageList?> ReadAsync() => new PackageDatabase(root.Root, root.Programs).ReadAsync(TestContext.Current.CancellationToken);

    private static IEnumerable<string> Lines(PackageList list) => list.Packages.Select(p => $"{p.Name} {p.Version} {p.Architecture} {p.Supplier}");

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {error}{output.Result}");
    }
}
