namespace EksNode.Configuration.Text;

/// <summary>What kind of thing decided a value.</summary>
public enum OriginKind
{
    /// <summary>eksnode's own default.</summary>
    Default,

    /// <summary>A fact of the instance, the host, the image or the cluster.</summary>
    Fact,

    /// <summary>A line of a configuration source.</summary>
    Configuration,

    /// <summary>The compliance profile that the image manifest names.</summary>
    Profile,

    /// <summary>A preset that the configuration names.</summary>
    Preset,
}

/// <summary>Where a value came from. Every value of a configuration and of a plan has one.</summary>
/// <param name="Kind">What decided the value.</param>
/// <param name="Source">
/// The configuration source as the user named it (<c>user-data</c>, <c>/etc/eksnode/node.d/10-a.yaml</c>), or the name of the
/// fact (<c>instance.type</c>), or that of the compliance profile (<c>cis-l1</c>) or preset, or empty for a default.
/// </param>
/// <param name="Part">The MIME part, counted from 1 among all parts of the source; 0 when the source is not multipart.</param>
/// <param name="Line">The line, counted from 1 within the source (or the part, when it is multipart); 0 when unknown.</param>
/// <param name="Column">The column, counted from 1; 0 when unknown.</param>
/// <param name="Note">Why: a formula with its numbers, or the reason of a default. A short clause without a full stop.</param>
public sealed record Origin(OriginKind Kind, string Source, int Part = 0, int Line = 0, int Column = 0, string? Note = null)
{
    /// <summary>A default of eksnode.</summary>
    /// <param name="note">Why this is the default, as a clause.</param>
    public static Origin Default(string note) => new(OriginKind.Default, "", Note: note);

    /// <summary>A value derived from a fact.</summary>
    /// <param name="fact">The name of the fact, as in a facts file: <c>instance.availabilityZone</c>.</param>
    /// <param name="note">How the value follows from it, as a clause.</param>
    public static Origin Fact(string fact, string? note = null) => new(OriginKind.Fact, fact, Note: note);

    /// <summary>A value of the image's compliance profile.</summary>
    /// <param name="profile">The name of the profile: <c>cis-l1</c>; <c>fips</c> for FIPS mode.</param>
    /// <param name="note">Why, and the controls that ask for it, as a clause.</param>
    public static Origin Profile(string profile, string note) => new(OriginKind.Profile, profile, Note: note);

    /// <summary>A value of a preset.</summary>
    /// <param name="preset">The name of the preset: <c>dense</c>.</param>
    /// <param name="note">Why, as a clause.</param>
    public static Origin Preset(string preset, string note) => new(OriginKind.Preset, preset, Note: note);

    /// <summary>A place in a configuration source.</summary>
    public static Origin At(string source, int line, int column, int part = 0) =>
        new(OriginKind.Configuration, source, part, line, column);

    /// <summary>The source with its part: <c>user-data part 2</c>. This is the <c>source</c> of a diagnostic's JSON form.</summary>
    public string SourceName => Part > 0 ? $"{Source} part {Part}" : Source;

    /// <summary>The same place with a reason added.</summary>
    public Origin Because(string note) => this with { Note = note };

    /// <summary>The form for people: <c>user-data part 2:14:9</c>, <c>fact instance.type</c>, <c>default</c>.</summary>
    public override string ToString() => Kind switch
    {
        OriginKind.Default => "default",
        OriginKind.Fact => $"fact {Source}",
        OriginKind.Profile => $"profile {Source}",
        OriginKind.Preset => $"preset {Source}",
        _ when Line == 0 => SourceName,
        _ => $"{SourceName}:{Line}:{Column}",
    };
}

/// <summary>A value and what decided it.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Value">The value.</param>
/// <param name="Origin">What decided it.</param>
public sealed record Sourced<T>(T Value, Origin Origin);
