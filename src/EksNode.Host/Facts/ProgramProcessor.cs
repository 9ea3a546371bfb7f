using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EksNode.Host.Files;

namespace EksNode.Host.Facts;

/// <summary>For which processor a program is: an image for another one is looked at, and none of its programs runs here.</summary>
public static class ProgramProcessor
{
    // The ELF header (elf(5)): the magic number, and e_machine at 18, whose numbers are those of the gABI.
    private const int MachineAt = 18;
    private const int HeaderLength = 20;
    private const int X86 = 62;
    private const int Arm64 = 183;

    /// <summary>That of this process.</summary>
    public static string Own => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x86_64";

    /// <summary>The processor of a program, links followed: <c>x86_64</c>, <c>arm64</c> or <c>another</c>; null when it is a script, or nothing is there.</summary>
    public static string? Of(HostRoot root, string path)
    {
        using var file = root.OpenOrNull(path, Libc.ReadOnly | Libc.NonBlocking, follow: true, "read");
        Span<byte> header = stackalloc byte[HeaderLength];
        return file is null || Libc.Read(file, header) != HeaderLength ? null : Of(header);
    }

    /// <summary>The processor of a program by its first bytes: <c>x86_64</c>, <c>arm64</c> or <c>another</c>; null when they are none of a program.</summary>
    public static string? Of(ReadOnlySpan<byte> program)
    {
        if (program.Length < HeaderLength || !program.StartsWith("\u007fELF"u8))
        {
            return null;
        }

        return BinaryPrimitives.ReadUInt16LittleEndian(program[MachineAt..]) switch
        {
            X86 => "x86_64",
            Arm64 => "arm64",
            _ => "another",
        };
    }
}
