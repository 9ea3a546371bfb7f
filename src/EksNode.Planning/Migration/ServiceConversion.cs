using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Containerd;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;
using EksNode.Planning.Sysconfig;

namespace EksNode.Planning.Migration;

/// <summary>
/// What drop-ins of a node's services set, and files with variables beside them: the proxy, other variables of the environment, limits. In the
/// EKS API group, which has no proxy, its variables are variables of each service.
/// </summary>
internal sealed class ServiceConversion(NodeFiles files, ConvertedSpec spec)
{
    /// <summary>The drop-ins of systemd's manager.</summary>
    public const string ManagerDropIns = "/etc/systemd/system.conf.d";

    /// <summary>Variables of sessions (pam_env(8)), which scripts have services read, too.</summary>
    public const string SessionEnvironment = "/etc/environment";

    /// <summary>What shells read at login.</summary>
    public const string Profiles = "/etc/profile.d";

    // What eksnode and nodeadm write for `spec.instance.environment`, and eksnode for `spec.limits.units`, of any service.
    private const string Environment = "environment.conf";
    private const string Limits = "90-eksnode-limits.conf";

    private const string MayBeMissing = "it may be missing";

    private static readonly string[] ProxyVariables = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

    // In the order in which the proxy is looked for.
    private readonly List<Service> services = [];
    private readonly Service sessions = new("");

    /// <summary>Whether a drop-in of a service is one of a node.</summary>
    public static bool IsOfNode(string service, string name) => name is Environment or Limits || ProxyComponent.Services.Any(s => s.Name == service);

    /// <summary>The path of an environment file as a unit names it; a hyphen before it says that it may be missing.</summary>
    public static string EnvironmentPath(string value) => QuotedWords.Split(value) is [var path, ..] ? path.TrimStart('-') : "";

    /// <summary>Converts them.</summary>
    /// <param name="cluster">The configuration so far, which has the cluster.</param>
    /// <param name="facts">What is known of the node.</param>
    public void Convert(NodeConfig cluster, NodeFacts facts)
    {
        Read();
        if (spec.IsOwn)
        {
            Proxy(NodeProxy.Exceptions(cluster, facts));
        }

        foreach (var service in services)
        {
            foreach (var (name, value) in service.All())
            {
                spec.Add(value.Origin.Source, name, HostConversion.Text(value.Value, value.Origin.Source), "instance.environment", service.Name, name);
            }

            foreach (var (name, value) in service.Limits)
            {
                spec.Add(value.Origin.Source, name, HostConversion.Number(value.Value, value.Origin.Source), "limits.units", service.Name, char.ToLowerInvariant(name[0]) + name[1..]);
            }
        }

        foreach (var (name, value) in sessions.All())
        {
            spec.Leave(value.Origin.Source, name, spec.IsOwn || Array.IndexOf(ProxyVariables, name.ToUpperInvariant()) < 0 ? null : "proxy");
        }
    }

    private void Read()
    {
        foreach (var (name, _) in ProxyComponent.Services)
        {
            services.Add(new Service(name));
        }

        foreach (var file in files.Texts)
        {
            if (file.Folder.StartsWith(NodeFiles.Units + "/", StringComparison.Ordinal) && file.Folder.EndsWith(NodeFiles.UnitDropIns, StringComparison.Ordinal))
            {
                if (file.Path != SociSnapshotter.DropInPath)
                {
                    DropIn(file, Of(file.Folder[(NodeFiles.Units.Length + 1)..^NodeFiles.UnitDropIns.Length]), "Service", "Environment");
                }
            }
            else if (file.Folder == ManagerDropIns)
            {
                DropIn(file, Of(EnvironmentComponent.ManagerKey), "Manager", "DefaultEnvironment");
            }
        }

        foreach (var service in services)
        {
            foreach (var file in service.Files)
            {
                ReadFile(service, file.Value, file.Origin.Note is null ? file.Origin.Source : null);
            }
        }

        foreach (var file in files.Texts)
        {
            // What a service reads was read for it.
            if ((file.Path == SessionEnvironment || file.Folder == Profiles) && !services.Any(s => s.Files.Any(f => f.Value == file.Path)))
            {
                ReadFile(sessions, file.Path, null);
            }
        }
    }

