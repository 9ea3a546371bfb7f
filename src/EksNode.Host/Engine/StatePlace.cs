namespace EksNode.Host.Engine;

/// <summary>
/// Where a state is kept, with what belongs to it. A join and an image build each have one: a reset undoes what a join applied, and never the image that
/// the node started from.
/// </summary>
public sealed class StatePlace
{
    private StatePlace(string folder) => Folder = folder;

    /// <summary>What joins applied.</summary>
    public static StatePlace Join { get; } = new(AppliedState.DirectoryPath);

    /// <summary>What builds of the image applied.</summary>
    public static StatePlace Image { get; } = new(AppliedState.DirectoryPath + "/image");

    /// <summary>The folder, mode 0700.</summary>
    public string Folder { get; }

    /// <summary>The state, mode 0600.</summary>
    public string FilePath => Folder + "/state.json";

    /// <summary>Bytes that were there before eksnode, each file named by its SHA-256, mode 0600.</summary>
    public string OriginalsPath => Folder + "/originals";

    /// <summary>Versions of files that were changed by hand and replaced, mode 0600, for people to look at.</summary>
    public string ReplacedPath => Folder + "/replaced";
}
