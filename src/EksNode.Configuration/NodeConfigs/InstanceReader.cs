using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.instance</c>.</summary>
internal static class InstanceReader
{
    /// <param name="section">The section.</param>
    public static InstanceSettings Read(Section section)
    {
        var reader = new StorageReader();
        var storage = section.Child("storage");
        var network = section.Child("network");
        var settings = new InstanceSettings
        {
            LocalStorage = StorageReader.LocalStorage(section.Child("localStorage")),
            Volumes = reader.Volumes(storage),
            StorageEarly = storage.Own("early") ? storage.Bool("early") : null,
            Environment = EnvironmentReader.Read(section),
            Nameservers = network.Texts(
                "nameservers", text => Nameserver(text), DiagnosticCatalogue.BadIpAddress),
            Domains = network.Texts("domains", DomainName.ParseSearchDomain, DiagnosticCatalogue.BadDomainName),
        };
        storage.Finish();
        network.Finish();
        section.Finish();
        return settings;
    }

    // resolved.conf(5): address, optionally with :port, %interface and #server-name.
    private static ValueResult<string> Nameserver(string text)
    {
        var end = text.AsSpan().IndexOfAny('#', '%');
        var address = end < 0 ? text : text[..end];
        if (IpLiteral.Parse(address).TryGet(out _, out var problem))
        {
            return text.AsSpan().ContainsAnyInRange('\0', ' ')
                ? new ValueProblem($"The name server {Quoted.Text(text)} has a space or a control character.", "Write one server per list item.")
                : text;
        }

        return address.AsSpan().ContainsAny(' ', ',')
            ? new ValueProblem($"{Quoted.Text(text)} is not an IP address.", "Write one server per list item.")
            : problem;
    }
}
