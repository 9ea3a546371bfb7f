using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Host.Files;
using EksNode.Host.Logging;
using EksNode.Planning.Network;
using EksNode.Planning.Plans;

namespace EksNode.Host.Network;

/// <summary>The decisions, kept on disk, about who configures which interface of this instance.</summary>
/// <param name="root">The root of the machine.</param>
/// <param name="instanceId">The instance id, which becomes the name of a folder.</param>
/// <param name="log">Where it says what it could not keep.</param>
public sealed class InterfaceManagerCache(HostRoot root, string instanceId, ILog log)
{
    /// <summary>The decision for an interface; null when there is none, or none that can be read.</summary>
    /// <param name="name">The interface.</param>
    public InterfaceManager? Find(string name)
    {
        var path = InterfaceManagers.CacheFileOf(instanceId, name);
        try
        {
            if (root.ReadFile(path) is not { } bytes)
            {
                return null;
            }

            var text = Encoding.UTF8.GetString(bytes);
            var manager = InterfaceManagers.Read(text);
            if (manager is null)
            {
                log.Write(LogLevel.Warn, "a file says who configures an interface in a word that is unknown; deciding anew", ("file", path), ("word", Quoted.Text(text)));
            }

            return manager;
        }
        catch (DiagnosticException failure)
        {
            log.Write(LogLevel.Warn, "cannot read who configures an interface; deciding anew", ("file", path), ("reason", failure.Diagnostic.Message));
            return null;
        }
    }

    /// <summary>Keeps a decision. A failure is a warning: the interface is configured all the same, and decided about anew at the next boot.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="manager">The decision.</param>
    public void Keep(string name, InterfaceManager manager)
    {
        var path = InterfaceManagers.CacheFileOf(instanceId, name);
        try
        {
            var writing = new FileTransaction(root);
            writing.Write(path, Encoding.UTF8.GetBytes(InterfaceManagers.Write(manager)), FileModes.Public);
            writing.Stage();
            writing.Commit();
        }
        catch (DiagnosticException failure)
        {
            log.Write(LogLevel.Warn, "cannot keep who configures an interface", ("file", path), ("reason", failure.Diagnostic.Message));
        }
    }

    /// <summary>The interfaces that are systemd-networkd's, by name.</summary>
    public ImmutableArray<string> OfNetworkd() =>
    [
        .. (root.List(InterfaceManagers.CacheFolderOf(instanceId)) ?? [])
            .Where(name => InterfaceName.Parse(name).IsValid && Find(name) == InterfaceManager.Networkd),
    ];
}
