using EksNode.Host.Http;

namespace EksNode.Host.Containers;

/// <summary>A blob that containerd is downloading: a layer, mostly.</summary>
/// <param name="digest">Its digest, as far as its name tells: <c>sha256:…</c>.</param>
/// <param name="received">Bytes that are there.</param>
/// <param name="total">Bytes that it has; 0 when containerd does not know.</param>
public sealed class ActiveDownload(string digest, long received, long total)
{
    /// <summary>Its digest, as far as its name tells: <c>sha256:…</c>.</summary>
    public string Digest => digest;

    /// <summary>Bytes that are there.</summary>
    public long Received => received;

    /// <summary>Bytes that it has; 0 when containerd does not know.</summary>
    public long Total => total;
}

/// <summary>
/// Asks containerd itself what the interface of the kubelet does not tell or do: how far a download is, labels and further names of images. API
/// version 1 (containerd/containerd <c>api/services/content/v1</c> and <c>api/services/images/v1</c>; the numbers of fields are from there), in the
/// namespace of the kubelet's images.
/// </summary>
/// <param name="socketPath">containerd's socket.</param>
/// <param name="clock">The clock of deadlines.</param>
public sealed class ContainerdClient(string socketPath, TimeProvider clock) : IDisposable
{
    private const string PinnedLabel = "io.cri-containerd.pinned";
    private const string PinnedValue = "pinned";
    private const int NotFound = 5;
    private const int AlreadyExists = 6;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly GrpcClient client = new(socketPath, clock, metadata: new HttpHeader("containerd-namespace", "k8s.io"));

    /// <summary>What is being downloaded now; empty when nothing is, or when it does not tell.</summary>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<IReadOnlyList<ActiveDownload>> DownloadsAsync(CancellationToken cancellation)
    {
        var answer = await client.CallAsync("containerd.services.content.v1.Content/ListStatuses", default, Deadline, cancellation).ConfigureAwait(false);
        return answer.Fault is null ? ReadDownloads(answer.Message.Span) : [];
    }

    /// <summary>Keeps an image from the kubelet's garbage collection.</summary>
    /// <param name="name">Its whole name: <c>docker.io/library/busybox:1</c>.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Why it could not be done, as a clause; null when it is.</returns>
    public async Task<string?> PinAsync(string name, CancellationToken cancellation)
    {
        var found = await GetAsync(name, cancellation).ConfigureAwait(false);
        if (found.Fault is not null)
        {
            return found.Detail;
        }

        // The rest of the image must be there, too, though the mask says that only the label counts: containerd 2.2 ends without it.
        var request = new ProtobufWriter().Nested(1, Image(found.Message.Span, name, isPinned: true)).Nested(2, new ProtobufWriter().Text(1, "labels." + PinnedLabel));
        var answer = await client.CallAsync("containerd.services.images.v1.Images/Update", request.Message, Deadline, cancellation).ConfigureAwait(false);
        return answer.Fault is null ? null : answer.Detail;
    }

    /// <summary>Gives an image a further name; a name that another image has becomes its name.</summary>
    /// <param name="name">Its whole name.</param>
    /// <param name="alias">The further name, whole, too.</param>
    /// <param name="isPinned">Whether garbage collection leaves the further name alone.</param>
    /// <param name="cancellation">Ends the calls.</param>
    /// <returns>Why it could not be done, as a clause; null when it is.</returns>
    public async Task<string?> AliasAsync(string name, string alias, bool isPinned, CancellationToken cancellation)
    {
        var found = await GetAsync(name, cancellation).ConfigureAwait(false);
        if (found.Fault is not null)
        {
            return found.Detail;
        }

        var request = new ProtobufWriter().Nested(1, Image(found.Message.Span, alias, isPinned)).Message;
        var created = await client.CallAsync("containerd.services.images.v1.Images/Create", request, Deadline, cancellation).ConfigureAwait(false);
        if (created.Status == AlreadyExists)
        {
            // Both requests have the image as their first field.
            created = await client.CallAsync("containerd.services.images.v1.Images/Update", request, Deadline, cancellation).ConfigureAwait(false);
        }

        return created.Fault is null ? null : created.Detail;
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    // An entry of a map is a message of key and value (protobuf.dev: "Encoding", maps).
    private static ProtobufWriter Label() => new ProtobufWriter().Text(1, PinnedLabel).Text(2, PinnedValue);

    private async Task<GrpcAnswer> GetAsync(string name, CancellationToken cancellation)
    {
        var answer = await client.CallAsync("containerd.services.images.v1.Images/Get", new ProtobufWriter().Text(1, name).Message, Deadline, cancellation).ConfigureAwait(false);
        return answer.Status == NotFound ? answer with { Detail = $"containerd does not know {name}" } : answer;
    }

    // An image of the answer's content under a name.
    private static ProtobufWriter Image(ReadOnlySpan<byte> getResponse, string name, bool isPinned)
    {
        var image = new ProtobufWriter().Text(1, name);
        if (isPinned)
        {
            image.Nested(2, Label());
        }

        ProtobufReader response = new(getResponse);
        while (response.Next())
        {
            if (response.Field == 1)
            {
                ProtobufReader fields = new(response.Nested);
                while (fields.Next())
                {
                    if (fields.Field == 3)
                    {
                        image.Nested(3, fields.Nested);
                    }
                }
            }
        }

        return image;
    }

    private static List<ActiveDownload> ReadDownloads(ReadOnlySpan<byte> message)
    {
        var downloads = new List<ActiveDownload>();
        ProtobufReader response = new(message);
        while (response.Next())
        {
            if (response.Field == 1)
            {
                downloads.Add(ReadDownload(response.Nested));
            }
        }

        return downloads;
    }

    // A reference is made by containerd's client: layer-sha256:…, manifest-sha256:…, config-sha256:….
    private static ActiveDownload ReadDownload(ReadOnlySpan<byte> message)
    {
        var reference = "";
        long received = 0, total = 0;
        ProtobufReader status = new(message);
        while (status.Next())
        {
            switch (status.Field)
            {
                case 3:
                    reference = status.Text;
                    break;
                case 4:
                    received = (long)status.Number;
                    break;
                case 5:
                    total = (long)status.Number;
                    break;
            }
        }

        return new ActiveDownload(reference[(reference.IndexOf('-', StringComparison.Ordinal) + 1)..], received, total);
    }
}
