using EksNode.Configuration.Text;

namespace EksNode.Planning;

/// <summary>The tables of <c>data/</c> that are embedded into this assembly.</summary>
internal static class DataTable
{
    /// <summary>The rows of a table below its header.</summary>
    /// <param name="name">The file's name.</param>
    public static IEnumerable<string[]> Rows(string name) => EmbeddedTable.Rows(typeof(DataTable).Assembly, name);
}
