using EksNode.Host.Tests.Files;
using EksNode.Host.Tests.Packages;

namespace EksNode.Host.Tests.Imaging;

/// <summary>A shell with its libraries in a root, so that scripts run there.</summary>
internal static class StandInShell
{
    /// <summary>Copies it, and other programs.</summary>
    public static void Into(TestRoot host, params string[] programs)
    {
        foreach (var program in programs.Prepend("/bin/sh"))
        {
            foreach (var file in TestProgram.Run("ldd", program).Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries).Where(w => w[0] == '/').Prepend(program))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(host.At(file))!);
                File.Copy(file, host.At(file), overwrite: true);
            }
        }
    }
}
