namespace EksNode.Host.Imaging.Checks;

/// <summary>What a check of an image found.</summary>
public enum CheckStatus
{
    /// <summary>As it is planned.</summary>
    AsPlanned,

    /// <summary>It is there, and not as it is planned.</summary>
    Different,

    /// <summary>It is planned and not there.</summary>
    Missing,

    /// <summary>It is there, and must not be.</summary>
    Unexpected,

    /// <summary>What it is compared with cannot be read, which is an error among the diagnostics.</summary>
    Unreadable,

    /// <summary>It was not looked at, for a reason that is no fault.</summary>
    NotChecked,

    /// <summary>Nothing is there that it could be about, and nothing has to be.</summary>
    NotApplicable,
}

/// <summary>One finding about an image.</summary>
/// <param name="check">Which check it is of: <c>file</c>, <c>package</c>, <c>unit</c>.</param>
/// <param name="resource">The id of the resource, or what it is about where no resource stands for it.</param>
/// <param name="status">What was found.</param>
public sealed class CheckFinding(string check, string resource, CheckStatus status)
{
    /// <summary>Which check it is of.</summary>
    public string Check => check;

    /// <summary>The id of the resource, or what it is about where no resource stands for it.</summary>
    public string Resource => resource;

    /// <summary>What was found.</summary>
    public CheckStatus Status => status;

    /// <summary>What should be there; null where the status says it all.</summary>
    public string? Expected { get; init; }

    /// <summary>What is there; null where nothing is.</summary>
    public string? Found { get; init; }

    /// <summary>Why it was not looked at, or what else there is to know; null: nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Whether the image is not what it should be here.</summary>
    public bool IsDifference => status is CheckStatus.Different or CheckStatus.Missing or CheckStatus.Unexpected;
}
