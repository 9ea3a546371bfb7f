using System.Collections.Immutable;
using EksNode.Host.Http;

namespace EksNode.Host.Containers;

/// <summary>What a container runtime answered: a value, or why there is none.</summary>
/// <typeparam name="T">The value.</typeparam>
/// <param name="Value">The value; null with a fault.</param>
/// <param name="Fault">Why there is none.</param>
/// <param name="Detail">What happened, as a clause for a message: <c>/run/containerd/containerd.sock cannot be reached: …</c>.</param>
public sealed record CriAnswer<T>(T? Value, GrpcFault? Fault, string Detail)
    where T : class;

/// <summary>The name and version of a container runtime.</summary>
/// <param name="Name">Its name: <c>containerd</c>.</param>
/// <param name="Version">Its version: <c>v2.1.5</c>.</param>
/// <param name="ApiVersion">The version of the interface: <c>v1</c>.</param>
public sealed record RuntimeVersion(string Name, string Version, string ApiVersion);

/// <summary>A condition of a container runtime.</summary>
/// <param name="Kind"><c>RuntimeReady</c> or <c>NetworkReady</c>.</param>
/// <param name="Holds">Whether it holds.</param>
/// <param name="Reason">Why it does not, in one word.</param>
/// <param name="Message">Why it does not.</param>
public sealed record RuntimeCondition(string Kind, bool Holds, string Reason, string Message);

/// <summary>What a container runtime says about itself.</summary>
/// <param name="Conditions">Its conditions.</param>
public sealed record RuntimeStatus(ImmutableArray<RuntimeCondition> Conditions);

/// <summary>A container image that a runtime has.</summary>
/// <param name="Id">The digest of its configuration: <c>sha256:…</c>.</param>
/// <param name="Tags">Its names: <c>localhost/kubernetes/pause:latest</c>.</param>
/// <param name="Digests">Its names by digest.</param>
/// <param name="Size">Its size in bytes, as stored.</param>
/// <param name="Pinned">Whether the kubelet's garbage collection leaves it alone.</param>
public sealed record ContainerImage(string Id, ImmutableArray<string> Tags, ImmutableArray<string> Digests, ulong Size, bool Pinned);

/// <summary>An image that was pulled.</summary>
/// <param name="Reference">The digest of its configuration, or its name by digest.</param>
public sealed record PulledImage(string Reference);

/// <summary>A list of images; one image, or none, for a question about one.</summary>
/// <param name="Images">The images.</param>
public sealed record ContainerImages(ImmutableArray<ContainerImage> Images);

/// <summary>
/// Asks a container runtime through the interface that the kubelet uses, CRI version 1 (kubernetes/cri-api,
/// <c>pkg/apis/runtime/v1/api.proto</c>; the numbers of fields are from there). Every call has a deadline.
/// </summary>
/// <param name="socketPath">The runtime's socket.</param>
/// <param name="clock">The clock of deadlines.</param>
public sealed class CriClient(string socketPath, TimeProvider clock) : IDisposable
{
    /// <summary>Where containerd listens unless its configuration says otherwise.</summary>
    public const string ContainerdSocket = "/run/containerd/containerd.sock";

    /// <summary>What the kubelet gives the runtime for such a call (<c>runtimeRequestTimeout</c> is 2 min, for calls that work; these only read).</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(10);

    private readonly GrpcClient client = new(socketPath, clock);

    /// <summary>Who answers: the first thing that the kubelet asks. An answer means that the CRI plugin has started.</summary>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<CriAnswer<RuntimeVersion>> VersionAsync(TimeSpan deadline, CancellationToken cancellation) =>
        CallAsync("runtime.v1.RuntimeService/Version", new ProtobufWriter().Text(1, "v1"), deadline, ReadVersion, cancellation);

    /// <summary>Whether runtime and network are ready.</summary>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<CriAnswer<RuntimeStatus>> StatusAsync(TimeSpan deadline, CancellationToken cancellation) =>
        CallAsync("runtime.v1.RuntimeService/Status", new ProtobufWriter(), deadline, ReadStatus, cancellation);

    /// <summary>An image by its name, as a pod would name it; an empty list when the runtime does not have it.</summary>
    /// <param name="image">The name.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<CriAnswer<ContainerImages>> ImageStatusAsync(string image, TimeSpan deadline, CancellationToken cancellation) =>
        CallAsync("runtime.v1.ImageService/ImageStatus", new ProtobufWriter().Nested(1, new ProtobufWriter().Text(1, image)), deadline, ReadImages, cancellation);

