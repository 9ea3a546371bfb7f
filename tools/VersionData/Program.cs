using System.Net.Http.Headers;

namespace EksNode.Tools.Versions;

/// <summary>Rewrites <c>data/component-checksums.tsv</c>.</summary>
public static class Program
{
    private const string Usage = """
        Adds what publishers have released to the table of checksums: kubelet (dl.k8s.io), containerd, runc, crictl, the CNI plugins, the SOCI snapshotter (GitHub).

        usage: dotnet run --project tools/VersionData -- [OPTION]...

        A checksum comes from the file that the publisher has beside the release, and from nowhere else: a release without one is named and left out. Lines that
        are there stay. A GITHUB_TOKEN in the environment is sent to the API of GitHub, which answers strangers 60 times an hour.

          --verify            ask for the checksums that are there, too; one that its publisher has changed is an error, and nothing is written
          --data FOLDER       the folder of image-components.tsv, image-kubernetes.tsv and component-checksums.tsv; data
          --dl-k8s-io URL     instead of https://dl.k8s.io
          --github URL        instead of https://github.com
          --github-api URL    instead of https://api.github.com
        """;

    private const int Failed = 1;
    private const int WrongCommandLine = 2;

    // One answer; a release has a hundred files.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Runs the tool.</summary>
    /// <returns>0 done, 1 failed, 2 the command line is wrong.</returns>
    public static Task<int> Main(string[] arguments) => RunAsync(arguments, Console.Out, Console.Error);

    /// <summary>Runs the tool.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">What was done.</param>
    /// <param name="error">What somebody should look at.</param>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        var places = new UpstreamPlaces();
        var (data, verify) = ("data", false);
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--verify":
                    verify = true;
                    break;
                case "--data" when i + 1 < arguments.Length:
                    data = arguments[++i];
                    break;
                case "--dl-k8s-io" when i + 1 < arguments.Length:
                    places = places with { KubernetesDownloads = arguments[++i].TrimEnd('/') };
                    break;
                case "--github" when i + 1 < arguments.Length:
                    places = places with { GitHub = arguments[++i].TrimEnd('/') };
                    break;
                case "--github-api" when i + 1 < arguments.Length:
                    places = places with { GitHubApi = arguments[++i].TrimEnd('/') };
                    break;
                case "--help" or "-h":
                    output.WriteLine(Usage);
                    return 0;
                default:
                    error.WriteLine($"{arguments[i]} is no option, or lacks its value.\n\n{Usage}");
                    return WrongCommandLine;
            }
        }

        try
        {
            return await RunAsync(places, data, verify, output, error);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or HttpRequestException or InvalidDataException or TaskCanceledException or UriFormatException)
        {
            error.WriteLine(exception.Message);
            return Failed;
        }
    }

    private static async Task<int> RunAsync(UpstreamPlaces places, string data, bool verify, TextWriter output, TextWriter error)
    {
        var path = Path.Combine(data, "component-checksums.tsv");
        var before = await File.ReadAllTextAsync(path);
        var table = new ChecksumTable(before, path);
        var kubernetes = Rows(Path.Combine(data, "image-kubernetes.tsv")).Select(r => r[0]).ToList();
        using var client = Client();
        var refresh = new Refresh(new Upstream(client, places, Environment.GetEnvironmentVariable("GITHUB_TOKEN")), table, verify);
        foreach (var row in Rows(Path.Combine(data, "image-components.tsv")).Where(r => r[5].Length > 0))
        {
            await refresh.RunAsync(row[0], row[5], kubernetes, CancellationToken.None);
        }

        foreach (var remark in refresh.Remarks.Concat(refresh.Changed))
        {
            error.WriteLine(remark);
        }

        if (refresh.Changed.Count > 0)
        {
            error.WriteLine("A publisher has changed what it had released: nothing is written. Find out why before you go on.");
            return Failed;
        }

        if (table.ToString() is var after && after != before)
        {
            // Beside its place, then there: whoever stops this has the old table or the new one.
            await File.WriteAllTextAsync(path + ".new", after);
            File.Move(path + ".new", path, overwrite: true);
        }

        output.WriteLine($"{path}: {refresh.Added} checksums added, {table.Count} in all");
        return 0;
    }

    private static HttpClient Client()
    {
        var client = new HttpClient { Timeout = Deadline };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("eksnode-version-data", "1.0"));
        return client;
    }

    private static IEnumerable<string[]> Rows(string path) =>
        File.ReadAllLines(path).Where(l => l.Length > 0 && l[0] != '#').Skip(1).Select(l => l.Split('\t'));
}
