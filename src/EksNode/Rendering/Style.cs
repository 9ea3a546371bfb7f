namespace EksNode.Rendering;

/// <summary>Colours for a terminal; without colour every method answers the text as it is.</summary>
/// <param name="colour">Whether to colour.</param>
public readonly struct Style(bool colour)
{
    /// <summary>An addition.</summary>
    public string Green(string text) => Wrap(text, "32");

    /// <summary>A change or a warning.</summary>
    public string Yellow(string text) => Wrap(text, "33");

    /// <summary>A removal or an error.</summary>
    public string Red(string text) => Wrap(text, "31");

    /// <summary>A place.</summary>
    public string Cyan(string text) => Wrap(text, "36");

    /// <summary>A heading.</summary>
    public string Bold(string text) => Wrap(text, "1");

    /// <summary>What matters less.</summary>
    public string Dim(string text) => Wrap(text, "2");

    private string Wrap(string text, string code) => colour && text.Length > 0 ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
