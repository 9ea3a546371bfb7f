using System.Text;
using EksNode.Simulation.Http;

namespace EksNode.Simulation.Aws;

/// <summary>EKS DescribeCluster (REST and JSON).</summary>
internal sealed class EksApi(SimulatorOptions options)
{
    public const string PathPrefix = "/clusters/";

    public SimulatedResponse DescribeCluster(SimulatedRequest request)
    {
        var name = request.Path[PathPrefix.Length..];
        if (options.Cluster is not { } cluster || cluster.Name != name)
        {
            return AwsErrors.Json(404, "application/json", writer =>
            {
                writer.WriteNull("clusterName");
                writer.WriteNull("nodegroupName");
                writer.WriteNull("fargateProfileName");
                writer.WriteNull("addonName");
                writer.WriteString("message", $"No cluster found for name: {name}.");
            }).With("x-amzn-ErrorType", "ResourceNotFoundException").With("x-amzn-RequestId", AwsErrors.RequestId);
        }

        // A cluster that is still being made has no endpoint and no certificate authority yet.
        var creating = cluster.Status == "CREATING";
        return AwsErrors.Json(200, "application/json", writer =>
        {
            writer.WriteStartObject("cluster");
            writer.WriteString("name", cluster.Name);
            writer.WriteString("arn", $"arn:aws:eks:{options.Region}:{options.AccountId}:cluster/{cluster.Name}");
            writer.WriteNumber("createdAt", 1767225600.123);
            writer.WriteString("version", cluster.KubernetesVersion);
            if (!creating)
            {
                writer.WriteString("endpoint", cluster.Endpoint);
            }

            writer.WriteString("roleArn", $"arn:aws:iam::{options.AccountId}:role/eks-cluster");
            writer.WriteStartObject("resourcesVpcConfig");
            writer.WriteString("vpcId", "vpc-0a1b2c3d4e5f60718");
            writer.WriteBoolean("endpointPublicAccess", true);
            writer.WriteBoolean("endpointPrivateAccess", true);
            writer.WriteEndObject();
            writer.WriteStartObject("kubernetesNetworkConfig");
            if (cluster.ServiceIpv6Cidr is { } ipv6)
            {
                writer.WriteNull("serviceIpv4Cidr");
                writer.WriteString("serviceIpv6Cidr", ipv6);
                writer.WriteString("ipFamily", "ipv6");
            }
            else
            {
                writer.WriteString("serviceIpv4Cidr", cluster.ServiceIpv4Cidr);
                writer.WriteNull("serviceIpv6Cidr");
                writer.WriteString("ipFamily", "ipv4");
            }

            writer.WriteEndObject();
            writer.WriteString("status", cluster.Status);
            writer.WriteStartObject("certificateAuthority");
            if (!creating)
            {
                writer.WriteString("data", Convert.ToBase64String(Encoding.ASCII.GetBytes(cluster.CertificateAuthorityPem)));
            }

            writer.WriteEndObject();
            if (cluster.Id is { } id)
            {
                writer.WriteString("id", id);
            }

            if (cluster.OutpostArn is { } outpost)
            {
                writer.WriteStartObject("outpostConfig");
                writer.WriteStartArray("outpostArns");
                writer.WriteStringValue(outpost);
                writer.WriteEndArray();
                writer.WriteString("controlPlaneInstanceType", "m5.xlarge");
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }).With("x-amzn-RequestId", AwsErrors.RequestId);
    }
}
