namespace EksNode.Planning.Containerd;

/// <summary>A tree over the keys of a path; a branch <c>*</c> fits any key that has no branch of its own.</summary>
/// <typeparam name="T">What a path can carry.</typeparam>
public sealed class PathTree<T>
    where T : class
{
    private const string AnyKey = "*";

    private readonly Dictionary<string, PathTree<T>> children = new(StringComparer.Ordinal);

    /// <summary>What this path carries, or null.</summary>
    public T? Value { get; private set; }

    /// <summary>The keys that have a branch of their own.</summary>
    public IEnumerable<string> Names => children.Keys.Where(key => key != AnyKey);

    /// <summary>The branch of a key, or null.</summary>
    public PathTree<T>? Child(string key) => children.GetValueOrDefault(key) ?? children.GetValueOrDefault(AnyKey);

    /// <summary>Gives a path its value.</summary>
    public void Add(IEnumerable<string> path, T value)
    {
        var node = this;
        foreach (var key in path)
        {
            if (!node.children.TryGetValue(key, out var next))
            {
                next = new PathTree<T>();
                node.children.Add(key, next);
            }

            node = next;
        }

        node.Value = value;
    }

    /// <summary>The value of the deepest branch along a path, or null when no branch on the way carries one.</summary>
    public T? Deepest(IEnumerable<string> path, Func<T, bool> accept)
    {
        T? found = null;
        var node = this;
        foreach (var key in path)
        {
            node = node.Child(key);
            if (node is null)
            {
                return found;
            }

            found = node.Value is { } value && accept(value) ? value : found;
        }

        return found;
    }
}
