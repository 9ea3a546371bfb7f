using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Tests.Cases;

/// <summary>The table of <c>docs/architecture.md</c> has every path that a case plans, with its modes, its component and what restarts.</summary>
public sealed class WrittenFilesTests
{
    // The services of the cases that have an environment of their own.
    private static readonly string[] Services = ["containerd", "kubelet", "soci-snapshotter", "amazon-ssm-agent"];

    [Fact]
    public void The_table_of_written_files_is_that_of_the_plans()
    {
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        var section = document.Split("\n## ").Single(s => s.StartsWith("What join writes\n", StringComparison.Ordinal));
        var documented = section.Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l[..(l.TrimEnd('|', ' ').LastIndexOf(" | ", StringComparison.Ordinal) + 2)]);
        Assert.Equal(Planned().Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Planned() => CaseInput.Names
        .SelectMany(name => MatrixMember.All.SelectMany(member => Resources(CaseInput.Of(name), member)))
        .GroupBy(w => w.Path)
        .Select(w => $"| `{w.Key}` | {Joined(w.Select(x => x.Mode).OrderDescending(StringComparer.Ordinal))} | {Joined(w.Select(x => x.Component))} | {Joined(w.Select(x => x.Restarts))} |");

    private static string Named(string path, string start, string end, string name) =>
        path.StartsWith(start, StringComparison.Ordinal) && path.EndsWith(end, StringComparison.Ordinal) ? start + name + end : path;

    private static string Joined(IEnumerable<string> values) => string.Join(", ", values.Distinct());

    private static IEnumerable<(string Path, string Mode, string Component, string Restarts)> Resources(CaseInput input, MatrixMember member)
    {
        var diagnostics = new DiagnosticBag();
        var config = input.Configuration(diagnostics);
        var facts = HostFactsDefaults.Fill(input.Facts(member));
        var decisions = NodeDecisions.Decide(config, facts, diagnostics);
        Assert.NotNull(decisions);
        foreach (var component in Planner.Components)
        {
            foreach (var resource in component.Plan(new PlanContext(config, facts, decisions, diagnostics)))
            {
                var (path, restarts) = (resource.Path, string.Join(", ", resource.Restarts.Select(u => $"`{u}`")));
                var service = Services.FirstOrDefault(s => path == $"/etc/systemd/system/{s}.service.d/environment.conf" || path == $"/etc/systemd/system/{s}.service.d/10-proxy.conf" || path == $"/etc/systemd/system/{s}.service.d/90-eksnode-limits.conf");
                if (service is not null)
                {
                    (path, restarts) = (path.Replace(service, "SERVICE", StringComparison.Ordinal), restarts.Replace(service, "SERVICE", StringComparison.Ordinal));
                }

                path = Named(path, "/etc/containerd/certs.d/", "/hosts.toml", "REGISTRY");
                path = Named(path, NodePaths.TrustAnchors + "/", ".pem", "NAME");
                switch (resource)
                {
                    case FileResource file:
                        yield return (path, Convert.ToString(file.Mode, 8).PadLeft(4, '0'), component.Name, restarts.Length == 0 ? "-" : restarts);
                        break;
                    case SymlinkResource:
                        yield return (path, "link", component.Name, restarts);
                        break;
                    case HostsEntryResource:
                        yield return (path, "as it is", component.Name, "-");
                        break;
                    case StorageResource: // Disks have a section of their own.
                    case KernelModuleResource or SysctlResource: // No file.
                    case ReleasedResource: // Somebody else's, or taken away.
                        break;
                    default:
                        Assert.Fail($"The table of docs/architecture.md has no place for {resource.Id}.");
                        break;
                }
            }
        }
    }
}
