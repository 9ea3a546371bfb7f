using EksNode.Configuration.ImageConfigs;
using EksNode.Planning.Plans;

namespace EksNode.Rendering;

/// <summary>How the resources of an image are called for people.</summary>
internal static class ComponentWords
{
    /// <summary>The kind of a resource, in the plural.</summary>
    public static string Kind(Resource resource) => resource switch
    {
        DirectoryResource => "Folders",
        PackageResource => "Packages",
        BinaryResource => "Downloads",
        OwnProgramResource => "eksnode",
        FileResource or SymlinkResource => "Files",
        KernelArgumentResource => "Kernel arguments",
        UnitStateResource => "Units",
        ContainerImageResource => "Container images",
        PermissionsResource => "Permissions",
        _ => "Others",
    };

    /// <summary>A resource in a few words.</summary>
    public static string Of(Resource resource) => resource switch
    {
        PackageResource { Version: null } package => $"{package.Name} absent",
        PackageResource package => $"{package.Name} {package.Version}",
        BinaryResource binary => $"{binary.Name} {binary.Version?.ToString() ?? ""}".TrimEnd(),
        SymlinkResource link => $"{link.Path} → {link.Target}",
        KernelArgumentResource argument => argument.Argument,
        UnitStateResource unit => $"{unit.Name} {ImageWords.UnitStates.WordOf(unit.State)}",
        ContainerImageResource image => image.Name,
        PermissionsResource permissions => $"{permissions.Path} at most {Convert.ToString(permissions.Mode, 8).PadLeft(4, '0')}",
        _ => resource.Path,
    };
}
