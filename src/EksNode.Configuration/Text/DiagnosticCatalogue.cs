using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <summary>
/// Every diagnostic that eksnode can report, by area. The code is stable: it is never reused for something else.
/// Each area is a file of its own beside this one.
/// </summary>
public static partial class DiagnosticCatalogue
{
    /// <summary>All entries, in the order of their codes.</summary>
    public static ImmutableArray<DiagnosticDescriptor> All =>
    [
        .. CommandLineEntries,
        .. ExplainingEntries,
        .. DropInEntries,
        .. MigrationEntries,
        .. SourceEntries,
        .. NodeConfigEntries,
        .. KnobEntries,
        .. ProxyEntries,
        .. RegistryEntries,
        .. ImageConfigEntries,
        .. ValueEntries,
        .. KubeletEntries,
        .. ContainerdEntries,
        .. ConversionEntries,
        .. PlanEntries,
        .. KnobPlanEntries,
        .. PodEntries,
        .. StorageConfigurationEntries,
        .. ImagePlanEntries,
        .. ImageApplyEntries,
        .. PackerEntries,
        .. HardeningEntries,
        .. BakeEntries,
        .. DownloadEntries,
        .. PackageEntries,
        .. InspectingEntries,
        .. FactEntries,
        .. HostEntries,
        .. IdentityEntries,
        .. SystemdEntries,
        .. ServiceEntries,
        .. BootEntries,
        .. StorageEntries,
        .. CopyingEntries,
        .. ContainerEntries,
        .. PullEntries,
        .. NetworkEntries,
        .. DriftEntries,
    ];
}
