using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;

namespace EksNode.Configuration.Sources;

/// <summary>The bytes of a configuration source.</summary>
/// <param name="Name">The source as messages name it: <c>user-data</c>, <c>/etc/eksnode/node.d/10-a.yaml</c>.</param>
/// <param name="Bytes">The bytes as they were read.</param>
/// <param name="IsUserData">
/// Whether this is the instance's user data, which others (cloud-init) may own alone; a file that holds nothing for eksnode
/// is a warning.
/// </param>
public sealed record SourceContent(string Name, ReadOnlyMemory<byte> Bytes, bool IsUserData);

/// <summary>A document of a source that says what it is.</summary>
/// <param name="Document">The whole document.</param>
/// <param name="ApiVersion">Its <c>apiVersion</c>: <c>node.eks.aws/v1alpha1</c>.</param>
/// <param name="Kind">Its <c>kind</c>: <c>NodeConfig</c>.</param>
/// <param name="Origin">Where it begins.</param>
public sealed record SourceDocument(TreeMap Document, string ApiVersion, string Kind, Origin Origin);

/// <summary>What a source turned out to be.</summary>
public enum SourceFinding
{
    /// <summary>It has documents.</summary>
    Documents,

    /// <summary>It is plainly for cloud-init: a script, a cloud-config, a MIME message without a part of ours.</summary>
    ForCloudInit,

    /// <summary>It has no content.</summary>
    Empty,

    /// <summary>It cannot be read, or not all of it: there are errors.</summary>
    Unreadable,
}

/// <summary>A source, decoded.</summary>
/// <param name="Name">The name of the source.</param>
/// <param name="Finding">What it turned out to be.</param>
/// <param name="Description">The same for people, as a noun: <c>a shell script for cloud-init</c>.</param>
/// <param name="Documents">Its documents, in order.</param>
public sealed record SourceResult(
    string Name, SourceFinding Finding, string Description, ImmutableArray<SourceDocument> Documents);
