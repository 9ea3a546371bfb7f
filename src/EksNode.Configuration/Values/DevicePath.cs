namespace EksNode.Configuration.Values;

/// <summary>The path of a block device: below <c>/dev</c>.</summary>
public static class DevicePath
{
    /// <summary>Reads a path such as <c>/dev/xvdb</c> or <c>/dev/disk/by-id/…</c>.</summary>
    public static ValueResult<string> Parse(string text)
    {
        if (!text.StartsWith('/') && text.Length > 0 && !text.AsSpan().ContainsAny('.', '~'))
        {
            return new ValueProblem($"The device {Quoted.Text(text)} is not a path.", $"Did you mean {Quoted.Text("/dev/" + text)}?");
        }

        if (!AbsolutePath.Parse(text).TryGet(out var path, out var problem))
        {
            return problem;
        }

        return path.StartsWith("/dev/", StringComparison.Ordinal)
            ? path
            : new ValueProblem($"The device {Quoted.Text(text)} is not below `/dev`.", "Write the device's path, such as `/dev/xvdb`.");
    }
}
