using EksNode.Host.Imaging.Checks;

namespace EksNode.Imaging;

/// <summary>A compliance control, and whether all resources of the image that carry it are as planned.</summary>
/// <param name="id">The id of the control.</param>
internal sealed class ControlResult(string id)
{
    /// <summary>The id of the control.</summary>
    public string Id => id;

    /// <summary>How many resources carry it.</summary>
    public int Resources { get; set; }

    /// <summary>The ids of those that are not as planned, or that could not be looked at.</summary>
    public List<string> Failing { get; } = [];

    /// <summary>The ids of those that nothing is there for.</summary>
    public List<string> NotApplicable { get; } = [];

    /// <summary>Whether nothing is there that the control could be about.</summary>
    public bool IsNotApplicable => NotApplicable.Count == Resources;
}

/// <summary>Everything that a validation of an image found.</summary>
internal sealed class ImageValidation
{
    /// <summary>What the image was compared with: <c>document</c>, <c>lock</c>, <c>manifest</c>.</summary>
    public required IReadOnlyList<string> ComparedWith { get; init; }

    /// <summary>The findings, by check.</summary>
    public required IReadOnlyList<CheckFinding> Findings { get; init; }

    /// <summary>The controls that resources carry, by id; empty when none does.</summary>
    public required IReadOnlyList<ControlResult> Controls { get; init; }

    /// <summary>How many findings are of a status.</summary>
    public int Count(CheckStatus status)
    {
        var count = 0;
        foreach (var finding in Findings)
        {
            count += finding.Status == status ? 1 : 0;
        }

        return count;
    }

    /// <summary>How many things are not as they should be.</summary>
    public int Differences => Count(CheckStatus.Different) + Count(CheckStatus.Missing) + Count(CheckStatus.Unexpected);
}
