using System.Security.Cryptography;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Packages;
using EksNode.Host.Processes;

namespace EksNode.Host.Tests.Packages;

/// <summary>The real apt of a Debian root, with a repository that is made here.</summary>
public sealed class AptTests : IDisposable
{
    private readonly DebianRoot root;
    private readonly DiagnosticBag diagnostics = new();
    private readonly ProgramRunner programs = new();
    private readonly Apt apt;

    public AptTests()
    {
        Assert.SkipUnless(DebianRoot.Missing is null, DebianRoot.Missing ?? "");
        root = new DebianRoot();
        apt = new Apt(PackageRoot.Target(root.Root, "debian"), programs, Logging.NoLog.Instance, diagnostics);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R16_Constraints_come_to_exact_packages_which_are_installed_once_and_removed_again()
    {
        // As systemd-resolved will have it on the node: a link to what is not there yet.
        File.Delete(root.Path + "/etc/resolv.conf");
        File.CreateSymbolicLink(root.Path + "/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");

        // What a run that was killed left.
        Directory.CreateDirectory(root.Path + "/run/systemd/resolve");
        await File.WriteAllTextAsync(root.Path + "/run/systemd/resolve/stub-resolv.conf", "# eksnode has put this here while it builds an image, and removes it.\nold\n", Cancellation);
        var before = await apt.InstalledAsync(Cancellation);
        Assert.Contains(before, p => p.Name == "dpkg");
        var dpkg = before.Single(p => p.Name == "dpkg");

        var requests = PackageRoot.Requests("engine", ">=2.1 <2.3", "rival", "absent", "dpkg", "*", "unknown", "absent");
        var resolved = await apt.ResolveAsync(requests, Cancellation);
        Assert.Equal(
            [
                new ResolvedPackage("dpkg", dpkg.Version, dpkg.Architecture, "", null, false),
                Package("engine", "2.2.4-1", isDependency: false),
                Package("libengine", "2.0", isDependency: true),
            ],
            resolved);
        Assert.Equal(before, await apt.InstalledAsync(Cancellation));

        Assert.Equal(["engine", "libengine"], await apt.ApplyAsync(resolved, ["rival"], Cancellation));
        Assert.Equal("2.2.4-1\n", await File.ReadAllTextAsync(root.Path + "/opt/engine", Cancellation));

        // The scripts had /proc, name servers and a policy that starts no service; nothing of that stays.
        Assert.Equal("# eksnode", await File.ReadAllTextAsync(root.Path + "/opt/ran", Cancellation));
        Assert.False(File.Exists(root.Path + RootLoan.PolicyPath));
        Assert.False(Directory.Exists(root.Path + "/run/systemd/resolve"));
        Assert.False(File.Exists(root.Path + "/proc/self/exe"));

        var started = programs.Started;
        Assert.Empty(await apt.ApplyAsync(resolved, ["rival"], Cancellation));
        Assert.Equal(started + 1, programs.Started);
        Assert.Equal([resolved[0], resolved[1]], await apt.ResolveAsync(requests, Cancellation));

        // A package that nobody names any more, and whose installation was killed.
        var status = root.Path + "/var/lib/dpkg/status";
        var text = await File.ReadAllTextAsync(status, Cancellation);
        var at = text.IndexOf("Package: libengine\nStatus: install ok installed", StringComparison.Ordinal);
        await File.WriteAllTextAsync(status, text[..at] + text[at..].Replace("Package: libengine\nStatus: install ok installed", "Package: libengine\nStatus: install ok half-configured", StringComparison.Ordinal), Cancellation);
        Assert.Equal(["libengine"], await apt.ApplyAsync([resolved[0], resolved[1]], ["rival"], Cancellation));
        Assert.Equal(text, await File.ReadAllTextAsync(status, Cancellation));

        // Back to an older version; then newest, by apt's own choice.
        Assert.Equal(["engine"], await apt.ApplyAsync([PackageRoot.Locked("engine", "2.1.5-1", "all")], [], Cancellation));
        var newest = await apt.ResolveAsync(PackageRoot.Requests("engine", "*"), Cancellation);
        Assert.Equal(Package("engine", "1:2.3.0-1", isDependency: false), Assert.Single(newest));
        Assert.Equal(["engine"], await apt.ApplyAsync(newest, [], Cancellation));

        var conflict = await PackageRoot.FailureOfAsync(apt.ApplyAsync(newest, ["libengine"], Cancellation));
        Assert.Equal((DiagnosticCatalogue.PackageConflict.Code, "Without libengine the package engine would go as well, which is to be installed."), (conflict.Code, conflict.Message));
        var rival = await apt.ResolveAsync(PackageRoot.Requests("rival", "1.0", "engine", "absent"), Cancellation);
        Assert.Equal(["engine", "rival"], await apt.ApplyAsync(rival, ["engine"], Cancellation));
        Assert.Empty(diagnostics.Items);
    }

    [Fact]
    public async Task R16_What_cannot_be_had_is_told_with_what_there_is()
    {
        var unknown = await PackageRoot.FailureOfAsync(apt.ResolveAsync(PackageRoot.Requests("engin", "*", "nothing-like-it", "1.0"), Cancellation));
        Assert.Equal((DiagnosticCatalogue.PackageUnknown.Code, "No repository has the package engin.", "Did you mean `engine`?"), (unknown.Code, unknown.Message, unknown.Help));
        Assert.Equal("No repository has the package nothing-like-it.", Assert.Single(diagnostics.Items).Message);

        var version = await PackageRoot.FailureOfAsync(apt.ResolveAsync(PackageRoot.Requests("engine", "2.4.*"), Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageVersionMissing.Code, version.Code);
        Assert.StartsWith("There are 1:2.3.0-1, 2.2.4-1, 2.1.5-1: ", version.Help, StringComparison.Ordinal);
        var needy = await PackageRoot.FailureOfAsync(apt.ResolveAsync(PackageRoot.Requests("needy", "1"), Cancellation));
        Assert.Equal((DiagnosticCatalogue.PackageConflict.Code, "The packages cannot be installed together: needy : Depends: nothing-has-this but it is not installable."), (needy.Code, needy.Message));

        // What the lock has, and the repository not any more, or not as it was.
        var locked = await apt.ResolveAsync(PackageRoot.Requests("engine", "2.2.4"), Cancellation);
        var lacking = await PackageRoot.FailureOfAsync(apt.ApplyAsync(locked.RemoveAt(1), [], Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageConflict.Code, lacking.Code);
        Assert.Contains("libengine 2.0", lacking.Message, StringComparison.Ordinal);
        root.Build("libengine", "2.0", "Provides: something-else\n");
        root.Index();
        var other = await PackageRoot.FailureOfAsync(apt.ApplyAsync(locked, [], Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageNotTrusted.Code, other.Code);
        Assert.Contains(locked[1].Sha256!, other.Message, StringComparison.Ordinal);
        File.Delete(root.Repository + "/engine_2.2.4-1_all.deb");
        root.Index();
        var gone = await PackageRoot.FailureOfAsync(apt.ApplyAsync(locked, [], Cancellation));
        Assert.Equal((DiagnosticCatalogue.PackageVersionMissing.Code, "No repository has the locked package engine 2.2.4-1 (all) any more."), (gone.Code, gone.Message));

        // A script that fails: which, and how. Nothing that was lent stays.
        var broken = await PackageRoot.FailureOfAsync(apt.ApplyAsync([PackageRoot.Locked("broken", "1.0", "all")], [], Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageManagerFailed.Code, broken.Code);
        Assert.Contains("package broken (--configure)", broken.Message, StringComparison.Ordinal);
        Assert.Contains("exit status 3", broken.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(root.Path + RootLoan.PolicyPath));
    }

    [Fact]
    public async Task R16_Repositories_that_are_not_signed_or_do_not_answer_are_refused()
    {
        root.Use("file:/srv/repository", "other.asc");
        await RefusedAsync(DiagnosticCatalogue.PackageNotTrusted, "NO_PUBKEY");
        root.Use("file:/srv/repository", "test.asc");
        root.Index(sign: false);
        await RefusedAsync(DiagnosticCatalogue.PackageNotTrusted, "is not signed");
        root.Use("http://127.0.0.1:9/debian", "test.asc");
        await RefusedAsync(DiagnosticCatalogue.RepositoryUnreadable, "127.0.0.1:9");

        // A file that is not what the signed index says.
        root.Use("file:/srv/repository", "test.asc");
        root.Index();
        await File.AppendAllTextAsync(root.Repository + "/libengine_2.0_all.deb", "more", Cancellation);
        var spoilt = await PackageRoot.FailureOfAsync(apt.ApplyAsync([PackageRoot.Locked("libengine", "2.0", "all")], [], Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageNotTrusted.Code, spoilt.Code);
        Assert.False(File.Exists(root.Path + "/opt/libengine"));

        async Task RefusedAsync(DiagnosticDescriptor expected, string why)
        {
            var failure = await PackageRoot.FailureOfAsync(apt.ResolveAsync(PackageRoot.Requests("engine", "*"), Cancellation));
            Assert.Equal(expected.Code, failure.Code);
            Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_root_of_another_processor_or_without_apt_is_refused_and_a_policy_of_its_own_stays()
    {
        var arm = PackageRoot.Own == Configuration.ImageConfigs.Architecture.X86 ? Configuration.ImageConfigs.Architecture.Arm64 : Configuration.ImageConfigs.Architecture.X86;
        Apt foreign = new(PackageRoot.Target(root.Root, "debian", arm), programs, Logging.NoLog.Instance, diagnostics);
        await RefusedAsync(foreign, DiagnosticCatalogue.RootNotRunnable, "and the image for");

        await File.WriteAllTextAsync(root.Path + RootLoan.PolicyPath, "#!/bin/sh\nexit 101\n", Cancellation);
        Assert.Equal(["libengine"], await apt.ApplyAsync([PackageRoot.Locked("libengine", "2.0", "all")], [], Cancellation));
        Assert.Equal("#!/bin/sh\nexit 101\n", await File.ReadAllTextAsync(root.Path + RootLoan.PolicyPath, Cancellation));

        // Programs that this machine's kernel cannot run, and the shell with which the C library would try next.
        foreach (var program in new[] { "/usr/bin/dpkg", "/usr/bin/dash" })
        {
            File.Delete(root.Path + program);
            await File.WriteAllBytesAsync(root.Path + program, [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0xff, 0xff], Cancellation);
            File.SetUnixFileMode(root.Path + program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        await RefusedAsync(apt, DiagnosticCatalogue.RootNotRunnable, "Exec format error");
        File.Delete(root.Path + "/usr/bin/dpkg");
        await RefusedAsync(apt, DiagnosticCatalogue.PackageManagerMissing, "has no apt");

        async Task RefusedAsync(Apt manager, DiagnosticDescriptor expected, string why)
        {
            var failure = await PackageRoot.FailureOfAsync(manager.ResolveAsync(PackageRoot.Requests("engine", "*"), Cancellation));
            Assert.Equal(expected.Code, failure.Code);
            Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose() => root?.Dispose();

    private ResolvedPackage Package(string name, string version, bool isDependency)
    {
        var file = $"{name}_{version[(version.IndexOf(':', StringComparison.Ordinal) + 1)..]}_all.deb";
        return new ResolvedPackage(
            name, version, "all", $"file:///srv/repository/{file}", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes($"{root.Repository}/{file}"))), isDependency);
    }
}
