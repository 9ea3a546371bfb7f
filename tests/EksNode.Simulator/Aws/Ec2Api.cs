using System.Globalization;
using System.Xml;
using EksNode.Simulation.Faults;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Aws;

/// <summary>EC2 DescribeInstances and DescribeInstanceTypes in the query protocol of version 2016-11-15.</summary>
internal sealed class Ec2Api(SimulatorOptions options)
{
    private const string Version = "2016-11-15";
    private const string Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";

    public SimulatedResponse DescribeInstances(SimulatedRequest request, FaultStep? fault)
    {
        if (WrongVersion(request) is { } error)
        {
            return error;
        }

        var ids = List(request, "InstanceId");
        foreach (var id in ids)
        {
            if (!id.StartsWith("i-", StringComparison.Ordinal))
            {
                return AwsErrors.Make(AwsProtocol.Ec2, 400, "InvalidInstanceID.Malformed", $"Invalid id: \"{id}\"");
            }

            if (id != options.InstanceId)
            {
                return AwsErrors.Make(AwsProtocol.Ec2, 400, "InvalidInstanceID.NotFound", $"The instance ID '{id}' does not exist");
            }
        }

        var privateDnsName = fault?.Kind == FaultKind.EmptyDnsName ? "" : options.EffectivePrivateDnsName;
        return Answer("DescribeInstancesResponse", writer =>
        {
            writer.WriteStartElement("reservationSet");
            writer.WriteStartElement("item");
            writer.WriteElementString("reservationId", "r-0f1e2d3c4b5a69788");
            writer.WriteElementString("ownerId", options.AccountId);
            writer.WriteStartElement("groupSet");
            writer.WriteEndElement();
            writer.WriteStartElement("instancesSet");
            writer.WriteStartElement("item");
            WriteInstance(writer, privateDnsName);
            writer.WriteEndElement();
            writer.WriteEndElement();
            writer.WriteEndElement();
            writer.WriteEndElement();
        });
    }

    public SimulatedResponse DescribeInstanceTypes(SimulatedRequest request)
    {
        if (WrongVersion(request) is { } error)
        {
            return error;
        }

        var names = List(request, "InstanceType");
        var rows = names.Select(name => InstanceTypeTable.Find(options, name)).ToList();
        var unknown = names.Where((_, index) => rows[index] is null).ToList();
        if (unknown.Count > 0)
        {
            return AwsErrors.Make(
                AwsProtocol.Ec2, 400, "InvalidInstanceType", $"The following supplied instance types do not exist: [{string.Join(", ", unknown)}]");
        }

        return Answer("DescribeInstanceTypesResponse", writer =>
        {
            writer.WriteStartElement("instanceTypeSet");
            foreach (var row in rows)
            {
                writer.WriteStartElement("item");
                WriteType(writer, row!);
                writer.WriteEndElement();
            }

            writer.WriteEndElement();
        });
    }

    private void WriteInstance(XmlWriter writer, string privateDnsName)
    {
        writer.WriteElementString("instanceId", options.InstanceId);
        writer.WriteElementString("imageId", options.ImageId);
        writer.WriteStartElement("instanceState");
        writer.WriteElementString("code", "16");
        writer.WriteElementString("name", "running");
        writer.WriteEndElement();
        writer.WriteElementString("privateDnsName", privateDnsName);
        writer.WriteElementString("dnsName", "");
        writer.WriteElementString("reason", "");
        writer.WriteElementString("amiLaunchIndex", "0");
        writer.WriteElementString("instanceType", options.InstanceType);
        writer.WriteElementString("launchTime", "2026-01-15T08:00:00.000Z");
        writer.WriteStartElement("placement");
        writer.WriteElementString("availabilityZone", options.Zone);
        writer.WriteElementString("groupName", "");
        writer.WriteElementString("tenancy", "default");
        writer.WriteEndElement();
        writer.WriteStartElement("monitoring");
        writer.WriteElementString("state", "disabled");
        writer.WriteEndElement();
        writer.WriteElementString("subnetId", "subnet-0a1b2c3d4e5f60718");
        writer.WriteElementString("vpcId", "vpc-0a1b2c3d4e5f60718");
        writer.WriteElementString("privateIpAddress", options.LocalIpv4);
        writer.WriteElementString("sourceDestCheck", "true");
        writer.WriteElementString("architecture", InstanceTypeTable.Find(options)?.Architecture ?? "x86_64");
        writer.WriteStartElement("tagSet");
        foreach (var (key, value) in options.Tags)
        {
            writer.WriteStartElement("item");
            writer.WriteElementString("key", key);
            writer.WriteElementString("value", value);
            writer.WriteEndElement();
        }

        writer.WriteEndElement();
        writer.WriteStartElement("networkInterfaceSet");
        WriteInterface(writer, options.Mac, 0, 0, [options.LocalIpv4], options.Ipv6Addresses, privateDnsName);
        foreach (var secondary in options.SecondaryInterfaces)
        {
            WriteInterface(writer, secondary.Mac, secondary.DeviceNumber, secondary.NetworkCard, secondary.Ipv4Addresses, secondary.Ipv6Addresses, "");
        }

        writer.WriteEndElement();
        writer.WriteStartElement("metadataOptions");
        writer.WriteElementString("state", "applied");
        writer.WriteElementString("httpTokens", "required");
        writer.WriteElementString("httpPutResponseHopLimit", "1");
        writer.WriteElementString("httpEndpoint", options.ImdsMode == ImdsMode.Disabled ? "disabled" : "enabled");
        writer.WriteEndElement();
    }