    private void ReadFile(Service service, string path, string? dropIn)
    {
        foreach (var file in files.Texts)
        {
            if (file.Path == path)
            {
                foreach (var (name, value) in SystemdWords.Variables(file.Text))
                {
                    service.Set(name, new Sourced<string>(value, Origin.At(path, 0, 0)));
                }

                return;
            }
        }

        if (dropIn is not null)
        {
            spec.Leave(dropIn, "EnvironmentFile=" + path, null);
        }
    }

    private void DropIn(NodeText file, Service service, string section, string environment)
    {
        foreach (var directive in SystemdWords.Directives(file.Text))
        {
            var isLimit = section == "Service" && (directive.Name == "TasksMax" || directive.Name.StartsWith("Limit", StringComparison.Ordinal));
            if (directive.Section != section)
            {
                spec.Leave(file.Path, directive.Name, null);
            }
            else if (directive.Name == environment)
            {
                Variables(file, service, directive.Value);
            }
            else if (section == "Service" && directive.Name == "EnvironmentFile")
            {
                if (directive.Value.Length == 0)
                {
                    service.Files.Clear();
                }
                else if (EnvironmentPath(directive.Value) is var path && path != NodePaths.KubeletEnvironment)
                {
                    var origin = Origin.At(file.Path, 0, 0);
                    service.Files.Add(new Sourced<string>(path, directive.Value.StartsWith('-') ? origin.Because(MayBeMissing) : origin));
                }
            }
            else if (isLimit && directive.Value.Length == 0)
            {
                service.Limits.Remove(directive.Name);
            }
            else if (isLimit)
            {
                service.Limits[directive.Name] = new Sourced<string>(directive.Value, Origin.At(file.Path, 0, 0));
            }
            else if (!HostConversion.IsOfImage("unit", $"{service.Name}{NodeFiles.UnitDropIns}/{file.Name}", $"{directive.Name}={directive.Value}"))
            {
                spec.Leave(file.Path, directive.Name, null);
            }
        }
    }

    private void Variables(NodeText file, Service service, string value)
    {
        if (value.Length == 0)
        {
            service.Clear();
        }

        foreach (var (name, text) in SystemdWords.Assignments(value))
        {
            if (text is null)
            {
                spec.Leave(file.Path, name + " with a specifier", null);
            }
            else if (service.Name != "kubelet" || !files.ArgumentVariables.Contains(name))
            {
                service.Set(name, new Sourced<string>(text, Origin.At(file.Path, 0, 0)));
            }
        }
    }

    private Service Of(string name)
    {
        foreach (var service in services)
        {
            if (service.Name == name)
            {
                return service;
            }
        }

        services.Add(new Service(name));
        return services[^1];
    }

    // The proxy of the first service that has one, else of sessions. What a service has in common with it is taken out of its variables.
    private void Proxy(IEnumerable<Sourced<string>> added)
    {
        var source = services.Find(s => s.Name != EnvironmentComponent.ManagerKey && (s.Http ?? s.Https) is not null) ?? ((sessions.Http ?? sessions.Https) is null ? null : sessions);
        if (source is null || !ProxyUrl.Parse(source.Http ?? source.Https!).IsValid || !ProxyUrl.Parse(source.Https ?? source.Http!).IsValid)
        {
            return;
        }

        var (http, https) = (source.Http, source.Https);
        var file = source.ProxyFile;
        var exceptions = new List<string>();
        var without = new List<string>();
        foreach (var service in (IEnumerable<Service>)[.. services, sessions])
        {
            if (service.Name == EnvironmentComponent.ManagerKey)
            {
                continue;
            }

            if (!service.Goes("HTTP_PROXY", http) || !service.Goes("HTTPS_PROXY", https))
            {
                if ((service.Http ?? service.Https) is null && service.Name is "containerd" or "kubelet")
                {
                    without.Add(service.Name);
                }

                continue;
            }

            foreach (var entry in service.Exceptions)
            {
                if (!exceptions.Contains(entry))
                {
                    exceptions.Add(entry);
                }
            }

            service.TakeProxy(services.Find(s => s.Name == EnvironmentComponent.ManagerKey));
        }

        foreach (var (key, url) in (ReadOnlySpan<(string, string?)>)[("http", http), ("https", https)])
        {
            if (url is not null)
            {
                spec.Add(file, key.ToUpperInvariant() + "_PROXY", HostConversion.Text(url, file), "proxy", key);
            }
        }

        foreach (var entry in WithoutAdded(exceptions, added))
        {
            spec.Add(file, "NO_PROXY entry " + entry, HostConversion.Text(entry, file), "proxy.noProxy");
        }

        if (without.Count > 0)
        {
            spec.Note(
                file,
                $"`spec.proxy` is the proxy of every service, and on this node {string.Join(" and ", without)} had none.",
                "Look whether what they reach is under `noProxy`, or set the variables for one service under `spec.instance.environment`.");
        }
    }

