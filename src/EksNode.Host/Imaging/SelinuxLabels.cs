using System.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Imaging;

/// <summary>
/// Gives files of an image the SELinux labels of the image's own policy, where its configuration has SELinux on. A kernel that enforces starts no program
/// whose file has the label of the folder that it was built in.
/// </summary>
/// <param name="root">The root of the image.</param>
/// <param name="programs">Runs setfiles.</param>
public sealed class SelinuxLabels(HostRoot root, RootPrograms programs)
{
    private const string Config = "/etc/selinux/config";

    // A command line has 2 MiB at most (execve(2)), and a path up to 4096 bytes.
    private const int MostPaths = 400;

    /// <summary>Labels what is at some paths; folders with all that is in them.</summary>
    /// <param name="paths">The paths in the root; those that are not there are left out.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How many paths were given to setfiles; null: the image has SELinux off.</returns>
    /// <exception cref="Configuration.Text.DiagnosticException">The image enforces and has no labels or no setfiles, or setfiles failed.</exception>
    public async Task<int?> ApplyAsync(IEnumerable<string> paths, CancellationToken cancellation)
    {
        var settings = Encoding.UTF8.GetString(root.ReadFile(Config) ?? []);
        if (Setting(settings, "SELINUX") is not ("enforcing" or "permissive") || Setting(settings, "SELINUXTYPE") is not { } type)
        {
            return null;
        }

        var enforces = Setting(settings, "SELINUX") == "enforcing";
        var contexts = $"/etc/selinux/{type}/contexts/files/file_contexts";
        var own = RootPrograms.FindOnMachine("setfiles");
        var inside = programs.Find("setfiles");
        if (root.Status(contexts) is null || (own is null && inside is null))
        {
            return enforces
                ? throw RootPrograms.Failed(
                    $"{Config} of the image has SELinux enforcing, and {(root.Status(contexts) is null ? contexts + " is not there" : "there is no setfiles that runs here to label files with")}.",
                    programs.IsForeign ? "Install policycoreutils on this machine: the image is for another processor." : "Install selinux-policy-targeted and policycoreutils under `spec.packages`.")
                : null;
        }

        var there = paths.Where(p => root.Status(p) is not null).Order(StringComparer.Ordinal).ToList();
        for (var at = 0; at < there.Count; at += MostPaths)
        {
            var some = there.GetRange(at, Math.Min(MostPaths, there.Count - at));
            var result = own is null || programs.IsMachine
                ? await programs.InsideAsync(inside ?? own!, [contexts, .. some], cancellation).ConfigureAwait(false)
                : await programs.RunAsync(own, ["-r", programs.Folder, programs.Folder + contexts, .. some.Select(p => programs.Folder + p)], cancellation).ConfigureAwait(false);
            RootPrograms.Succeeded(result, "Labelling files of the image", "setfiles");
        }

        return there.Count;
    }

    private static string? Setting(string text, string name)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith(name + "=", StringComparison.Ordinal))
            {
                return line[(name.Length + 1)..].Trim();
            }
        }

        return null;
    }
}
