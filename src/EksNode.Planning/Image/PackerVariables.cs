using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Image;

/// <summary>
/// What of <c>image/eksnode.pkr.hcl</c> follows from a lock: the AMI that the builder starts from, and what the image is called. Packer's tags are known before
/// the build begins, so they say what the lock says; what was really installed is in the image, <c>/etc/eksnode/image.json</c>.
/// </summary>
public static class PackerVariables
{
    private static readonly Origin Made = Origin.Default("the lock");

    /// <summary>The variables, as a file <c>*.auto.pkrvars.json</c> has them; null when the lock names no AMI to start from.</summary>
    /// <param name="imageLock">The lock of the image: <see cref="ImageLock.Document"/>.</param>
    /// <param name="digest">The SHA-256 of the lock's file, in hexadecimal digits.</param>
    /// <param name="eksnode">The version of eksnode.</param>
    public static string? Write(TreeMap imageLock, string digest, string eksnode)
    {
        var pinned = (TreeMap)imageLock["pinned"]!;
        var from = (TreeMap)pinned["base"]!;
        if (from["source"] is not TreeMap source)
        {
            return null;
        }

        var (kubernetes, variant, architecture) = (Text(pinned, "kubernetes"), Text(pinned, "variant"), Text(pinned, "architecture"));
        var isFips = Text(pinned, "fips") == "true";
        var name = $"eksnode-{Text(from, "distribution")}-{variant}-{architecture}-{kubernetes}{(isFips ? "-fips" : "")}";
        var tags = new List<TreeEntry>();
        Add(tags, "eksnode:version", eksnode);
        Add(tags, "eksnode:kubernetes", kubernetes);
        Add(tags, "eksnode:variant", variant);
        Add(tags, "eksnode:profile", Text(pinned, "profile"));
        Add(tags, "eksnode:fips", Text(pinned, "fips"));
        Add(tags, "eksnode:release", Text(from, "release"));
        Add(tags, "eksnode:kernel", Text(from, "kernel"));
        Add(tags, "eksnode:lock-sha256", digest);

        var variables = new List<TreeEntry>();
        Add(variables, "architecture", architecture);
        Add(variables, "image_name", name);
        Add(
            variables,
            "image_description",
            $"Kubernetes {kubernetes} node on Amazon Linux {Text(from, "release")}, kernel {Text(from, "kernel")}, {variant}, profile {Text(pinned, "profile")}{(isFips ? ", FIPS" : "")}");
        Add(variables, "source_ami_owner", Text(source, "owner"));
        Add(variables, "source_ami_name", Text(source, "name"));
        variables.Add(new TreeEntry("volumes", Made, Volumes(pinned)));
        variables.Add(new TreeEntry("tags", Made, new TreeMap(tags, Made)));
        return JsonWriter.Write(new TreeMap(variables, Made), indent: 2, sortKeys: false) + "\n";
    }

    /// <summary>The volumes as a recipe of EC2 Image Builder has them: its <c>--block-device-mappings</c>.</summary>
    /// <param name="imageLock">The lock of the image: <see cref="ImageLock.Document"/>.</param>
    public static string WriteBlockDevices(TreeMap imageLock)
    {
        var mappings = new List<TreeNode>();
        foreach (var item in Volumes((TreeMap)imageLock["pinned"]!).Items)
        {
            var volume = (TreeMap)item;
            var ebs = new List<TreeEntry>();
            Copy("encrypted", "encrypted");
            ebs.Add(new TreeEntry("deleteOnTermination", Made, TreeScalar.Of(true, Made)));
            Copy("iops", "iops");
            Copy("kmsKey", "kmsKeyId");
            Copy("size", "volumeSize");
            Copy("type", "volumeType");
            Copy("throughput", "throughput");
            mappings.Add(new TreeMap([new TreeEntry("deviceName", Made, volume["device"]!), new TreeEntry("ebs", Made, new TreeMap(ebs, Made))], Made));

            void Copy(string key, string name)
            {
                if (volume[key] is TreeScalar { Kind: not ScalarKind.Null } value)
                {
                    ebs.Add(new TreeEntry(name, Made, value));
                }
            }
        }

        return JsonWriter.Write(new TreeList([.. mappings], Made), indent: 2, sortKeys: false) + "\n";
    }

    // Those of the lock, each with every key, as Packer's type wants it, and the root volume of EKS-optimized images when it is not among them.
    private static TreeList Volumes(TreeMap pinned)
    {
        var volumes = new List<TreeNode>();
        var hasRoot = false;
        foreach (var item in (pinned["volumes"] as TreeList)?.Items ?? [])
        {
            var volume = (TreeMap)item;
            hasRoot |= Text(volume, "device") == ImageVolume.RootDevice;
            volumes.Add(Whole(volume));
        }

        if (!hasRoot)
        {
            volumes.Insert(0, Whole(new TreeMap(
                [
                    new TreeEntry("device", Made, TreeScalar.Of(ImageVolume.RootDevice, Made)),
                    new TreeEntry("size", Made, new TreeScalar(ScalarKind.Integer, ImageVolume.RootSize, Made)),
                    new TreeEntry("type", Made, TreeScalar.Of("gp3", Made)),
                    new TreeEntry("encrypted", Made, TreeScalar.Of(true, Made)),
                ],
                Made)));
        }

        return new TreeList([.. volumes], Made);
    }

    private static TreeMap Whole(TreeMap volume)
    {
        var entries = new List<TreeEntry>();
        foreach (var key in (ReadOnlySpan<string>)["device", "size", "type", "encrypted", "iops", "throughput", "kmsKey"])
        {
            entries.Add(new TreeEntry(key, Made, volume[key] ?? TreeScalar.Null(Made)));
        }

        return new TreeMap(entries, Made);
    }

    private static string Text(TreeMap map, string key) => ((TreeScalar)map[key]!).Text;

    private static void Add(List<TreeEntry> entries, string key, string value) => entries.Add(new TreeEntry(key, Made, TreeScalar.Of(value, Made)));
}
