using System.Collections.Immutable;
using EksNode.Aws.Imds;
using EksNode.Configuration.Text;
using EksNode.Host.Http;
using EksNode.Host.Logging;
using EksNode.Planning.Network;

namespace EksNode.Aws;

/// <summary>The instance, as far as its network interfaces go.</summary>
/// <param name="InstanceId">The instance id; letters, digits and hyphens alone.</param>
/// <param name="PrimaryMac">The MAC address of the primary interface, in lower case.</param>
public sealed record InstanceNetwork(string InstanceId, string PrimaryMac);

/// <summary>
/// What IMDS tells about network interfaces. It is asked while the machine boots and while interfaces are attached, when IMDS may not know of
/// them yet: 404 for what every instance and interface has is asked again for as long as the deadline of IMDS lasts.
/// </summary>
public sealed class InterfaceMetadata : IDisposable
{
    private readonly HttpSender sender;
    private readonly ImdsClient imds;
    private readonly Deadline deadline;
    private readonly TimeSpan patience;

    /// <summary>Creates the client. Nothing is sent before the first question; all of them share one deadline.</summary>
    /// <param name="options">The environment, the clock and the log; nothing else of it is used.</param>
    /// <exception cref="DiagnosticException">A variable that says where IMDS is, is wrong.</exception>
    public InterfaceMetadata(AwsOptions options)
    {
        var imdsOptions = options.Imds ?? ImdsOptions.FromEnvironment(new AwsEnvironment(options.Environment));
        sender = new HttpSender(
            new HttpSenderOptions
            {
                ConnectTimeout = imdsOptions.ConnectTimeout,
                ConnectionsPerServer = 4,
                Trust = TrustStore.FromEnvironment(options.Environment),
            },
            options.Clock);
        imds = new ImdsClient(imdsOptions, sender, options.Clock, options.Random, options.Log, options.Timeline ?? new Timeline(options.Clock));
        deadline = imds.NewDeadline();
        patience = imdsOptions.Deadline;
    }

    /// <summary>The instance.</summary>
    /// <exception cref="DiagnosticException">IMDS does not tell it.</exception>
    public async Task<InstanceNetwork> InstanceAsync(CancellationToken cancellation)
    {
        var mac = ReadAsync(ImdsKey.Mac, cancellation);
        var identity = ReadAsync(ImdsKey.IdentityDocument, cancellation);
        var document = ImdsText.Identity(Value(await identity.ConfigureAwait(false))) ?? throw NotThere(ImdsKey.IdentityDocument);
        var primary = ImdsText.Mac(Value(await mac.ConfigureAwait(false))) ?? throw NotThere(ImdsKey.Mac);
        return document.InstanceId.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? new InstanceNetwork(document.InstanceId, primary)
            : throw new DiagnosticException(
                DiagnosticCatalogue.ImdsGarbage,
                "The instance identity document has an instance id with other characters than letters, digits and hyphens.",
                "Check that the address is that of an IMDSv2 service.");
    }

    /// <summary>An interface of the instance.</summary>
    /// <param name="name">Its name on the host.</param>
    /// <param name="mac">Its MAC address, in lower case.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DiagnosticException">IMDS does not tell it.</exception>
    public async Task<InterfaceFacts> InterfaceAsync(string name, string mac, Task<InstanceNetwork> instance, CancellationToken cancellation)
    {
        // First what every interface has: with it the others are known, too, and their absence is an answer.
        var number = await ReadAsync(ImdsKey.DeviceNumber(mac), cancellation).ConfigureAwait(false);
        var card = ReadAsync(ImdsKey.NetworkCard(mac), cancellation);
        var ipv4 = ReadAsync(ImdsKey.Ipv4s(mac), cancellation);
        var ipv6 = ReadAsync(ImdsKey.Ipv6s(mac), cancellation);
        await Task.WhenAll(card, ipv4, ipv6).ConfigureAwait(false);
        return new InterfaceFacts(name, mac)
        {
            IsPrimary = (await instance.ConfigureAwait(false)).PrimaryMac == mac,
            DeviceNumber = ImdsText.Index(Value(number)) ?? throw NotThere(ImdsKey.DeviceNumber(mac)),
            NetworkCard = await card.ConfigureAwait(false) is ImdsAbsent ? 0 : ImdsText.Index(Value(await card.ConfigureAwait(false))) ?? 0,
            Addresses =
            [
                .. Addresses(await ipv4.ConfigureAwait(false), ImdsText.Ipv4s),
                .. Addresses(await ipv6.ConfigureAwait(false), ImdsText.Ipv6s),
            ],
        };
    }

    /// <summary>The MAC addresses of the interfaces that are attached to the instance; empty when IMDS does not list them.</summary>
    /// <exception cref="DiagnosticException">IMDS cannot be asked.</exception>
    public async Task<ImmutableArray<string>> MacsAsync(CancellationToken cancellation) =>
        [.. Addresses(await ReadAsync(ImdsKey.Macs, cancellation).ConfigureAwait(false), ImdsText.Macs)];

    /// <inheritdoc/>
    public void Dispose()
    {
        imds.Dispose();
        sender.Dispose();
    }

    private Task<ImdsReading> ReadAsync(ImdsKey key, CancellationToken cancellation) =>
        imds.ReadAsync(key with { AbsencePatience = patience }, deadline, cancellation);

    private static ImmutableArray<string> Addresses(ImdsReading reading, Func<ReadOnlyMemory<byte>, ImmutableArray<string>?> read) =>
        reading is ImdsAbsent ? [] : read(Value(reading)) ?? [];

    private static ReadOnlyMemory<byte> Value(ImdsReading reading) => reading switch
    {
        ImdsValue value => value.Bytes,
        ImdsFailure failure => throw new DiagnosticException(failure.Diagnostic),
        _ => ReadOnlyMemory<byte>.Empty,
    };

    // 404 until the deadline is a failure with its own words; this is for a key that is not asked again.
    private static DiagnosticException NotThere(ImdsKey key) => new(
        DiagnosticCatalogue.ImdsFailed, $"IMDS does not have {key.Path}.", "This is a fault of IMDS or of what answers in its place: run eksnode again.");
}
