using System.Collections.Immutable;

namespace EksNode.Planning.Image.Hardening;

/// <summary>What becomes of a control in an image.</summary>
public enum ControlStatus
{
    /// <summary>Resources of the plan satisfy it.</summary>
    Applied,

    /// <summary>The document says something else of the same.</summary>
    Replaced,

    /// <summary>It would take away what a node needs.</summary>
    Exception,

    /// <summary>Nothing is there that it could be about.</summary>
    NotApplicable,

    /// <summary>The base has it so, and the plan leaves it.</summary>
    Base,

    /// <summary>A person decides.</summary>
    Manual,

    /// <summary>eksnode does not do it yet.</summary>
    Later,
}

/// <summary>One control of the image's profile.</summary>
public sealed class ImageControl
{
    /// <summary>The control with its benchmark: <c>CIS Amazon Linux 2023 1.0.0 3.3.2</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Its number in the benchmark: <c>3.3.2</c>.</summary>
    public required string Number { get; init; }

    /// <summary>What it wants, as a clause.</summary>
    public required string Title { get; init; }

    /// <summary>What becomes of it.</summary>
    public required ControlStatus Status { get; init; }

    /// <summary>Why it is not applied, as a clause; empty when it is.</summary>
    public required string Reason { get; init; }

    /// <summary>The ids of the resources that satisfy it, sorted; empty when none does.</summary>
    public required ImmutableArray<string> Resources { get; init; }

    /// <summary>The word of a status, the same in every output.</summary>
    public static string Word(ControlStatus status) => status switch
    {
        ControlStatus.Applied => "applied",
        ControlStatus.Replaced => "replaced",
        ControlStatus.Exception => "exception",
        ControlStatus.NotApplicable => "not-applicable",
        ControlStatus.Base => "base",
        ControlStatus.Manual => "manual",
        _ => "later",
    };
}