    private static void WriteInterface(
        XmlWriter writer, string mac, int device, int card, IReadOnlyList<string> ipv4, IReadOnlyList<string> ipv6, string dnsName)
    {
        writer.WriteStartElement("item");
        writer.WriteElementString("networkInterfaceId", "eni-" + mac.Replace(":", "", StringComparison.Ordinal).PadLeft(17, '0'));
        writer.WriteElementString("macAddress", mac);
        writer.WriteElementString("status", "in-use");
        if (ipv4.Count > 0)
        {
            writer.WriteElementString("privateIpAddress", ipv4[0]);
        }

        writer.WriteElementString("privateDnsName", dnsName);
        writer.WriteStartElement("attachment");
        writer.WriteElementString("deviceIndex", device.ToString(CultureInfo.InvariantCulture));
        writer.WriteElementString("networkCardIndex", card.ToString(CultureInfo.InvariantCulture));
        writer.WriteElementString("status", "attached");
        writer.WriteEndElement();
        writer.WriteStartElement("ipv6AddressesSet");
        foreach (var address in ipv6)
        {
            writer.WriteStartElement("item");
            writer.WriteElementString("ipv6Address", address);
            writer.WriteEndElement();
        }

        writer.WriteEndElement();
        writer.WriteEndElement();
    }

    private static void WriteType(XmlWriter writer, InstanceTypeRow row)
    {
        writer.WriteElementString("instanceType", row.Name);
        writer.WriteElementString("currentGeneration", "true");
        writer.WriteElementString("bareMetal", row.BareMetal ? "true" : "false");
        writer.WriteElementString("hypervisor", row.Hypervisor);
        writer.WriteStartElement("processorInfo");
        writer.WriteStartElement("supportedArchitectures");
        writer.WriteElementString("item", row.Architecture);
        writer.WriteEndElement();
        writer.WriteEndElement();
        writer.WriteStartElement("vCpuInfo");
        writer.WriteElementString("defaultVCpus", row.Vcpus.ToString(CultureInfo.InvariantCulture));
        writer.WriteEndElement();
        writer.WriteStartElement("memoryInfo");
        writer.WriteElementString("sizeInMiB", row.MemoryMib.ToString(CultureInfo.InvariantCulture));
        writer.WriteEndElement();
        writer.WriteStartElement("networkInfo");
        writer.WriteElementString("maximumNetworkInterfaces", row.TotalEnis.ToString(CultureInfo.InvariantCulture));
        writer.WriteElementString("maximumNetworkCards", row.NetworkCards.ToString(CultureInfo.InvariantCulture));
        writer.WriteElementString("defaultNetworkCardIndex", "0");
        writer.WriteStartElement("networkCards");
        for (var card = 0; card < row.NetworkCards; card++)
        {
            // The table knows the default card alone; the others share what is left of the total.
            var others = row.NetworkCards > 1 ? (row.TotalEnis - row.DefaultCardEnis) / (row.NetworkCards - 1) : 0;
            writer.WriteStartElement("item");
            writer.WriteElementString("networkCardIndex", card.ToString(CultureInfo.InvariantCulture));
            writer.WriteElementString("maximumNetworkInterfaces", (card == 0 ? row.DefaultCardEnis : others).ToString(CultureInfo.InvariantCulture));
            writer.WriteEndElement();
        }

        writer.WriteEndElement();
        writer.WriteElementString("ipv4AddressesPerInterface", row.Ipv4PerEni.ToString(CultureInfo.InvariantCulture));
        writer.WriteElementString("ipv6AddressesPerInterface", row.Ipv6PerEni.ToString(CultureInfo.InvariantCulture));
        writer.WriteElementString("ipv6Supported", row.Ipv6PerEni > 0 ? "true" : "false");
        writer.WriteEndElement();
    }

    private static SimulatedResponse? WrongVersion(SimulatedRequest request) => request.Parameter("Version") == Version
        ? null
        : AwsErrors.Make(AwsProtocol.Ec2, 400, "InvalidAction", $"The action {request.Parameter("Action")} is not valid for this web service.");

    private static List<string> List(SimulatedRequest request, string name) => request.Parameters()
        .Where(pair => pair.Key.StartsWith(name + ".", StringComparison.Ordinal))
        .Select(pair => pair.Value)
        .ToList();

    private static SimulatedResponse Answer(string element, Action<XmlWriter> body) => AwsErrors.Xml(200, writer =>
    {
        writer.WriteStartElement(element, Namespace);
        writer.WriteElementString("requestId", AwsErrors.RequestId);
        body(writer);
        writer.WriteEndElement();
    });
}
