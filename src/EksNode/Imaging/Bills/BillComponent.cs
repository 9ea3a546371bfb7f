namespace EksNode.Imaging.Bills;

/// <summary>What a component of a bill of materials is.</summary>
internal enum BillKind
{
    /// <summary>A package of the distribution.</summary>
    Package,

    /// <summary>A program that was downloaded from its publisher.</summary>
    Program,

    /// <summary>A container image.</summary>
    ContainerImage,
}

/// <summary>A component of a bill of materials.</summary>
internal sealed class BillComponent
{
    /// <summary>What it is.</summary>
    public required BillKind Kind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>Its package URL, which no other component of the bill has.</summary>
    public required string Purl { get; init; }

    /// <summary>Where it was downloaded from; null: not known.</summary>
    public string? Url { get; init; }

    /// <summary>The SHA-256 of what was downloaded; null: not known.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Its license in the packager's words; null: nobody tells.</summary>
    public string? License { get; init; }

    /// <summary>Who made the package; null: nobody tells.</summary>
    public string? Supplier { get; init; }
}
