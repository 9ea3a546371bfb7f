using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging;
using EksNode.Host.Packages;
using EksNode.Host.Tests.Http;

namespace EksNode.Host.Tests.Packages;

/// <summary>The real dnf, with a repository that is made here, into an empty root.</summary>
public sealed class DnfTests : IClassFixture<RpmRepository>
{
    private readonly RpmRepository repository;

    public DnfTests(RpmRepository repository)
    {
        Assert.SkipUnless(RpmRepository.Missing is null, RpmRepository.Missing ?? "");
        this.repository = repository;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task R16_Constraints_come_to_exact_packages_which_are_installed_once_and_removed_again()
    {
        using PackageRoot root = new(repository.Folder, repository.Key);
        var dnf = root.Dnf();
        Assert.Empty(await dnf.InstalledAsync(Cancellation));

        var requests = PackageRoot.Requests("engine", ">=2.1 <2.3", RpmRepository.LongName, "*", "rival", "absent", "big-engine", "*");
        var resolved = await dnf.ResolveAsync(requests, Cancellation);
        Assert.Equal(
            [
                Package("big-engine", "2.2.4-1", isDependency: false),
                Package("engine", "2.2.4-1", isDependency: false),
                Package(RpmRepository.LongName, "1.0-1", isDependency: false),
                Package("libengine", "2.0-1", isDependency: true),
            ],
            resolved);
        Assert.Empty(await dnf.InstalledAsync(Cancellation));
        Assert.False(Directory.Exists(root.Path + "/opt"));

        Assert.Equal(["big-engine", "engine", RpmRepository.LongName, "libengine"], await dnf.ApplyAsync(resolved, ["rival"], Cancellation));
        Assert.Equal(["big-engine 2.2.4-1", "engine 2.2.4-1", RpmRepository.LongName + " 1.0-1", "libengine 2.0-1"], await PackageRoot.InstalledAsync(dnf));
        Assert.Equal("2.2.4\n", await File.ReadAllTextAsync(root.Path + "/opt/engine", Cancellation));

        // Where the rpm of the root looks for it, whatever this machine's does.
        Assert.True(File.Exists(root.Path + "/var/lib/rpm/rpmdb.sqlite"));
        Assert.False(Directory.Exists(root.Path + "/.rpmdb"));

        // Nothing is asked of dnf the second time: one look at what is installed.
        var started = root.Programs.Started;
        Assert.Empty(await dnf.ApplyAsync(resolved, ["rival"], Cancellation));
        Assert.Equal(started + 1, root.Programs.Started);

        // What is there is what would be chosen, so nothing is needed beside it.
        Assert.Equal(resolved.RemoveAt(3), await dnf.ResolveAsync(requests, Cancellation));

        // Back to an older version, and one away. What was only needed by the newer one stays.
        var older = PackageRoot.Locked("engine", "2.1.5-1", sha256: repository.Sha256("engine-2.1.5-1.noarch.rpm"));
        Assert.Equal(["big-engine", "engine", RpmRepository.LongName], await dnf.ApplyAsync([older], [RpmRepository.LongName, "big-engine"], Cancellation));
        Assert.Equal(["engine 2.1.5-1", "libengine 2.0-1"], await PackageRoot.InstalledAsync(dnf));
        Assert.Empty(root.Diagnostics.Items);

        // It would go with what must not be there.
        Assert.Equal(["engine"], await dnf.ApplyAsync([PackageRoot.Locked("engine", "2.2.4-1")], [], Cancellation));
        var conflict = await PackageRoot.FailureOfAsync(dnf.ApplyAsync([PackageRoot.Locked("engine", "2.2.4-1")], ["libengine"], Cancellation));
        Assert.Equal((DiagnosticCatalogue.PackageConflict.Code, "Without libengine the package engine would go as well, which is to be installed."), (conflict.Code, conflict.Message));
        Assert.Equal(["engine 2.2.4-1", "libengine 2.0-1"], await PackageRoot.InstalledAsync(dnf));

        // What must not be there makes room for what conflicts with it.
        var rival = await dnf.ResolveAsync(PackageRoot.Requests("rival", "1.0", "engine", "absent"), Cancellation);
        Assert.Equal(["engine", "rival"], await dnf.ApplyAsync(rival, ["engine"], Cancellation));

        ResolvedPackage Package(string name, string version, bool isDependency)
        {
            var file = $"{name}-{version}.noarch.rpm";
            return new ResolvedPackage(name, version, "noarch", $"file://{repository.Folder}/{file}", repository.Sha256(file), isDependency);
        }
    }

    [Fact]
    public async Task R16_A_name_or_a_version_that_no_repository_has_is_told_with_what_there_is()
    {
        using PackageRoot root = new(repository.Folder, repository.Key);
        var dnf = root.Dnf();
        var unknown = await PackageRoot.FailureOfAsync(dnf.ResolveAsync(PackageRoot.Requests("engin", "*", "nothing-like-it", "1.0"), Cancellation));
        Assert.Equal((DiagnosticCatalogue.PackageUnknown.Code, "No repository has the package engin.", "Did you mean `engine`?"), (unknown.Code, unknown.Message, unknown.Help));
        Assert.Equal("No repository has the package nothing-like-it.", Assert.Single(root.Diagnostics.Items).Message);

        var version = await PackageRoot.FailureOfAsync(dnf.ResolveAsync(PackageRoot.Requests("engine", "2.4.*"), Cancellation));
        Assert.Equal((DiagnosticCatalogue.PackageVersionMissing.Code, "No version of the package engine fits `2.4.*`."), (version.Code, version.Message));
        Assert.StartsWith("There are 1:2.3.0-1, 2.2.4-1, 2.1.5-1: ", version.Help, StringComparison.Ordinal);

        // The solver's reasons are the message.
        var needy = await PackageRoot.FailureOfAsync(dnf.ResolveAsync(PackageRoot.Requests("needy", "1"), Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageConflict.Code, needy.Code);
        Assert.Contains("nothing provides nothing-has-this needed by needy-1.0-1.noarch", needy.Message, StringComparison.Ordinal);
        var clash = await PackageRoot.FailureOfAsync(dnf.ResolveAsync(PackageRoot.Requests("engine", "*", "libengine", "absent"), Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageConflict.Code, clash.Code);
        Assert.Contains("libengine >= 2", clash.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task R16_Packages_that_are_not_signed_as_the_repository_demands_are_not_installed()
    {
        var library = PackageRoot.Locked("libengine", "2.0-1");
        const string file = "/libengine-2.0-1.noarch.rpm";
        var unsigned = repository.Changed(folder => TestProgram.Run("rpmsign", "--delsign", folder + file));
        await RefusedAsync(unsigned, repository.Key, "Package libengine-2.0-1.noarch.rpm is not signed");
        await RefusedAsync(repository.Folder, repository.OtherKey, "Public key for libengine-2.0-1.noarch.rpm is not installed");
        await RefusedAsync(repository.Folder, null, "no key is known");
        await RefusedAsync(repository.Changed(folder => Spoil(folder + file)), repository.Key, "Problem opening package libengine-2.0-1.noarch.rpm");
        await RefusedAsync(repository.Changed(folder => Spoil(folder + file), index: false), repository.Key, "has incorrect checksum");

        async Task RefusedAsync(string folder, string? key, string why)
        {
            using PackageRoot root = new(folder, key);
            var dnf = root.Dnf();
            var failure = await PackageRoot.FailureOfAsync(dnf.ApplyAsync([library], [], Cancellation));
            Assert.Equal(DiagnosticCatalogue.PackageNotTrusted.Code, failure.Code);
            Assert.Contains(why, failure.Message, StringComparison.Ordinal);
            Assert.Empty(await dnf.InstalledAsync(Cancellation));
        }

        static void Spoil(string path)
        {
            var bytes = File.ReadAllBytes(path);
            bytes[^3] ^= 1;
            File.WriteAllBytes(path, bytes);
        }
    }

    [Fact]
    public async Task R16_What_the_repository_does_not_have_any_more_as_it_is_locked_is_refused()
    {
        using PackageRoot root = new(repository.Folder, repository.Key);
        var dnf = root.Dnf();
        var locked = await dnf.ResolveAsync(PackageRoot.Requests("engine", "2.2"), Cancellation);

        root.Use(repository.Changed(folder => File.Delete(folder + "/engine-2.2.4-1.noarch.rpm")), repository.Key);
        var gone = await PackageRoot.FailureOfAsync(dnf.ApplyAsync(locked, [], Cancellation));
        Assert.Equal((DiagnosticCatalogue.PackageVersionMissing.Code, "No repository has the locked package engine 2.2.4-1 (noarch) any more."), (gone.Code, gone.Message));
        Assert.StartsWith("There are 1:2.3.0-1, 2.1.5-1. ", gone.Help, StringComparison.Ordinal);

        root.Use(repository.Changed(Rebuild), repository.Key);
        var other = await PackageRoot.FailureOfAsync(dnf.ApplyAsync(locked, [], Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageNotTrusted.Code, other.Code);
        Assert.Contains(repository.Sha256("libengine-2.0-1.noarch.rpm"), other.Message, StringComparison.Ordinal);

        root.Use(repository.Folder, repository.Key);
        var lacking = await PackageRoot.FailureOfAsync(dnf.ApplyAsync(locked.RemoveAt(1), [], Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageConflict.Code, lacking.Code);
        Assert.Contains("libengine 2.0-1", lacking.Message, StringComparison.Ordinal);
        Assert.Empty(await dnf.InstalledAsync(Cancellation));

        void Rebuild(string folder)
        {
            repository.Build(folder, "noarch", RpmRepository.Spec("libengine", "2.0", "Provides: something-else"));
            repository.Sign(folder + "/libengine-2.0-1.noarch.rpm");
        }
    }

    [Fact]
    public async Task R07_Repositories_are_reached_through_the_proxy_of_the_build()
    {
        // It alone knows the name: what comes to it is a request with the whole address.
        const string Place = "http://repository.invalid/packages/";
        await using RawServer proxy = new(async (stream, head, cancel) =>
        {
            // libcurl gives its credentials to who asks for them.
            var path = head.Split(' ')[1].Replace(Place, repository.Folder + "/", StringComparison.Ordinal);
            var isKnown = head.Contains("Proxy-Authorization: Basic ", StringComparison.OrdinalIgnoreCase);
            var body = isKnown && File.Exists(path) ? await File.ReadAllBytesAsync(path, cancel) : [];
            var status = isKnown ? File.Exists(path) ? "200 OK" : "404 Not Found" : "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"";
            await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n")), cancel);
            await stream.WriteAsync(body, cancel);
        });
        using PackageRoot root = new(Place, repository.Key);
        var without = await PackageRoot.FailureOfAsync(root.Dnf().ResolveAsync(PackageRoot.Requests("libengine", "*"), Cancellation));
        Assert.Equal(DiagnosticCatalogue.RepositoryUnreadable.Code, without.Code);
        Assert.Empty(proxy.Requests);

        var dnf = root.Dnf(null, [.. BuildProxy.Variables(
            new ProxySettings { Http = new Sourced<Secret>(new Secret($"http://builder:secret@127.0.0.1:{proxy.Port}"), Origin.Default("a test")) }, new Dictionary<string, string>())]);
        var resolved = await dnf.ResolveAsync(PackageRoot.Requests("libengine", "*"), Cancellation);
        Assert.Equal(Place + "libengine-2.0-1.noarch.rpm", Assert.Single(resolved).Url);
        Assert.Equal(["libengine"], await dnf.ApplyAsync(resolved, [], Cancellation));
        Assert.Contains(proxy.Requests, r => r.StartsWith($"GET {Place}libengine-2.0-1.noarch.rpm ", StringComparison.Ordinal));

        // The image keeps nothing of it.
        var kept = Directory.EnumerateFiles(root.Path, "*", SearchOption.AllDirectories).Where(f => Encoding.Latin1.GetString(File.ReadAllBytes(f)).Contains("secret", StringComparison.Ordinal));
        Assert.Empty(kept);
    }

    [Fact]
    public async Task A_mirror_that_does_not_answer_or_lacks_a_file_is_named()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        listener.Stop();
        using PackageRoot root = new($"http://127.0.0.1:{port}/", repository.Key);
        var dead = await PackageRoot.FailureOfAsync(root.Dnf().ResolveAsync(PackageRoot.Requests("engine", "*"), Cancellation));
        Assert.Equal(DiagnosticCatalogue.RepositoryUnreadable.Code, dead.Code);
        Assert.StartsWith("The repository test cannot be read: Curl error (7)", dead.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port}", dead.Message, StringComparison.Ordinal);

        root.Use(repository.Changed(folder => File.Delete(folder + "/libengine-2.0-1.noarch.rpm"), index: false), repository.Key);
        var lacking = await PackageRoot.FailureOfAsync(root.Dnf().ApplyAsync([PackageRoot.Locked("libengine", "2.0-1")], [], Cancellation));
        Assert.Equal(DiagnosticCatalogue.RepositoryUnreadable.Code, lacking.Code);
        Assert.Contains("libengine-2.0-1.noarch.rpm: No such file", lacking.Message, StringComparison.Ordinal);

        File.Delete(root.Path + "/etc/yum.repos.d/test.repo");
        var none = await PackageRoot.FailureOfAsync(root.Dnf().ResolveAsync(PackageRoot.Requests("engine", "*"), Cancellation));
        Assert.Equal(DiagnosticCatalogue.RepositoryUnreadable.Code, none.Code);
        Assert.StartsWith("dnf has no repositories for " + root.Path, none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packages_of_another_processor_are_installed_without_their_scripts_and_that_is_said()
    {
        Assert.SkipUnless(PackageRoot.Own == Configuration.ImageConfigs.Architecture.X86, "the package of the other processor is one of arm64");
        using PackageRoot root = new(repository.Folder, repository.Key);
        var dnf = root.Dnf(Configuration.ImageConfigs.Architecture.Arm64);
        var resolved = await dnf.ResolveAsync(PackageRoot.Requests("scripted", "*", "libengine", "2.0"), Cancellation);
        Assert.Equal(["libengine noarch", "scripted aarch64", "shell aarch64"], resolved.Select(p => $"{p.Name} {p.Architecture}"));
        Assert.Empty(root.Diagnostics.Items);
        Assert.Equal(["libengine", "scripted", "shell"], await dnf.ApplyAsync(resolved, [], Cancellation));
        var remark = Assert.Single(root.Diagnostics.Items);
        Assert.Equal(DiagnosticCatalogue.PackageScriptsNotRun.Code, remark.Code);
        Assert.EndsWith("The scripts of these packages did not run: scripted.", remark.Message, StringComparison.Ordinal);

        // For the machine's own processor no repository has it.
        using PackageRoot own = new(repository.Folder, repository.Key);
        var unknown = await PackageRoot.FailureOfAsync(own.Dnf().ResolveAsync(PackageRoot.Requests("scripted", "*"), Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageUnknown.Code, unknown.Code);
    }

    [Fact]
    public async Task A_lock_that_another_dnf_holds_a_full_disk_and_a_missing_program_are_told_apart()
    {
        using PackageRoot root = new(repository.Folder, repository.Key);
        ImmutableArray<ResolvedPackage> library = [PackageRoot.Locked("libengine", "2.0-1")];
        var missing = await PackageRoot.FailureOfAsync(new Dnf(PackageRoot.Target(root.Root, "al2023"), root.Programs, Logging.NoLog.Instance, root.Diagnostics) { Program = "/no/such/dnf" }.ApplyAsync(library, [], Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageManagerMissing.Code, missing.Code);
        Assert.StartsWith("/no/such/dnf could not be started", missing.Message, StringComparison.Ordinal);

        var cache = Directory.CreateDirectory(root.Path + "/var/cache/dnf").FullName;
        foreach (var name in new[] { "metadata_lock.pid", "download_lock.pid" })
        {
            await File.WriteAllTextAsync($"{cache}/{name}", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), Cancellation);
        }

        var busy = await PackageRoot.FailureOfAsync(root.Dnf().ApplyAsync(library, [], Cancellation));
        Assert.Equal(DiagnosticCatalogue.PackageManagerBusy.Code, busy.Code);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), busy.Message, StringComparison.Ordinal);

        // Room for dnf's own files, none for the package.
        Directory.Delete(cache, recursive: true);
        var large = repository.Changed(folder =>
        {
            repository.Build(folder, "noarch", RpmRepository.Spec("large", "1.0").Replace("echo 1.0 >", "head -c 24000000 /dev/zero >", StringComparison.Ordinal));
            repository.Sign(folder + "/large-1.0-1.noarch.rpm");
        });
        root.Use(large, repository.Key);
        TestProgram.Run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", Directory.CreateDirectory(root.Path + "/opt").FullName);
        try
        {
            var full = await PackageRoot.FailureOfAsync(root.Dnf().ApplyAsync([PackageRoot.Locked("large", "1.0-1")], [], Cancellation));
            Assert.Equal(DiagnosticCatalogue.DiskFull.Code, full.Code);
            Assert.Contains("more space needed on", full.Message, StringComparison.Ordinal);
        }
        finally
        {
            TestProgram.Run("umount", root.Path + "/opt");
        }
    }

    [Fact]
    public void R16_Versions_are_ordered_as_rpm_orders_them()
    {
        string[] versions =
        [
            "1", "1.0", "1.0.0", "1.00", "1.0~rc1", "1.0^git1", "1.0a", "1.a", "1.10", "1.9", "2", "1_0", "10xyz", "10.1xyz", "a", "1.0~", "1.0^", "1.0.",
            "1.0-1", "1.0-2", "1.0-10.amzn2023", "1.0-2.amzn2023", "1:0.5-1", "0:1.0-1", "1.0~rc1-1", "1.0^git1-1", "20250101000000000000-1",
        ];
        var list = string.Join(',', versions.Select(v => $"\"{v}\""));
        var answers = TestProgram.Run(
            "rpm", "--eval", $"%{{lua: local v = {{{list}}} for i = 1, #v do for j = 1, #v do print(rpm.vercmp(v[i], v[j]) .. ' ') end end}}")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(versions.Length * versions.Length, answers.Length);
        Assert.Contains("-1", answers);
        for (var i = 0; i < answers.Length; i++)
        {
            var (left, right) = (versions[i / versions.Length], versions[i % versions.Length]);

            // rpm takes a missing release for any; here each version has one.
            if (left.Contains('-', StringComparison.Ordinal) == right.Contains('-', StringComparison.Ordinal))
            {
                Assert.True(answers[i] == Math.Sign(PackageVersion.CompareRpm(left, right)).ToString(CultureInfo.InvariantCulture), $"{left} and {right}: {answers[i]}");
            }
        }
    }
}
