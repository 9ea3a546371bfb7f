using EksNode.Configuration.Text;
using EksNode.Host.Containers;
using EksNode.Host.Facts;
using EksNode.Host.Files;
using EksNode.Host.Packages;
using EksNode.Host.Processes;

namespace EksNode.Host.Inventory;

/// <summary>What a node or an image consists of. It changes nothing.</summary>
/// <param name="root">The root.</param>
/// <param name="programs">Runs programs.</param>
/// <param name="diagnostics">Where to report.</param>
public sealed class NodeInventory(HostRoot root, ProgramRunner programs, DiagnosticBag diagnostics)
{
    /// <summary>Programs, kernels and their modules, container images, packages; each sorted by name.</summary>
    /// <param name="runtime">The container runtime of the node; null: the root is no running node.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DiagnosticException">Something is there and cannot be read.</exception>
    public async Task<List<NodeComponent>> ReadAsync(CriClient? runtime, CancellationToken cancellation)
    {
        var manifest = ImageManifest.Read(root, diagnostics);
        var found = await new ProgramVersions(root, programs, diagnostics).ReadAsync(manifest, cancellation).ConfigureAwait(false);
        found.AddRange(await new KernelVersions(root, programs, diagnostics).ReadAsync(cancellation).ConfigureAwait(false));
        found.AddRange(await new ContainerImageVersions(diagnostics).ReadAsync(runtime, manifest, cancellation).ConfigureAwait(false));
        if (await new PackageDatabase(root, programs).ReadAsync(cancellation).ConfigureAwait(false) is { } list)
        {
            foreach (var package in list.Packages)
            {
                found.Add(new NodeComponent
                {
                    Kind = ComponentKind.Package,
                    Name = package.Name,
                    Version = package.Version,
                    Source = list.Kind,
                    Architecture = package.Architecture,
                });
            }
        }

        return found;
    }
}
