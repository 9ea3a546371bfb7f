using System.Collections.Immutable;

namespace EksNode.Planning.Network;

/// <summary>An interface, as systemd-networkd sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="SetupState">
/// What systemd-networkd has made of it (<c>SETUP</c> of networkctl(1)): <c>pending</c>, <c>initialized</c>, <c>configuring</c>, <c>configured</c>, <c>unmanaged</c>,
/// <c>failed</c>, <c>linger</c>; null when it has not looked at it yet.
/// </param>
/// <param name="NetworkFile">The network file that it takes it from; null: none.</param>
public sealed record LinkState(string Name, string? SetupState, string? NetworkFile);

/// <summary>An interface that the host waits for, and why it is not ready.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Problem">A clause: <c>is configuring</c>.</param>
public sealed record UnreadyLink(string Name, string Problem);

/// <summary>Says when the network of the host is as it will stay, so that the node's configuration can begin.</summary>
public static class LinkReadiness
{
    private const string Configured = "configured";
    private const string Unmanaged = "unmanaged";

    /// <summary>
    /// The interfaces that are not ready: a required one is <c>configured</c>, and not from the image's default file once that is
    /// switched off; any other is <c>unmanaged</c>, or configured from a file that somebody wrote for it.
    /// </summary>
    /// <param name="links">Every interface there is, the loopback one included.</param>
    /// <param name="required">The names of the primary interface and of those that are systemd-networkd's.</param>
    /// <param name="defaultSwitchedOff">Whether <see cref="InterfaceFiles.DefaultSwitchedOff"/> is there.</param>
    public static ImmutableArray<UnreadyLink> Unready(
        IReadOnlyCollection<LinkState> links, IReadOnlyCollection<string> required, bool defaultSwitchedOff)
    {
        var unready = new List<UnreadyLink>();
        foreach (var name in required.Where(n => !links.Any(l => l.Name == n)))
        {
            unready.Add(new UnreadyLink(name, "is not there"));
        }

        foreach (var link in links)
        {
            if (Problem(link, required.Contains(link.Name), defaultSwitchedOff) is { } problem)
            {
                unready.Add(new UnreadyLink(link.Name, problem));
            }
        }

        return unready.ToImmutable();
    }

    private static string? Problem(LinkState link, bool isRequired, bool defaultSwitchedOff)
    {
        if (link.SetupState is null)
        {
            return "is not known to systemd-networkd yet";
        }

        var byDefault = link.NetworkFile is { } file && file.EndsWith("/" + InterfaceFiles.DefaultNetworkFile, StringComparison.Ordinal);
        if (link.SetupState == Configured && byDefault && (defaultSwitchedOff || !isRequired))
        {
            return $"is still configured from {link.NetworkFile}";
        }

        return link.SetupState == Configured || (link.SetupState == Unmanaged && !isRequired) ? null : $"is {link.SetupState}";
    }
}
