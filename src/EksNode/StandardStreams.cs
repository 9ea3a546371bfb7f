using EksNode.Host.Files;
using Microsoft.Win32.SafeHandles;

namespace EksNode;

/// <summary>Standard input, output and error of the process, also where whoever started it closed them.</summary>
internal static class StandardStreams
{
    // Kept open to the end.
    private static readonly List<SafeFileHandle> Placeholders = [];

    /// <summary>
    /// Takes the numbers 0 to 2 where they are free. Otherwise the next file that is opened gets one, and what is meant for
    /// standard error would be written into a file of the node.
    /// </summary>
    public static void Occupy()
    {
        for (var number = 0; number <= 2; number++)
        {
            // The lowest number that is free is the one that a file gets.
            if (!DescriptorStream.IsOpen(number))
            {
                Placeholders.Add(File.OpenHandle("/dev/null", FileMode.Open, number == 0 ? FileAccess.Read : FileAccess.Write, FileShare.ReadWrite));
            }
        }
    }

    /// <summary>Whether an exception is a failure of a stream: a full disk behind it, or no stream at all.</summary>
    public static bool IsFailure(Exception failure) => failure is IOException or UnauthorizedAccessException;
}
