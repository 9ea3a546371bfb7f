using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Imaging.Checks;

/// <summary>Files by content, mode and owner, links by what they say, directories by being there; permissions of what is there.</summary>
internal sealed class FileCheck : ImageCheck
{
    /// <inheritdoc/>
    public override string Name => "file";

    /// <inheritdoc/>
    public override Task RunAsync(CheckContext context, List<CheckFinding> findings, CancellationToken cancellation)
    {
        foreach (var resource in context.Resources)
        {
            if (resource is not (FileResource or SymlinkResource or DirectoryResource or PermissionsResource))
            {
                continue;
            }

            if (context.IsMachine && resource.Phase == Phase.Boot)
            {
                findings.Add(new CheckFinding(Name, resource.Id, CheckStatus.NotChecked) { Note = "a join brings it up to date: `eksnode verify` looks at it" });
                continue;
            }

            try
            {
                var found = Verifier.Verify(new Plan([resource]), context.Root, AppliedState.Empty);
                foreach (var finding in found)
                {
                    findings.Add(Of(finding));
                }

                // Bits of a file that is not there: the most that it may have, whoever makes it.
                if (found.IsEmpty)
                {
                    findings.Add(new CheckFinding(Name, resource.Id, CheckStatus.NotApplicable) { Note = $"there is no {resource.Path}" });
                }
            }
            catch (DiagnosticException failure)
            {
                context.Diagnostics.Add(failure.Diagnostic);
                findings.Add(new CheckFinding(Name, resource.Id, CheckStatus.Unreadable) { Note = failure.Diagnostic.Message });
            }
        }

        return Task.CompletedTask;
    }

    private CheckFinding Of(Finding finding)
    {
        if (finding.AsPlanned)
        {
            return Good(finding.ResourceId);
        }

        var planned = finding.Planned?.Identity;
        return finding.Status == FindingStatus.Missing
            ? Bad(finding.ResourceId, CheckStatus.Missing, planned is null ? "a directory" : Words(planned, null), null)
            : Bad(finding.ResourceId, CheckStatus.Different, Words(planned, finding.Actual?.Identity), Words(finding.Actual?.Identity, planned));
    }

    // Of what both are only what differs; content by its checksum, as it may be a secret.
    private static string? Words(ObjectIdentity? one, ObjectIdentity? other)
    {
        if (one is null || !one.Exists)
        {
            return null;
        }

        if (one.Kind != FileKind.File)
        {
            return one.Kind == FileKind.Symlink ? "a link to " + one.Target : "a " + one.Kind.ToString().ToLowerInvariant();
        }

        if (other is null || other.Kind != FileKind.File)
        {
            return $"a file of mode {one.ModeText} and sha256 {one.Sha256}";
        }

        var words = new List<string>();
        if (one.Sha256 != other.Sha256)
        {
            words.Add("sha256 " + one.Sha256);
        }

        if (one.Mode != other.Mode)
        {
            words.Add("mode " + one.ModeText);
        }

        if (one.User != other.User || one.Group != other.Group)
        {
            words.Add(string.Create(CultureInfo.InvariantCulture, $"owner {one.User}:{one.Group}"));
        }

        return string.Join(", ", words);
    }
}
