using System.Text;
using EksNode.Configuration.Text;

namespace EksNode.Planning;

/// <summary>
/// The tables of <c>data/</c> that are embedded into this assembly: tab-separated text, comment lines with <c>#</c>, one header
/// line.
/// </summary>
internal static class DataTable
{
    /// <summary>The rows of a table below its header.</summary>
    /// <param name="name">The file's name.</param>
    /// <exception cref="InvalidOperationException">The assembly was built without the table.</exception>
    public static IEnumerable<string[]> Rows(string name)
    {
        using var stream = EmbeddedTable.Open(typeof(DataTable).Assembly, name);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var header = true;
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            if (!header)
            {
                yield return line.Split('\t');
            }

            header = false;
        }
    }
}
