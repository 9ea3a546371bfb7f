using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EksNode.Tools.Versions;

/// <summary>Where publishers have their releases. Each can be replaced, by a mirror or a copy for tests.</summary>
/// <param name="KubernetesDownloads">Instead of <c>https://dl.k8s.io</c>.</param>
/// <param name="GitHub">Instead of <c>https://github.com</c>.</param>
/// <param name="GitHubApi">Instead of <c>https://api.github.com</c>.</param>
public sealed record UpstreamPlaces(string KubernetesDownloads = "https://dl.k8s.io", string GitHub = "https://github.com", string GitHubApi = "https://api.github.com");

/// <summary>A release, and where each checksum of it may be.</summary>
/// <param name="Version">The version.</param>
/// <param name="Files">The names of the files of the release; null: nobody lists them.</param>
public sealed record UpstreamRelease(ReleaseVersion Version, IReadOnlySet<string>? Files);

/// <summary>Asks publishers which releases there are, and for their checksums.</summary>
/// <param name="client">Sends the requests.</param>
/// <param name="places">Where publishers are.</param>
/// <param name="gitHubToken">Whom the API of GitHub answers; null: a stranger.</param>
public sealed class Upstream(HttpClient client, UpstreamPlaces places, string? gitHubToken)
{
    private const string KubernetesHost = "https://dl.k8s.io/";
    private const string GitHubHost = "https://github.com/";
    private const int PerPage = 100;

    /// <summary>The releases of a component.</summary>
    /// <param name="url">Where its releases are: <c>data/image-components.tsv</c>.</param>
    /// <param name="kubernetes">The minors of Kubernetes that images are made for.</param>
    /// <param name="cancellation">Ends the requests.</param>
    /// <exception cref="HttpRequestException">A publisher does not answer, or not with what it should.</exception>
    public Task<List<UpstreamRelease>> ReleasesAsync(string url, IEnumerable<string> kubernetes, CancellationToken cancellation) =>
        url.StartsWith(KubernetesHost, StringComparison.Ordinal) ? KubernetesAsync(kubernetes, cancellation)
        : url.StartsWith(GitHubHost, StringComparison.Ordinal) ? GitHubAsync(string.Join('/', url[GitHubHost.Length..].Split('/')[..2]), cancellation)
        : throw new InvalidDataException($"{url}: its publisher is none that this tool knows.");

    /// <summary>The checksum that the publisher names for a file; null: it names none.</summary>
    /// <param name="url">The file.</param>
    /// <param name="release">Its release.</param>
    /// <param name="cancellation">Ends the requests.</param>
    /// <exception cref="HttpRequestException">The publisher does not answer.</exception>
    public async Task<string?> ChecksumAsync(string url, UpstreamRelease release, CancellationToken cancellation)
    {
        var file = url[(url.LastIndexOf('/') + 1)..];
        foreach (var name in ChecksumNames(url, file))
        {
            if (release.Files?.Contains(name) != false
                && await TextAsync(Placed(url[..(url.LastIndexOf('/') + 1)] + name), cancellation) is { } text
                && ChecksumFile.Find(text, file) is { } sha256)
            {
                return sha256;
            }
        }

        return null;
    }

    // Beside the file, or one for all files that is called like the project.
    private static IEnumerable<string> ChecksumNames(string url, string file)
    {
        if (url.StartsWith(KubernetesHost, StringComparison.Ordinal))
        {
            return [file + ".sha256"];
        }

        return [file + ".sha256sum", file + ".sha256", url[GitHubHost.Length..].Split('/')[1] + ".sha256sum"];
    }

    // The newest patch release of each minor; all before it were released, too.
    private async Task<List<UpstreamRelease>> KubernetesAsync(IEnumerable<string> minors, CancellationToken cancellation)
    {
        var releases = new List<UpstreamRelease>();
        foreach (var minor in minors)
        {
            var url = $"{places.KubernetesDownloads}/release/stable-{minor}.txt";
            var newest = ReleaseVersion.Find((await TextAsync(url, cancellation) ?? "").Trim())
                ?? throw new HttpRequestException($"{url}: it names no release.");
            for (var patch = 0; patch <= newest.Patch; patch++)
            {
                releases.Add(new UpstreamRelease(newest with { Patch = patch }, null));
            }
        }

        return releases;
    }

    private async Task<List<UpstreamRelease>> GitHubAsync(string repository, CancellationToken cancellation)
    {
        var releases = new List<UpstreamRelease>();
        for (var page = 1; ; page++)
        {
            var url = string.Create(CultureInfo.InvariantCulture, $"{places.GitHubApi}/repos/{repository}/releases?per_page={PerPage}&page={page}");
            var text = await TextAsync(url, cancellation) ?? throw new HttpRequestException($"{url}: there is nothing.");
            try
            {
                using var document = JsonDocument.Parse(text);
                foreach (var release in document.RootElement.EnumerateArray())
                {
                    // Some repositories have releases of several things: api/v1.8.0.
                    if (!release.GetProperty("draft").GetBoolean() && !release.GetProperty("prerelease").GetBoolean()
                        && release.GetProperty("tag_name").GetString() is ['v', ..] tag && ReleaseVersion.Find(tag) is { } version)
                    {
                        releases.Add(new UpstreamRelease(version, release.GetProperty("assets").EnumerateArray().Select(a => a.GetProperty("name").GetString()!).ToHashSet(StringComparer.Ordinal)));
                    }
                }

                if (document.RootElement.GetArrayLength() < PerPage)
                {
                    return releases;
                }
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
            {
                throw new HttpRequestException($"{url}: it is no list of releases: {exception.Message}", exception);
            }
        }
    }

    private string Placed(string url) => url.StartsWith(KubernetesHost, StringComparison.Ordinal)
        ? $"{places.KubernetesDownloads}/{url[KubernetesHost.Length..]}"
        : $"{places.GitHub}/{url[GitHubHost.Length..]}";

    // Null: there is no such file, and the publisher says so.
    private async Task<string?> TextAsync(string url, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (gitHubToken is { Length: > 0 } && url.StartsWith(places.GitHubApi + "/", StringComparison.Ordinal))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", gitHubToken);
        }

        using var response = await client.SendAsync(request, cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsStringAsync(cancellation)
            : throw new HttpRequestException($"{url}: {(int)response.StatusCode} {response.ReasonPhrase}");
    }
}
