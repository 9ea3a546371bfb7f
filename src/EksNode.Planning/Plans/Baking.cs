namespace EksNode.Planning.Plans;

/// <summary>
/// What it means to have a resource of phase <see cref="Phase.Boot"/> in the image instead (<c>spec.bake</c> of an ImageConfig). The cost is why it is not there
/// when nothing is said.
/// </summary>
public sealed class Baking
{
    private const string OneFileLess = "one file less to write and flush at boot";
    private const string Rewritten = "user data that changes it is written at boot all the same";
    private const string Stays = "; a machine that has not joined has it as well, and a reset leaves it";

    private Baking(string gain, string cost) => (Gain, Cost) = (gain, cost);

    /// <summary>What a node has of it, as a clause.</summary>
    public string Gain { get; }

    /// <summary>What it costs, as a clause.</summary>
    public string Cost { get; }

    /// <summary>A file that every node has, whatever its configuration says.</summary>
    public static Baking OfEveryNode { get; } = new(OneFileLess, Rewritten);

    /// <summary>A file that a setting brings.</summary>
    public static Baking OfSetting { get; } = new(OneFileLess, Rewritten + Stays);

    /// <summary>A drop-in of systemd's that a setting brings.</summary>
    public static Baking OfDropIn { get; } = new(OneFileLess + ", and no reason for systemd to read its units again", Rewritten + Stays);

    /// <summary>Settings of the kernel.</summary>
    public static Baking OfKernel { get; } = new(OneFileLess + ", and systemd has done what it says before a join begins", Rewritten + Stays);

    /// <summary>A link that nodes of images without a program have.</summary>
    public static Baking OfLink { get; } = new("one link less to make at boot", "a program of its own that a node gets later finds the link in its place");

    /// <summary>What follows from the cluster alone.</summary>
    public static Baking OfCluster { get; } = new(OneFileLess, "the image is for one cluster: nodes of another one write theirs at boot");
}
