using EksNode.Configuration.Text;

namespace EksNode.Configuration.Documents;

/// <summary>The text that a document is read from, to turn positions into origins.</summary>
/// <param name="Source">The name of the source.</param>
/// <param name="Part">The MIME part, from 1, or 0.</param>
/// <param name="LineOffset">How many lines of the source come before the text.</param>
internal readonly record struct SourcePlace(string Source, int Part, int LineOffset)
{
    /// <summary>The origin of a position whose line and column count from 0.</summary>
    public Origin At(int line, int column) => Origin.At(Source, line + LineOffset + 1, column + 1, Part);
}
