using EksNode.Configuration.Text;
using EksNode.Host.Engine;

namespace EksNode;

/// <summary>Paths of a node whose root is a folder of this machine, as whoever copies them needs them: with the root before them.</summary>
internal static class HostPath
{
    private static readonly string[] Kept = [AppliedState.OriginalsPath, AppliedState.ReplacedPath];

    /// <summary>The path on this machine.</summary>
    /// <param name="root">The root.</param>
    /// <param name="path">The path inside of it.</param>
    public static string Below(string root, string path) => Path.GetFullPath(root) == "/" ? path : root.TrimEnd('/') + path;

    /// <summary>What is said of a path of the node, with the root before each mention of it: it may be a path to remove.</summary>
    /// <param name="diagnostic">What is said.</param>
    /// <param name="root">The root.</param>
    public static Diagnostic InText(Diagnostic diagnostic, string root)
    {
        if (diagnostic is not { Path: ['/', _, ..] path } || Below(root, path) == path)
        {
            return diagnostic;
        }

        return diagnostic with { Message = InText(diagnostic.Message, path, root), Help = InText(diagnostic.Help, path, root) };
    }

    private static string InText(string text, string path, string root)
    {
        text = InTextOnce(text, path, root);
        foreach (var folder in Kept)
        {
            text = InTextOnce(text, folder, root);
        }

        return text;
    }

    private static string InTextOnce(string text, string path, string root)
    {
        var below = Below(root, path);
        return text.Contains(below, StringComparison.Ordinal) ? text : text.Replace(path, below, StringComparison.Ordinal);
    }
}
