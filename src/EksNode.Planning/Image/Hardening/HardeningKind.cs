namespace EksNode.Planning.Image.Hardening;

/// <summary>The kinds of rows of <c>data/image-hardening.tsv</c>.</summary>
internal static class HardeningKind
{
    /// <summary>A setting of the kernel.</summary>
    public const string Sysctl = "sysctl";

    /// <summary>A module that cannot be loaded.</summary>
    public const string Module = "module";

    /// <summary>A line of a file.</summary>
    public const string Line = "line";

    /// <summary>The mode of a file, which may have lines.</summary>
    public const string File = "file";

    /// <summary>A rule for system calls in a file of audit.</summary>
    public const string Audit = "audit";

    /// <summary>A file below <c>image/hardening</c>.</summary>
    public const string Baked = "baked";

    /// <summary>The state of a unit.</summary>
    public const string Unit = "unit";

    /// <summary>A package.</summary>
    public const string Package = "package";

    /// <summary>A package that must not be there.</summary>
    public const string Absent = "absent";

    /// <summary>An argument of the kernel.</summary>
    public const string Argument = "argument";

    /// <summary>A word that must not be on the command line of the kernel.</summary>
    public const string NoArgument = "no-argument";

    /// <summary>Bits of a file or folder that is there.</summary>
    public const string Permissions = "permissions";

    /// <summary>The system-wide crypto policy.</summary>
    public const string CryptoPolicy = "crypto-policy";

    /// <summary>A resource of another part of the plan.</summary>
    public const string Planned = "planned";

    /// <summary>The permission bits that a row has as octal digits.</summary>
    public static int ModeOf(HardeningRow row) => Convert.ToInt32(row.Value, 8);
}
