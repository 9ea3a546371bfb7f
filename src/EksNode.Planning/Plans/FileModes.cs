namespace EksNode.Planning.Plans;

/// <summary>The permission bits of what eksnode writes.</summary>
public static class FileModes
{
    /// <summary>0600: whatever can hold a user's secret.</summary>
    public const int Secret = 0x180;

    /// <summary>0644: what any user may read, unless the compliance profile of the image forbids it.</summary>
    public const int Public = 0x1A4;
}