    /// <summary>All images.</summary>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<CriAnswer<ContainerImages>> ListImagesAsync(TimeSpan deadline, CancellationToken cancellation) =>
        CallAsync("runtime.v1.ImageService/ListImages", new ProtobufWriter(), deadline, ReadImages, cancellation);

    /// <summary>Pulls an image.</summary>
    /// <param name="image">The name.</param>
    /// <param name="password">The password for its registry; null: none.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<CriAnswer<PulledImage>> PullImageAsync(string image, RegistryPassword? password, TimeSpan deadline, CancellationToken cancellation) =>
        CallAsync(
            "runtime.v1.ImageService/PullImage",
            password is null
                ? new ProtobufWriter().Nested(1, new ProtobufWriter().Text(1, image))
                : new ProtobufWriter()
                    .Nested(1, new ProtobufWriter().Text(1, image))
                    .Nested(2, new ProtobufWriter().Text(1, password.User).Text(2, password.Password.Reveal())),
            deadline,
            ReadPulled,
            cancellation);

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task<CriAnswer<T>> CallAsync<T>(
        string method, ProtobufWriter request, TimeSpan deadline, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellation)
        where T : class
    {
        var answer = await client.CallAsync(method, request.Message, deadline, cancellation).ConfigureAwait(false);
        if (answer.Fault is { } fault)
        {
            return new CriAnswer<T>(null, fault, answer.Detail);
        }

        try
        {
            return new CriAnswer<T>(read(answer.Message), null, "");
        }
        catch (InvalidDataException exception)
        {
            return new CriAnswer<T>(null, GrpcFault.Broken, $"what {socketPath} answers cannot be read: {exception.Message}");
        }
    }

    private static PulledImage ReadPulled(ReadOnlyMemory<byte> message)
    {
        var reference = "";
        ProtobufReader reader = new(message.Span);
        while (reader.Next())
        {
            reference = reader.Field == 1 ? reader.Text : reference;
        }

        return new PulledImage(reference);
    }

    private static RuntimeVersion ReadVersion(ReadOnlyMemory<byte> message)
    {
        var (name, version, apiVersion) = ("", "", "");
        ProtobufReader reader = new(message.Span);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    name = reader.Text;
                    break;
                case 3:
                    version = reader.Text;
                    break;
                case 4:
                    apiVersion = reader.Text;
                    break;
            }
        }

        return new RuntimeVersion(name, version, apiVersion);
    }

    private static RuntimeStatus ReadStatus(ReadOnlyMemory<byte> message)
    {
        var conditions = new List<RuntimeCondition>();
        ProtobufReader reader = new(message.Span);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                continue;
            }

            ProtobufReader status = new(reader.Nested);
            while (status.Next())
            {
                if (status.Field == 1)
                {
                    conditions.Add(ReadCondition(status.Nested));
                }
            }
        }

        return new RuntimeStatus(conditions.ToImmutable());
    }

    private static RuntimeCondition ReadCondition(ReadOnlySpan<byte> message)
    {
        RuntimeCondition condition = new("", false, "", "");
        ProtobufReader reader = new(message);
        while (reader.Next())
        {
            condition = reader.Field switch
            {
                1 => condition with { Kind = reader.Text },
                2 => condition with { Holds = reader.Flag },
                3 => condition with { Reason = reader.Text },
                4 => condition with { Message = reader.Text },
                _ => condition,
            };
        }

        return condition;
    }

    // ImageStatusResponse.image and ListImagesResponse.images have the same number.
    private static ContainerImages ReadImages(ReadOnlyMemory<byte> message)
    {
        var images = new List<ContainerImage>();
        ProtobufReader reader = new(message.Span);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                images.Add(ReadImage(reader.Nested));
            }
        }

        return new ContainerImages(images.ToImmutable());
    }

    private static ContainerImage ReadImage(ReadOnlySpan<byte> message)
    {
        ContainerImage image = new("", [], [], 0, false);
        ProtobufReader reader = new(message);
        while (reader.Next())
        {
            image = reader.Field switch
            {
                1 => image with { Id = reader.Text },
                2 => image with { Tags = [.. image.Tags, reader.Text] },
                3 => image with { Digests = [.. image.Digests, reader.Text] },
                4 => image with { Size = reader.Number },
                8 => image with { Pinned = reader.Flag },
                _ => image,
            };
        }

        return image;
    }
}
