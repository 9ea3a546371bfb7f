using System.Globalization;
using System.Security.Cryptography;
using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary>
/// The files of the machine against the plan: the same executable, from the same user data and the machine's own facts, writes into a
/// folder here; every file there must be on the machine with the same content and mode.
/// </summary>
internal static class WrittenFiles
{
    /// <returns>How many files were compared.</returns>
    public static async Task<int> CompareAsync(NodeTestOptions options, GuestShell shell, string userData, CancellationToken cancellation)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Work, "expected-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        var root = Directory.CreateDirectory(Path.Combine(folder, "root")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "user-data"), userData, cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "facts.json"), await shell.ReadAsync("eksnode facts 2>/dev/null", cancellation), cancellation);
        var executable = Environment.GetEnvironmentVariable("EKSNODE_EXE") ?? throw new NodeTestException("EKSNODE_EXE is not set.");
        await Programs.RunAsync(
            executable,
            ["join", "--no-start", "--root", root, "--facts", Path.Combine(folder, "facts.json"), "-c", Path.Combine(folder, "user-data")],
            cancellation);

        var wanted = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(path => "/" + Path.GetRelativePath(root, path))
            .Where(path => !path.StartsWith("/var/lib/eksnode/", StringComparison.Ordinal) && !path.StartsWith("/run/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .ToList();
        var listing = await shell.ReadAsync(
            $"for f in {string.Join(' ', wanted)}; do [ -e $f ] || continue; if [ -L $f ]; then echo \"link $(readlink $f) $f\"; else echo \"$(sha256sum <$f | cut -c1-64) $(stat -c %a $f) $f\"; fi; done; true", cancellation);
        var there = listing.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line.Split(' ', 3)[2], StringComparer.Ordinal);
        var wrong = new List<string>();
        foreach (var path in wanted)
        {
            var file = root + path;
            var line = new FileInfo(file).LinkTarget is { } target
                ? $"link {target} {path}"
                : $"{Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, cancellation)))} {Convert.ToString((int)File.GetUnixFileMode(file), 8)} {path}";
            if (there.GetValueOrDefault(path) != line)
            {
                wrong.Add(there.ContainsKey(path) ? $"{path} differs" : $"{path} is missing");
            }
        }

        if (wanted.Count < 5 || wrong.Count > 0)
        {
            throw new NodeTestException(string.Create(CultureInfo.InvariantCulture, $"Of {wanted.Count} planned files: {string.Join(", ", wrong)}"));
        }

        return wanted.Count;
    }
}
