using System.Globalization;
using System.Text;
using System.Text.Json;
using EksNode.Simulation.Aws;

namespace EksNode.Simulation.Imds;

/// <summary>What IMDS shows below <c>/latest</c>: leaves by path, and listings made from them.</summary>
internal sealed class ImdsTree(SimulatorOptions options, IssuedCredentials credentials, TimeProvider clock)
{
    private const string MetaData = "meta-data/";

    /// <summary>A leaf or a listing; null when there is nothing (404). The path has no leading slash.</summary>
    public byte[]? Read(string path)
    {
        if (path == "user-data")
        {
            return options.UserData?.ToArray();
        }

        var leaves = Leaves();
        if (leaves.TryGetValue(path, out var value))
        {
            return Encoding.UTF8.GetBytes(value());
        }

        return List(leaves, path.Length == 0 || path.EndsWith('/') ? path : path + "/");
    }

    private static byte[]? List(SortedDictionary<string, Func<string>> leaves, string prefix)
    {
        var children = new List<string>();
        foreach (var leaf in leaves.Keys)
        {
            if (!leaf.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            var rest = leaf[prefix.Length..];
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            var child = slash < 0 ? rest : rest[..(slash + 1)];
            if (!children.Contains(child))
            {
                children.Add(child);
            }
        }

        return children.Count == 0 ? null : Encoding.UTF8.GetBytes(string.Join('\n', children));
    }

    private SortedDictionary<string, Func<string>> Leaves()
    {
        var leaves = new SortedDictionary<string, Func<string>>(StringComparer.Ordinal);
        void Add(string path, string value) => leaves[MetaData + path] = () => value;

        Add("ami-id", options.ImageId);
        Add("ami-launch-index", "0");
        Add("hostname", options.EffectiveLocalHostname);
        Add("instance-action", "none");
        Add("instance-id", options.InstanceId);
        Add("instance-life-cycle", options.Lifecycle);
        Add("instance-type", options.InstanceType);
        Add("local-hostname", options.EffectiveLocalHostname);
        Add("local-ipv4", options.LocalIpv4);
        Add("mac", options.Mac);
        Add("placement/availability-zone", options.Zone);
        Add("placement/region", options.Region);
        if (options.PlacementGroup is { } group)
        {
            Add("placement/group-name", group);
        }

        if (options.PlacementPartition is { } number)
        {
            Add("placement/partition-number", number.ToString(CultureInfo.InvariantCulture));
        }

        Add("profile", "default-hvm");
        Add("reservation-id", "r-0f1e2d3c4b5a69788");
        Add("security-groups", "eks-cluster-sg");
        Add("services/domain", options.ServicesDomain);
        Add("services/partition", Partition);
        if (options.Ipv6Addresses.Length > 0)
        {
            Add("ipv6", options.Ipv6Addresses[0]);
        }

        AddInterface(Add, options.Mac, 0, 0, [options.LocalIpv4], options.Ipv6Addresses, options.EffectiveLocalHostname);
        foreach (var secondary in options.SecondaryInterfaces)
        {
            AddInterface(Add, secondary.Mac, secondary.DeviceNumber, secondary.NetworkCard, secondary.Ipv4Addresses, secondary.Ipv6Addresses, "");
        }

        if (options.RoleName is { } role)
        {
            leaves[MetaData + "iam/info"] = ProfileDocument;
            leaves[MetaData + "iam/security-credentials/" + role] = () => credentials.Document();
        }

        if (options.TagsInMetadata)
        {
            foreach (var (key, value) in options.Tags)
            {
                Add("tags/instance/" + key, value);
            }
        }

        leaves["dynamic/instance-identity/document"] = IdentityDocument;
        if (options.UserData is not null)
        {
            leaves["user-data"] = () => "";
        }

        return leaves;
    }

    private string Partition => options.Region.StartsWith("cn-", StringComparison.Ordinal) ? "aws-cn"
        : options.Region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov" : "aws";

    private void AddInterface(
        Action<string, string> add, string mac, int device, int card, IReadOnlyList<string> ipv4, IReadOnlyList<string> ipv6, string hostname)
    {
        var prefix = $"network/interfaces/macs/{mac}/";
        add(prefix + "device-number", device.ToString(CultureInfo.InvariantCulture));
        add(prefix + "interface-id", "eni-" + mac.Replace(":", "", StringComparison.Ordinal).PadLeft(17, '0'));
        add(prefix + "local-hostname", hostname);
        add(prefix + "mac", mac);
        add(prefix + "network-card", card.ToString(CultureInfo.InvariantCulture));
        add(prefix + "owner-id", options.AccountId);
        add(prefix + "security-group-ids", "sg-0a1b2c3d4e5f60718");
        add(prefix + "subnet-id", "subnet-0a1b2c3d4e5f60718");
        add(prefix + "subnet-ipv4-cidr-block", options.SubnetCidr);
        add(prefix + "vpc-id", "vpc-0a1b2c3d4e5f60718");
        add(prefix + "vpc-ipv4-cidr-block", options.VpcCidr);
        add(prefix + "vpc-ipv4-cidr-blocks", options.VpcCidr);
        if (options.VpcIpv6Cidrs.Length > 0)
        {
            add(prefix + "vpc-ipv6-cidr-blocks", string.Join('\n', options.VpcIpv6Cidrs));
        }

        if (ipv4.Count > 0)
        {
            add(prefix + "local-ipv4s", string.Join('\n', ipv4));
        }

        if (ipv6.Count > 0)
        {
            add(prefix + "ipv6s", string.Join('\n', ipv6));
        }
    }

    private string IdentityDocument() => Json(writer =>
    {
        writer.WriteString("accountId", options.AccountId);
        writer.WriteString("architecture", Aws.InstanceTypeTable.Find(options)?.Architecture ?? "x86_64");
        writer.WriteString("availabilityZone", options.Zone);
        writer.WriteNull("billingProducts");
        writer.WriteNull("devpayProductCodes");
        writer.WriteNull("marketplaceProductCodes");
        writer.WriteString("imageId", options.ImageId);
        writer.WriteString("instanceId", options.InstanceId);
        writer.WriteString("instanceType", options.InstanceType);
        writer.WriteNull("kernelId");
        writer.WriteString("pendingTime", "2026-01-15T08:00:00Z");
        writer.WriteString("privateIp", options.LocalIpv4);
        writer.WriteNull("ramdiskId");
        writer.WriteString("region", options.Region);
        writer.WriteString("version", "2017-09-30");
    });

    private string ProfileDocument() => Json(writer =>
    {
        writer.WriteString("Code", "Success");
        writer.WriteString("LastUpdated", clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        writer.WriteString("InstanceProfileArn", $"arn:{Partition}:iam::{options.AccountId}:instance-profile/{options.RoleName}");
        writer.WriteString("InstanceProfileId", "AIPAEXAMPLEEXAMPLEEXA");
    });

    private static string Json(Action<Utf8JsonWriter> body)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            body(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