    // eksnode adds its entries after the user's, each once: as many from the front as leave exactly those, else all that it does not add.
    private static List<string> WithoutAdded(List<string> exceptions, IEnumerable<Sourced<string>> added)
    {
        var own = new List<string>();
        foreach (var entry in added)
        {
            own.Add(entry.Value);
        }

        for (var count = 0; count <= exceptions.Count; count++)
        {
            var all = exceptions.GetRange(0, count);
            foreach (var entry in own)
            {
                if (!all.Contains(entry))
                {
                    all.Add(entry);
                }
            }

            if (all.SequenceEqual(exceptions))
            {
                return exceptions.GetRange(0, count);
            }
        }

        exceptions.RemoveAll(own.Contains);
        return exceptions;
    }

    private sealed class Service(string name)
    {
        private readonly SortedDictionary<string, Sourced<string>> variables = new(StringComparer.Ordinal);

        // Those of `environment.conf`: `spec.instance.environment` already, whatever they are.
        private readonly SortedDictionary<string, Sourced<string>> own = new(StringComparer.Ordinal);

        public string Name { get; } = name;

        public SortedDictionary<string, Sourced<string>> Limits { get; } = new(StringComparer.Ordinal);

        /// <summary>The environment files that its drop-ins name, each with its drop-in.</summary>
        public List<Sourced<string>> Files { get; } = [];

        public string? Http => Url("HTTP_PROXY");

        public string? Https => Url("HTTPS_PROXY");

        /// <summary>The file that sets the proxy.</summary>
        public string ProxyFile => (Find("HTTP_PROXY", variables) ?? Find("HTTPS_PROXY", variables))!.Origin.Source;

        public string[] Exceptions =>
            Find("NO_PROXY", variables)?.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

        public List<KeyValuePair<string, Sourced<string>>> All() => [.. own, .. variables];

        /// <summary>Sets a variable, which takes the place of an earlier one of its name.</summary>
        public void Set(string name, Sourced<string> value)
        {
            own.Remove(name);
            variables.Remove(name);
            (value.Origin.Source.EndsWith("/" + Environment, StringComparison.Ordinal) ? own : variables)[name] = value;
        }

        public void Clear()
        {
            own.Clear();
            variables.Clear();
        }

        /// <summary>Whether it has this proxy, or one of its own that is left to it.</summary>
        public bool Goes(string name, string? url) => Url(name) == url || (Url(name) is null && Find(name, own) is not null);

        /// <summary>Takes the variables of the proxy out, but for those that the manager sets, too, whose value would win over the proxy's.</summary>
        public void TakeProxy(Service? manager)
        {
            foreach (var name in ProxyVariables)
            {
                if (manager is null || (Find(name, manager.own) ?? Find(name, manager.variables)) is null)
                {
                    variables.Remove(name);
                    variables.Remove(name.ToLowerInvariant());
                }
            }
        }

        // Go reads upper case first.
        private static Sourced<string>? Find(string name, SortedDictionary<string, Sourced<string>> among)
        {
            foreach (var variable in (ReadOnlySpan<string>)[name, name.ToLowerInvariant()])
            {
                if (among.TryGetValue(variable, out var value) && value.Value.Length > 0)
                {
                    return value;
                }
            }

            return null;
        }

        // Go reads an address without a scheme as one of http.
        private string? Url(string name) =>
            Find(name, variables)?.Value is not { } url ? null : url.Contains("://", StringComparison.Ordinal) ? url : "http://" + url;
    }
}
