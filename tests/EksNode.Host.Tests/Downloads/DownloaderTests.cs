using System.Net;
using EksNode.Configuration.Text;
using EksNode.Host.Downloads;
using EksNode.Host.Http;
using EksNode.Host.Tests.Files;
using static EksNode.Host.Tests.Downloads.DownloadBench;

namespace EksNode.Host.Tests.Downloads;

public sealed class DownloaderTests : IDisposable
{
    private const int Size = 400_000;

    private readonly DownloadBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public async Task R16_A_file_is_verified_named_by_its_checksum_and_fetched_once()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/v1/kubelet", Artifact.Random(Size));
        var progress = new Progress();

        var first = await bench.FetchAsync(Of(server.At("/v1/kubelet"), kubelet.Sha256), progress: progress);
        var second = await bench.FetchAsync(Of(server.At("/v1/kubelet"), kubelet.Sha256));

        Assert.Equal((Path.Combine(bench.Folder, kubelet.Sha256), Size, Size, null), (first.Path, first.Size, first.Fetched, first.Remark));
        Assert.Equal(kubelet.Content, File.ReadAllBytes(first.Path));
        Assert.Equal((first.Path, Size, 0L), (second.Path, second.Size, second.Fetched));
        Assert.Single(server.Requests);
        Assert.Equal([kubelet.Sha256], bench.Names);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(bench.Folder));
        Assert.Equal(("kubelet", Size, Size), progress.Reports[^1]);
        Assert.Equal(progress.Reports.Select(r => r.Received).Order(), progress.Reports.Select(r => r.Received));
    }

    [Fact]
    public void Progress_is_told_ten_times_a_second_at_most()
    {
        var clock = new StepClock();
        var progress = new Progress();
        var meter = new ProgressMeter("kubelet", progress, clock);
        for (var i = 1; i <= 100; i++)
        {
            meter.Report(i, 100);
            clock.Pass(TimeSpan.FromMilliseconds(10));
        }

        meter.Complete(100);

        Assert.Equal([1, 11, 21, 31, 41, 51, 61, 71, 81, 91, 100], progress.Reports.Select(r => r.Received));
    }

    [Fact]
    public async Task A_download_that_never_ends_is_given_up_and_the_next_run_goes_on_with_it()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.Stalls.Enqueue(100_000);
        var diagnostic = await bench.FailAsync(
            Of(server.At("/kubelet"), kubelet.Sha256), new DownloaderOptions { LongestDownload = TimeSpan.FromSeconds(3), LongestSilence = TimeSpan.FromMinutes(5) });
        Assert.Equal(DiagnosticCatalogue.DownloadFailed.Code, diagnostic.Code);
        Assert.Contains("it is not there after", diagnostic.Message, StringComparison.Ordinal);

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));
        Assert.InRange(file.Fetched, 1, Size - 1);
        Assert.Equal(kubelet.Content, await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task R16_A_download_with_another_checksum_is_refused_and_removed()
    {
        await using var server = new ArtifactServer();
        var other = server.Add("/kubelet", Artifact.Random(Size));
        var wanted = new string('a', 64);

        var diagnostic = await bench.FailAsync(Of(new Uri(server.At("/kubelet") + "?X-Amz-Signature=secret"), wanted));

        Assert.Equal(DiagnosticCatalogue.ChecksumMismatch.Code, diagnostic.Code);
        Assert.Contains(other.Sha256, diagnostic.Message);
        Assert.Contains(wanted, diagnostic.Message);
        Assert.Contains(server.At("/kubelet").ToString(), diagnostic.Message);
        Assert.DoesNotContain("secret", diagnostic.Message);
        Assert.Empty(bench.Names);
    }

    [Fact]
    public async Task A_connection_that_ends_early_is_resumed_where_it_ended()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.Cuts.Enqueue(100_000);
        kubelet.Cuts.Enqueue(50_000);

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));

        Assert.Equal(Size, file.Fetched);
        Assert.Equal(kubelet.Content, File.ReadAllBytes(file.Path));
        Assert.Equal(3, server.Requests.Count);
        Assert.DoesNotContain("Range", server.Requests[0]);
        Assert.Contains("Range: bytes=100000-\r\nIf-Range: \"one\"\r\n", server.Requests[1]);
        Assert.Contains("Range: bytes=150000-\r\n", server.Requests[2]);
        Assert.Equal([kubelet.Sha256], bench.Names);
    }

    [Fact]
    public async Task What_a_cancelled_run_fetched_is_resumed_by_the_next()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.Stalls.Enqueue(200_000);
        using var cancel = new CancellationTokenSource();
        var progress = new Progress();
        var running = bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256), progress: progress, cancellation: cancel.Token);
        await Until(() => bench.Names.Any(n => n.EndsWith(".part", StringComparison.Ordinal)) && new FileInfo(Path.Combine(bench.Folder, kubelet.Sha256 + ".part")).Length == 200_000);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal([kubelet.Sha256 + ".etag", kubelet.Sha256 + ".part"], bench.Names);

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));

        Assert.Equal((Size, Size - 200_000), (file.Size, file.Fetched));
        Assert.Equal(kubelet.Content, File.ReadAllBytes(file.Path));
        Assert.Contains("Range: bytes=200000-\r\nIf-Range: \"one\"\r\n", server.Requests[1]);
        Assert.Equal([kubelet.Sha256], bench.Names);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, "W/\"weak\"")]
    public async Task A_server_without_resuming_or_validators_gives_the_file_all_the_same(bool resumes, string? tag)
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        (kubelet.Resumes, kubelet.Tag) = (resumes, tag);
        kubelet.Cuts.Enqueue(100_000);

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));

        Assert.Equal(kubelet.Content, File.ReadAllBytes(file.Path));
        Assert.Equal(resumes ? Size : Size + 100_000, file.Fetched);
        Assert.Contains("Range: bytes=100000-", server.Requests[1]);
        Assert.DoesNotContain("If-Range", server.Requests[1]);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    public async Task A_file_that_changed_while_it_was_resumed_is_begun_anew(bool compares, int requests)
    {
        await using var server = new ArtifactServer();
        var wanted = Artifact.Random(Size, seed: 2);
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.Compares = compares;
        kubelet.Cuts.Enqueue(100_000);
        kubelet.Asked = a =>
        {
            if (a.Cuts.Count == 0)
            {
                (a.Content, a.Tag) = (wanted.Content, "\"two\"");
            }
        };

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), wanted.Sha256));

        Assert.Equal(wanted.Content, File.ReadAllBytes(file.Path));
        Assert.Equal(requests, server.Requests.Count);
        Assert.Contains("If-Range: \"one\"", server.Requests[1]);
        Assert.Equal([wanted.Sha256], bench.Names);
    }

    [Fact]
    public async Task A_resumed_file_that_is_wrong_is_begun_anew_once()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        var wanted = new string('b', 64);
        Directory.CreateDirectory(bench.Folder);
        File.WriteAllBytes(Path.Combine(bench.Folder, wanted + ".part"), new byte[1000]);

        var diagnostic = await bench.FailAsync(Of(server.At("/kubelet"), wanted));

        Assert.Equal(DiagnosticCatalogue.ChecksumMismatch.Code, diagnostic.Code);
        // The sum of the file as it is there, not that of both parts.
        Assert.Contains(kubelet.Sha256, diagnostic.Message);
        Assert.Equal(2, server.Requests.Count);
        Assert.DoesNotContain("Range", server.Requests[1]);
        Assert.Empty(bench.Names);
    }

    [Fact]
    public async Task A_part_that_is_all_of_the_file_only_gets_its_name()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        Directory.CreateDirectory(bench.Folder);
        File.WriteAllBytes(Path.Combine(bench.Folder, kubelet.Sha256 + ".part"), kubelet.Content);

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));

        Assert.Equal((Size, 0L), (file.Size, file.Fetched));
        Assert.Equal([kubelet.Sha256], bench.Names);
    }

    [Fact]
    public async Task A_part_that_is_longer_than_the_file_is_begun_anew()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        Directory.CreateDirectory(bench.Folder);
        File.WriteAllBytes(Path.Combine(bench.Folder, kubelet.Sha256 + ".part"), new byte[Size + 1]);

        Assert.Equal(kubelet.Content, File.ReadAllBytes((await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256))).Path));
    }

    [Fact]
    public async Task Another_range_than_the_one_that_was_asked_for_is_not_added()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.Cuts.Enqueue(100_000);
        kubelet.WrongRange = $"bytes 99999-{Size - 1}/{Size}";

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));

        Assert.Equal(kubelet.Content, File.ReadAllBytes(file.Path));
        Assert.DoesNotContain("Range", server.Requests[2]);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(-1000)]
    public async Task A_wrong_length_is_no_other_file(int lie)
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.Lie = lie;

        if (lie > 0)
        {
            // All bytes came, and the server has no more: 416.
            Assert.Equal(kubelet.Content, File.ReadAllBytes((await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256))).Path));
        }
        else
        {
            Assert.Equal(DiagnosticCatalogue.ChecksumMismatch.Code, (await bench.FailAsync(Of(server.At("/kubelet"), kubelet.Sha256))).Code);
            Assert.Empty(bench.Names);
        }
    }

    [Fact]
    public async Task Silence_ends_a_connection_and_the_next_goes_on()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.Stalls.Enqueue(100_000);

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256), Options(silence: TimeSpan.FromSeconds(1)));

        Assert.Equal(Size, file.Fetched);
        Assert.Contains("Range: bytes=100000-", server.Requests[1]);
    }

    [Fact]
    public async Task A_server_that_is_always_silent_is_given_up()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.Stalls.Enqueue(0);
        kubelet.Stalls.Enqueue(0);

        var diagnostic = await bench.FailAsync(Of(server.At("/kubelet"), kubelet.Sha256), Options(attempts: 2, silence: TimeSpan.FromMilliseconds(500)));

        Assert.Equal(DiagnosticCatalogue.DownloadFailed.Code, diagnostic.Code);
        Assert.Contains("nothing came for 0.5 s, after 2 attempts.", diagnostic.Message);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_slow_server_may_take_any_time()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(100_000));
        (kubelet.PieceSize, kubelet.Pause) = (5_000, TimeSpan.FromMilliseconds(200));

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256), Options(attempts: 1, silence: TimeSpan.FromSeconds(2)));

        Assert.True(file.Duration > TimeSpan.FromSeconds(3), file.Duration.ToString());
    }

    [Theory]
    [InlineData("404 Not Found", "the server answers 404.")]
    [InlineData("403 Forbidden", "the server answers 403.")]
    [InlineData("204 No Content", "the server answers 204.")]
    public async Task What_does_not_pass_is_not_tried_again(string status, string why)
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.First.Enqueue(status + (status.StartsWith('2') ? "" : "\r\nContent-Length: 0"));

        var diagnostic = await bench.FailAsync(Of(server.At("/kubelet"), kubelet.Sha256));

        Assert.Equal(DiagnosticCatalogue.DownloadFailed.Code, diagnostic.Code);
        Assert.EndsWith(why, diagnostic.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
        Assert.Empty(bench.Names);
    }

    [Theory]
    [InlineData("503 Busy\r\nRetry-After: 1")]
    [InlineData("429 Slower\r\nRetry-After: 1")]
    public async Task What_may_pass_is_tried_again_when_the_server_says(string status)
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.First.Enqueue(status + "\r\nContent-Length: 0");
        kubelet.First.Enqueue("408 Timeout\r\nContent-Length: 0");
        var began = TimeProvider.System.GetTimestamp();

        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));

        Assert.Equal((Size, 3), (file.Fetched, server.Requests.Count));
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_wait_that_a_server_asks_for_has_an_end()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        kubelet.First.Enqueue("503 Busy\r\nRetry-After: 86400\r\nContent-Length: 0");
        kubelet.First.Enqueue($"503 Busy\r\nRetry-After: {DateTimeOffset.UtcNow.AddDays(1):r}\r\nContent-Length: 0");
        var options = new DownloaderOptions
        {
            Backoff = new Backoff(TimeSpan.Zero, TimeSpan.Zero, new Random(1)),
            LongestRetryAfter = TimeSpan.FromMilliseconds(300),
        };
        var began = TimeProvider.System.GetTimestamp();

        _ = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256), options);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromMilliseconds(600), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Attempts_have_an_end()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        for (var i = 0; i < 10; i++)
        {
            kubelet.First.Enqueue("502 Bad Gateway\r\nContent-Length: 0");
        }

        var answered = await bench.FailAsync(Of(server.At("/kubelet"), kubelet.Sha256), Options(attempts: 3));
        var refused = await bench.FailAsync(Of(new Uri("http://127.0.0.1:9/kubelet"), kubelet.Sha256), Options(attempts: 3));

        Assert.EndsWith("the server answers 502, after 3 attempts.", answered.Message, StringComparison.Ordinal);
        Assert.Equal(3, server.Requests.Count);
        Assert.EndsWith("connection refused, after 3 attempts.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_are_followed_and_what_is_asked_stays()
    {
        await using var release = new ArtifactServer();
        await using var store = new ArtifactServer();
        var kubelet = store.Add("/blob", Artifact.Random(Size));
        kubelet.Cuts.Enqueue(100_000);
        var link = release.Add("/kubelet", "");
        link.Asked = a => a.First.Enqueue($"302 Found\r\nLocation: {store.At("/blob")}?X-Amz-Signature=secret\r\nContent-Length: 0");

        var file = await bench.FetchAsync(Of(release.At("/kubelet"), kubelet.Sha256));

        Assert.Equal(kubelet.Content, File.ReadAllBytes(file.Path));
        Assert.StartsWith("GET /blob?X-Amz-Signature=secret HTTP/1.1", store.Requests[0]);
        Assert.Contains("Range: bytes=100000-\r\nIf-Range: \"one\"\r\n", store.Requests[1]);
    }

    [Fact]
    public async Task Redirects_have_an_end()
    {
        await using var server = new ArtifactServer();
        server.Add("/kubelet", "").Asked = a => a.First.Enqueue("307 Again\r\nLocation: kubelet?token=secret\r\nContent-Length: 0");
        server.Add("/nowhere", "").First.Enqueue("301 Gone\r\nContent-Length: 0");
        server.Add("/file", "").First.Enqueue("301 Gone\r\nLocation: file:///etc/shadow\r\nContent-Length: 0");

        var diagnostic = await bench.FailAsync(Of(server.At("/kubelet"), new string('a', 64)));

        Assert.Equal(DiagnosticCatalogue.DownloadFailed.Code, diagnostic.Code);
        Assert.Contains("more than 5 times", diagnostic.Message);
        Assert.DoesNotContain("secret", diagnostic.Message);
        Assert.Equal(6, server.Requests.Count);
        Assert.Contains("does not say to which", (await bench.FailAsync(Of(server.At("/nowhere"), new string('a', 64)))).Message);
        Assert.Contains("does not say to which", (await bench.FailAsync(Of(server.At("/file"), new string('a', 64)))).Message);
    }

    [Fact]
    public async Task A_server_of_an_own_authority_is_trusted_and_never_leads_to_one_without()
    {
        using var authority = new OwnAuthority();
        await using var server = new ArtifactServer(authority.Server);
        await using var plain = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        plain.Add("/kubelet", kubelet);
        server.Add("/plain", "").First.Enqueue($"302 Found\r\nLocation: {plain.At("/kubelet")}?token=secret\r\nContent-Length: 0");
        using var trusting = new DownloadBench { Sending = new HttpSenderOptions { Trust = authority.Trust } };

        Assert.Equal(Size, (await trusting.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256))).Fetched);
        var led = await trusting.FailAsync(Of(server.At("/plain"), new string('c', 64)));
        Assert.Contains($"it leads from https to {plain.At("/kubelet")}, which is not protected", led.Message);
        Assert.Empty(plain.Requests);

        using var other = new OwnAuthority();
        using var suspicious = new DownloadBench { Sending = new HttpSenderOptions { Trust = other.Trust } };
        var refused = await suspicious.FailAsync(Of(server.At("/kubelet"), kubelet.Sha256));
        Assert.Contains("TLS", refused.Message);
        Assert.Contains("SSL_CERT_FILE", refused.Help);
        Assert.DoesNotContain("attempts", refused.Message);
    }

    [Fact]
    public async Task R07_Downloads_go_through_the_proxy()
    {
        await using var proxy = new ArtifactServer();
        var kubelet = proxy.Add("/kubelet", Artifact.Random(Size));
        using var behind = new DownloadBench
        {
            Sending = new HttpSenderOptions { Proxy = new WebProxy($"http://127.0.0.1:{proxy.At("/").Port}") },
        };

        Assert.Equal(Size, (await behind.FetchAsync(Of(new Uri("http://files.example.com/kubelet"), kubelet.Sha256))).Fetched);
        Assert.StartsWith("GET http://files.example.com/kubelet HTTP/1.1", Assert.Single(proxy.Requests));
    }

    [Fact]
    public async Task Four_at_once_and_two_of_one_host()
    {
        await using var one = new ArtifactServer();
        await using var two = new ArtifactServer();
        await using var three = new ArtifactServer();
        var downloads = new List<Download>();
        foreach (var server in (ArtifactServer[])[one, two, three])
        {
            for (var i = 0; i < 4; i++)
            {
                var artifact = server.Add($"/{i}", Artifact.Random(40_000, seed: downloads.Count));
                (artifact.PieceSize, artifact.Pause) = (4_000, TimeSpan.FromMilliseconds(30));
                downloads.Add(new Download($"file{downloads.Count}", server.At($"/{i}"), artifact.Sha256));
            }
        }

        using var sender = new HttpSender(new HttpSenderOptions(), TimeProvider.System);
        var counting = new CountingSender(sender);

        var files = await new Downloader(bench.Folder, counting, TimeProvider.System).FetchAsync([.. downloads], null, TestContext.Current.CancellationToken);

        Assert.Equal(downloads.Select(d => d.Name), files.Select(f => f.Name));
        Assert.Equal([2, 2, 2], counting.MostOfHosts);
        Assert.Equal(4, counting.Most);
    }

    [Fact]
    public async Task One_file_that_two_want_is_fetched_once()
    {
        await using var server = new ArtifactServer();
        var shared = server.Add("/a", Artifact.Random(Size));
        server.Add("/b", shared);
        shared.Pause = TimeSpan.FromMilliseconds(20);

        var files = await bench.FetchAllAsync([Of(server.At("/a"), shared.Sha256), Of(server.At("/b"), shared.Sha256)]);

        Assert.Equal(files[0].Path, files[1].Path);
        Assert.Equal(Size, files[0].Fetched + files[1].Fetched);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task What_is_complete_is_kept_when_another_fails_and_every_failure_is_told()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => bench.FetchAllAsync(
        [
            new Download("crictl", server.At("/crictl"), new string('a', 64)),
            new Download("kubelet", server.At("/kubelet"), kubelet.Sha256),
            new Download("runc", server.At("/runc"), new string('b', 64)),
        ]));

        Assert.Contains("crictl cannot be downloaded from", failure.Message);
        Assert.Contains("runc cannot be downloaded from", failure.Message);
        Assert.Equal([kubelet.Sha256], bench.Names);
    }

    [Fact]
    public async Task Another_run_that_never_ends_is_not_waited_for_for_ever()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        Directory.CreateDirectory(bench.Folder);
        // FileShare.None is flock(2), which another run holds.
        using var other = new FileStream(Path.Combine(bench.Folder, kubelet.Sha256 + ".part"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var failure = await Assert.ThrowsAsync<DiagnosticException>(() => bench.FetchAsync(
            Of(server.At("/kubelet"), kubelet.Sha256), new DownloaderOptions { LongestWaitForOther = TimeSpan.FromSeconds(1) }));

        Assert.Equal(DiagnosticCatalogue.DownloadFailed.Code, failure.Diagnostic.Code);
        Assert.Contains("another run of eksnode has it", failure.Message);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_file_of_the_folder_that_changed_is_fetched_again()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(Size));
        var file = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));
        File.AppendAllText(file.Path, "x");

        var again = await bench.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));

        Assert.Equal(Size, again.Fetched);
        Assert.Equal(kubelet.Content, File.ReadAllBytes(again.Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\nContent-Length: 300000")]
    public async Task A_file_that_never_ends_does_not_fill_the_disk(string length)
    {
        await using var server = new ArtifactServer();
        server.Add("/kubelet", "").First.Enqueue("200 OK" + length + "\r\n\r\n" + new string('x', 300_000));

        var diagnostic = await bench.FailAsync(Of(server.At("/kubelet"), new string('a', 64)), Options(largest: 200_000));

        Assert.Equal(DiagnosticCatalogue.DownloadFailed.Code, diagnostic.Code);
        Assert.Contains("is larger than", diagnostic.Message);
        Assert.Empty(bench.Names);
    }

    [Fact]
    public async Task R16_A_file_of_this_machine_is_verified_where_it_is()
    {
        var path = Path.Combine(bench.Temporary, "a kubelet");
        File.WriteAllText(path, "kubelet");
        var url = new Uri(path);

        var file = await bench.FetchAsync(Of(url, EksNode.Host.Hashing.Sha256.Of("kubelet"u8)));
        var changed = await bench.FailAsync(Of(url, new string('a', 64)));
        var missing = await bench.FailAsync(Of(new Uri(path + "2"), new string('a', 64)));

        Assert.Equal((path, 7L, 0L), (file.Path, file.Size, file.Fetched));
        Assert.Equal((DiagnosticCatalogue.ChecksumMismatch.Code, DiagnosticCatalogue.DownloadFailed.Code), (changed.Code, missing.Code));
        Assert.Contains("there is no such file", missing.Message);
        Assert.True(File.Exists(path));
        Assert.Empty(bench.Names);
    }

    [Fact]
    public async Task A_kill_at_any_step_and_another_run_end_with_the_same_files()
    {
        await using var server = new ArtifactServer();
        var kubelet = server.Add("/kubelet", Artifact.Random(200_000));
        for (var step = 0; ; step++)
        {
            using var host = new DownloadBench();
            var killed = new KillAt(step);
            try
            {
                _ = await host.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256), Options(steps: killed));
                Assert.True(step > 6, $"{step} steps");
                return;
            }
            catch (KilledException)
            {
                var file = await host.FetchAsync(Of(server.At("/kubelet"), kubelet.Sha256));
                Assert.Equal(kubelet.Content, File.ReadAllBytes(file.Path));
                Assert.Equal([kubelet.Sha256], host.Names);
            }
        }
    }

    [Fact]
    public async Task A_folder_that_others_may_write_is_refused()
    {
        TestRoot.RequireRoot();
        Directory.CreateDirectory(bench.Folder);
        File.SetUnixFileMode(bench.Folder, (UnixFileMode)0x1FF);

        var diagnostic = await bench.FailAsync(Of(new Uri("http://127.0.0.1:9/"), new string('a', 64)));

        Assert.Equal(DiagnosticCatalogue.UntrustedDirectory.Code, diagnostic.Code);
    }

    private static async Task Until(Func<bool> holds)
    {
        for (var i = 0; i < 600 && !holds(); i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.True(holds());
    }

    private sealed class Progress : IDownloadProgress
    {
        private readonly List<(string Name, long Received, long? Total)> reports = [];

        public IReadOnlyList<(string Name, long Received, long? Total)> Reports => reports;

        public Action<(string Name, long Received, long? Total)>? Reported { get; set; }

        public void Report(string name, long received, long? total)
        {
            lock (reports)
            {
                reports.Add((name, received, total));
            }

            Reported?.Invoke((name, received, total));
        }
    }

    /// <summary>Counts how many answers are received at once, in all and from each host.</summary>
    private sealed class CountingSender(IHttpStreamSender inner) : IHttpStreamSender
    {
        private readonly Dictionary<string, (int Now, int Most)> hosts = [];
        private int now;

        public int Most { get; private set; }

        public IEnumerable<int> MostOfHosts => hosts.Values.Select(h => h.Most);

        public Task<HttpOutcome> SendAsync(HttpCall call, CancellationToken cancellation) => inner.SendAsync(call, cancellation);

        public async Task<HttpOutcome> ReceiveAsync(HttpCall call, IHttpReceiver receiver, CancellationToken cancellation)
        {
            Count(call, 1);
            try
            {
                return await inner.ReceiveAsync(call, receiver, cancellation);
            }
            finally
            {
                Count(call, -1);
            }
        }

        private void Count(HttpCall call, int step)
        {
            lock (hosts)
            {
                now += step;
                Most = Math.Max(Most, now);
                var host = hosts.GetValueOrDefault(call.Address.Authority);
                hosts[call.Address.Authority] = (host.Now + step, Math.Max(host.Most, host.Now + step));
            }
        }
    }

    private sealed class StepClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan time) => now += time.Ticks;

        public override long GetTimestamp() => now;
    }
}
