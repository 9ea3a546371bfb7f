using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EksNode.Tests;

/// <summary>verify and reset, as the command line has them, on a folder that join wrote.</summary>
public sealed class DriftTests : IDisposable
{
    private const string Config = "/etc/kubernetes/kubelet/config.json";

    private static readonly JsonSchema VerifySchema = JsonSchema.Of("verify.schema.json");

    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("eksnode-drift-");
    private readonly DirectoryInfo beside = Directory.CreateTempSubdirectory("eksnode-drift-facts-");

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Path.Combine(Repository.Root, "tests/cases")).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        root.Delete(recursive: true);
        beside.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Of_every_case_nothing_is_found_then_each_change_is_and_reset_leaves_what_was_there(string name)
    {
        var (configuration, facts) = Files(name);
        string[] sources = ["-c", configuration, "--facts", facts];
        var plan = await RunAsync(["plan", .. sources, "--output", "json"]);
        if (!plan.Json.TryGetProperty("changes", out var changes))
        {
            // A configuration that cannot be planned.
            Assert.Contains("\"error\"", plan.Out, StringComparison.Ordinal);
            return;
        }

        var paths = changes.EnumerateArray()
            .Select(c => c.GetProperty("resource").GetString()!)
            .Where(id => id.StartsWith("file:", StringComparison.Ordinal) || id.StartsWith("symlink:", StringComparison.Ordinal))
            .Select(id => id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..])
            .ToArray();
        // Something of the image is at every second path, with a mode of its own, and once as a link.
        for (var i = 0; i < paths.Length; i += 2)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(paths[i]))!);
            if (i % 4 == 2)
            {
                File.CreateSymbolicLink(At(paths[i]), "of-the-image");
            }
            else
            {
                File.WriteAllText(At(paths[i]), "of the image");
                File.SetUnixFileMode(At(paths[i]), UnixFileMode.UserRead | UnixFileMode.GroupRead);
            }
        }

        // Without an end of its last line; it knows the API server that DNS does not.
        File.WriteAllText(At("/etc/hosts"), "127.0.0.1 localhost 0123456789ABCDEF.sk1.us-west-2.eks.amazonaws.com");
        var before = Tree();
        await ExpectAsync(0, ["join", "--no-start", .. sources]);
        var joined = Tree(times: true);
        await ExpectAsync(0, ["verify", .. sources]);
        Assert.Equal(joined, Tree(times: true));

        for (var i = 0; i < paths.Length; i++)
        {
            var victim = paths[i];
            var put = Saved(victim);
            ByHand(victim, i % 4);
            var changed = Tree(times: true);
            var found = (await ExpectAsync(3, ["verify", .. sources, "--output", "json"])).Json;
            var drift = Assert.Single(found.GetProperty("findings").EnumerateArray(), f => f.GetProperty("drift").GetBoolean());
            Assert.Equal(victim, drift.GetProperty("path").GetString());
            Assert.Equal(1, found.GetProperty("summary").GetProperty("drift").GetInt32());
            Assert.Contains(victim, (await ExpectAsync(3, ["verify", .. sources])).Out, StringComparison.Ordinal);
            // The way back: with `enforce` the planned version, or, for a folder, what to do first.
            Assert.Contains(victim, (await RunAsync(["plan", .. sources, "--policy", "enforce"])).Everything, StringComparison.Ordinal);
            Assert.Contains(victim, (await RunAsync(["plan", .. sources])).Everything, StringComparison.Ordinal);
            Assert.Equal(changed, Tree(times: true));
            put();
        }

        await ExpectAsync(0, ["verify", .. sources]);
        await ExpectAsync(0, ["reset", "--yes"]);
        Assert.Equal(before, Tree());
        Assert.Contains("Nothing to undo", (await ExpectAsync(0, ["reset", "--yes"])).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_changed_by_hand_is_shown_without_its_secrets()
    {
        var sources = await JoinedAsync();
        File.WriteAllText(At(Config), File.ReadAllText(At(Config)).Replace(
            "\"maxPods\": 29",
            "\"staticPodURLHeader\": {\"Authorization\": [\"Bearer canary-4711\"]},\n    \"maxPods\": 30",
            StringComparison.Ordinal));
        var text = await ExpectAsync(3, ["verify", .. sources]);
        Assert.Contains("by hand: content", text.Out, StringComparison.Ordinal);
        Assert.Contains("-     \"maxPods\": 29", text.Out, StringComparison.Ordinal);
        Assert.Contains("+     \"maxPods\": 30", text.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-4711", text.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-4711", (await ExpectAsync(3, ["verify", .. sources, "--output", "json"])).Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_to_compare_with_and_a_state_that_cannot_be_read_are_no_pass()
    {
        string[] nothing = ["verify", "-c", "/no/such/file", "--facts", "/no/such/file"];
        Assert.Contains("EKN0926", (await RunAsync(nothing)).Error, StringComparison.Ordinal);
        Assert.Empty(VerifySchema.Violations((await RunAsync([.. nothing, "--output", "json"])).Out));
        var sources = await JoinedAsync();
        File.WriteAllText(At("/var/lib/eksnode/state.json"), "{");
        Assert.Contains("EKN0830", (await ExpectAsync(1, ["verify", .. sources])).Error, StringComparison.Ordinal);
        Assert.Contains("EKN0830", (await ExpectAsync(1, ["reset", "--yes"])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_image_is_compared_with_its_manifest()
    {
        Write("/usr/bin/kubelet", "program");
        Write("/etc/eksnode/image.json", """
            {"schemaVersion": 1, "components": {
              "kubelet": {"version": "1.33.4", "path": "/usr/bin/kubelet", "size": 7, "mtime": "2026-01-31T12:00:00Z"},
              "runc": {"version": "1.3.0", "path": "/usr/bin/runc"},
              "containerd": {"version": "2.1.9"}},
             "baked": ["file:/etc/baked", "file:/etc/lost"]}
            """);
        Write("/etc/baked", "baked");
        File.SetLastWriteTimeUtc(At("/usr/bin/kubelet"), new DateTime(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc));
        var sources = await JoinedAsync();
        Assert.Equal([("runc", "missing"), ("file:/etc/lost", "missing")], await ImageAsync(sources));
        Write("/usr/bin/runc", "");
        Write("/etc/lost", "");
        await ExpectAsync(0, ["verify", .. sources]);
        File.SetLastWriteTimeUtc(At("/usr/bin/kubelet"), new DateTime(2026, 2, 1, 12, 0, 0, DateTimeKind.Utc));
        Assert.Equal([("kubelet", "changed")], await ImageAsync(sources));
        Write("/usr/bin/kubelet", "other program");
        Assert.Equal([("kubelet", "changed")], await ImageAsync(sources));
        Assert.Contains("it has 13 bytes, and the image was built with 7", (await ExpectAsync(3, ["verify", .. sources])).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_asks_and_without_somebody_to_ask_refuses()
    {
        await JoinedAsync();
        var before = Tree(times: true);
        var refused = await ExpectAsync(2, ["reset"]);
        Assert.Contains("EKN0033", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Add `--yes`", refused.Error, StringComparison.Ordinal);
        Assert.Contains("EKN0033", (await ExpectAsync(2, ["reset", "--output", "json"], "y\n")).Out, StringComparison.Ordinal);
        Assert.Contains("EKN0962", (await ExpectAsync(1, ["reset"], "n\n")).Error, StringComparison.Ordinal);
        Assert.Contains("EKN0962", (await ExpectAsync(1, ["reset"], "")).Error, StringComparison.Ordinal);
        var dry = await ExpectAsync(0, ["reset", "--dry-run"]);
        Assert.Contains("remove     " + At(Config), dry.Out, StringComparison.Ordinal);
        Assert.Equal(before, Tree(times: true));
        var asked = await ExpectAsync(0, ["reset"], "y\n");
        Assert.Contains("[y/N]", asked.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(At(Config)));
        Assert.Contains("Nothing to undo", (await ExpectAsync(0, ["reset"])).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mode_changed_by_hand_is_told_as_that()
    {
        var sources = await JoinedAsync();
        File.SetUnixFileMode(At(Config), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(At("/var/lib/kubelet/kubeconfig"), (UnixFileMode)0b110_100_100);
        var plan = await RunAsync(["plan", .. sources]);
        Assert.DoesNotContain("written in another way", plan.Out, StringComparison.Ordinal);
        Assert.Contains("~ mode 0600 → 0644; the content stays", plan.Out, StringComparison.Ordinal);
        Assert.Contains("~ mode 0644 → 0600; the content stays", plan.Out, StringComparison.Ordinal);
        Assert.Contains($"EKN0820: {At(Config)} was changed by hand since eksnode wrote it (mode 0644 → 0600), and stays", plan.Error, StringComparison.Ordinal);
        Assert.Contains("was opened to others than root by hand (mode 0600 → 0644)", plan.Error, StringComparison.Ordinal);
        var enforced = await RunAsync(["plan", .. sources, "--policy", "enforce"]);
        Assert.Contains($"EKN0821: {At(Config)} was changed by hand (mode 0644 → 0600), and the plan wins", enforced.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("written in another way", enforced.Out, StringComparison.Ordinal);
        // One that was only written in another way is told as that.
        File.WriteAllText(At(Config), File.ReadAllText(At(Config)) + "\n");
        File.SetUnixFileMode(At(Config), (UnixFileMode)0b110_100_100);
        Assert.Contains("the same values, written in another way", (await RunAsync(["plan", .. sources])).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reset_leaves_no_folder_that_was_not_there_and_says_each_time_what_it_keeps()
    {
        Assert.Contains("eksnode has nothing here", (await ExpectAsync(0, ["reset"])).Out, StringComparison.Ordinal);
        Assert.Empty(root.EnumerateFileSystemInfos());
        var sources = await JoinedAsync();
        await ExpectAsync(0, ["join", "--no-start", .. sources]);
        Assert.DoesNotContain("keeps", (await ExpectAsync(0, ["reset", "--yes"])).Out, StringComparison.Ordinal);
        Assert.Empty(root.EnumerateFileSystemInfos());

        Directory.CreateDirectory(At("/run"));
        Directory.CreateDirectory(At("/var/lib"));
        await JoinedAsync();
        Write(Config, "by hand");
        await ExpectAsync(0, ["join", "--no-start", .. sources, "--policy", "enforce"]);
        for (var i = 0; i < 2; i++)
        {
            Assert.Contains("/var/lib/eksnode/replaced keeps the versions", (await ExpectAsync(0, ["reset", "--yes"])).Out, StringComparison.Ordinal);
        }

        Assert.Contains("/var/lib/eksnode/replaced keeps", (await ExpectAsync(0, ["reset", "--dry-run"])).Out, StringComparison.Ordinal);
        Directory.Delete(At("/var/lib/eksnode"), recursive: true);
        Assert.Contains("eksnode has nothing here", (await ExpectAsync(0, ["reset"])).Out, StringComparison.Ordinal);
        Assert.Equal(["run", "var", "var/lib"], root.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(e => e.FullName[(root.FullName.Length + 1)..]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_was_changed_by_hand_stays_and_is_named()
    {
        Write(Config, "of the image");
        var sources = await JoinedAsync();
        Write(Config, "by hand");
        var reset = (await ExpectAsync(0, ["reset", "--yes", "--output", "json"])).Json;
        Assert.Equal(["file:" + Config], reset.GetProperty("kept").EnumerateArray().Select(k => k.GetString()!));
        Assert.Contains(reset.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("code").GetString() == "EKN0963" && d.GetProperty("path").GetString() == Config);
        Assert.Equal("by hand", File.ReadAllText(At(Config)));
        // Joined again, it is still known what was there before eksnode.
        await ExpectAsync(0, ["join", "--no-start", .. sources, "--policy", "enforce"]);
        await ExpectAsync(0, ["reset", "--yes"]);
        Assert.Equal("of the image", File.ReadAllText(At(Config)));
    }

    // What a case lacks is that of `plain`; the versions, which its matrix goes through, are one pair here.
    private (string Configuration, string Facts) Files(string name)
    {
        var facts = JsonNode.Parse(File.ReadAllText(Input(name, "facts.json")))!;
        var image = facts["image"] as JsonObject ?? [];
        image["kubeletVersion"] = "1.33.4";
        image["containerdVersion"] = "2.1.9";
        facts["image"] = image;
        var path = Path.Combine(beside.FullName, "facts.json");
        File.WriteAllText(path, facts.ToJsonString());
        return (File.Exists(Input(name, "config.mime")) ? Input(name, "config.mime") : Input(name, "config.yaml"), path);
    }

    private static string Input(string name, string file)
    {
        var path = Path.Combine(Repository.Root, "tests/cases", name, file);
        return File.Exists(path) ? path : Path.Combine(Repository.Root, "tests/cases/plain", file);
    }

    private async Task<string[]> JoinedAsync()
    {
        var (configuration, facts) = Files("plain");
        string[] sources = ["-c", configuration, "--facts", facts];
        await ExpectAsync(0, ["join", "--no-start", .. sources]);
        return sources;
    }

    private async Task<(string Name, string Status)[]> ImageAsync(string[] sources) =>
    [
        .. (await ExpectAsync(3, ["verify", .. sources, "--output", "json"])).Json.GetProperty("image").EnumerateArray()
            .Where(i => i.GetProperty("drift").GetBoolean())
            .Select(i => (i.GetProperty("name").GetString()!, i.GetProperty("status").GetString()!)),
    ];

    // What was at a path, to put it back.
    private Action Saved(string path)
    {
        var at = At(path);
        if (new FileInfo(at).LinkTarget is { } target)
        {
            return () =>
            {
                Remove(at);
                File.CreateSymbolicLink(at, target);
            };
        }

        var (content, mode) = (File.ReadAllBytes(at), File.GetUnixFileMode(at));
        return () =>
        {
            Remove(at);
            File.WriteAllBytes(at, content);
            File.SetUnixFileMode(at, mode);
        };
    }

    private void ByHand(string path, int how)
    {
        var at = At(path);
        var isLink = new FileInfo(at).LinkTarget is not null;
        switch (how)
        {
            case 0 when !isLink:
                File.AppendAllText(at, "\n");
                break;
            case 1 when !isLink:
                File.SetUnixFileMode(at, UnixFileMode.UserRead | UnixFileMode.OtherRead);
                break;
            case 2:
                Remove(at);
                Directory.CreateDirectory(at);
                break;
            case 3:
                Remove(at);
                break;
            default:
                Remove(at);
                File.CreateSymbolicLink(at, "by-hand");
                break;
        }
    }

    private static string Hex(FileInfo file)
    {
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return Convert.ToHexString(bytes);
    }

    private static void Remove(string at)
    {
        if (Directory.Exists(at) && new FileInfo(at).LinkTarget is null)
        {
            Directory.Delete(at);
        }
        else
        {
            File.Delete(at);
        }
    }

    private string At(string path) => root.FullName + path;

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), content);
    }

    // Everything but eksnode's own.
    private string Tree(bool times = false)
    {
        var text = new StringBuilder();
        foreach (var entry in root.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).OrderBy(e => e.FullName, StringComparer.Ordinal))
        {
            var path = entry.FullName[root.FullName.Length..];
            if (!times && (path.StartsWith("/run/", StringComparison.Ordinal) || path.StartsWith("/var/lib/eksnode", StringComparison.Ordinal)))
            {
                continue;
            }

            // The lock is taken by whoever looks, and held for a moment by a child that another test is starting, between fork and exec.
            var written = times && !path.StartsWith("/run", StringComparison.Ordinal) ? entry.LastWriteTimeUtc.Ticks : 0;
            var content = entry.LinkTarget ?? (entry is FileInfo file && path != "/run/eksnode/lock" ? Hex(file) : "");
            text.Append(CultureInfo.InvariantCulture, $"{path} {(entry.LinkTarget is null ? entry.UnixFileMode : 0)} {content} {written}\n");
        }

        return text.ToString();
    }

    private async Task<Result> ExpectAsync(int exit, string[] arguments, string? answer = null)
    {
        var result = await RunAsync(arguments, answer);
        Assert.True(result.Exit == exit, $"{string.Join(' ', arguments)}: exit {result.Exit}, wanted {exit}\n{result.Everything}");
        if (arguments[0] == "verify" && arguments.Contains("json"))
        {
            Assert.Empty(VerifySchema.Violations(result.Out));
        }

        return result;
    }

    private async Task<Result> RunAsync(string[] arguments, string? answer = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var io = new CommandIo
        {
            Out = output,
            Error = error,
            OpenInput = () => new MemoryStream(Encoding.UTF8.GetBytes(answer ?? "")),
            InputIsTerminal = answer is not null,
            ErrorIsTerminal = answer is not null,
            Environment = ImmutableDictionary<string, string>.Empty,
        };
        var exit = await CommandLine.RunAsync([.. arguments, "--root", root.FullName], io, Cancellation);
        return new Result(exit, output.ToString(), error.ToString());
    }

    private sealed record Result(int Exit, string Out, string Error)
    {
        public string Everything => Out + Error;

        public JsonElement Json => JsonDocument.Parse(Out).RootElement;
    }
}
