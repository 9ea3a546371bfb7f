using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;

/// <summary>
/// Makes methods share how their stack is unwound: 350 KiB of the arm64 executable. It is a task of the build, between the compiler and the
/// linker, and rewrites <c>.eh_frame</c> of the object file in place (LSB Core 5.0, section 10.6; DWARF 4, section 6.4).
/// </summary>
/// <remarks>
/// <para>
/// The compiler writes the same few hundred lists of instructions ("the frame is 80 bytes, x19 is at 72…") 30000 times, one for each method.
/// Here each list goes once into a common information entry (CIE), and the entry of the method (FDE) names it and has none of its own.
/// </para>
/// <para>
/// The instructions of a CIE hold from the first instruction of a method on, those of an FDE after the prolog that it skips. On arm64 that
/// loses nothing: the compiler describes the whole prolog by one step at its end (CompressARM64CFI in its JitInterface), so that no place within
/// the prolog was described before either, and the runtime does not unwind from there. On x86-64 each step of the prolog is described and used.
/// </para>
/// </remarks>
public sealed class ShareUnwinding : Microsoft.Build.Utilities.Task
{
    private const int SectionHeaderSize = 64;
    private const int RelocationSize = 24;

    // A record: length, offset back to the CIE, start of the method, its length, length of the augmentation, pointer to the method's data (LSDA).
    private const int CieField = 4;
    private const int StartField = 8;
    private const int AugmentationField = 16;
    private const int InstructionsOfFde = 21;

    // "zLR": data of 2 bytes follows, which says that LSDA and start are 4 bytes, relative to where they stand.
    private static readonly byte[] expectedCie = { 1, (byte)'z', (byte)'L', (byte)'R', 0 };

    /// <summary>The object file: ELF, 64 bits, little endian, as the compiler writes it.</summary>
    [Required]
    public string ObjectFile { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        var file = File.ReadAllBytes(ObjectFile);
        var frames = Section(file, ".eh_frame");
        var relocations = Section(file, ".rela.eh_frame");
        var old = new byte[ReadLong(file, frames + 32)];
        Array.Copy(file, ReadLong(file, frames + 24), old, 0, old.Length);

        var moved = new Dictionary<long, long>();
        var shared = new Shared();
        for (var at = 0; at < old.Length; at += ReadInt(old, at) + 4)
        {
            if (ReadInt(old, at + CieField) == 0)
            {
                continue; // A CIE of the compiler: it is written again for each list of instructions that follows on its own.
            }

            var cie = at + CieField - ReadInt(old, at + CieField);
            if (old[at + AugmentationField] != 4 || !StartsWith(old, cie + 8, expectedCie))
            {
                Log.LogError("The compiler writes .eh_frame in a form that tools/SharedUnwinding does not know: leave that step out of src/EksNode/EksNode.csproj.");
                return false;
            }

            var end = at + ReadInt(old, at) + 4;
            var start = shared.Add(old, cie, at, InstructionsOf(old, at + InstructionsOfFde, end));
            moved[at + StartField] = start + StartField;
            moved[at + AugmentationField + 1] = start + AugmentationField + 1;
        }

        var table = ReadLong(file, relocations + 24);
        var count = ReadLong(file, relocations + 32) / RelocationSize;
        if (count != moved.Count)
        {
            Log.LogError($"{count} addresses in .eh_frame, {moved.Count} were expected: see tools/SharedUnwinding.");
            return false;
        }

        for (var entry = table; entry < table + (count * RelocationSize); entry += RelocationSize)
        {
            WriteLong(file, entry, moved[ReadLong(file, entry)]);
        }

        var now = shared.Bytes;
        Array.Copy(now, 0, file, ReadLong(file, frames + 24), now.Length);
        WriteLong(file, frames + 32, now.Length);
        File.WriteAllBytes(ObjectFile, file);
        Log.LogMessage(MessageImportance.Low, $".eh_frame: {old.Length} bytes, now {now.Length}, with {shared.Count} lists of instructions");
        return true;
    }

    /// <summary>What an FDE says of a method's frame, without the one step over its prolog; null: there are more steps than one.</summary>
    private static byte[] InstructionsOf(byte[] bytes, int from, int end)
    {
        var at = from + (bytes[from] >> 6 == 1 ? 1 : bytes[from] == 2 ? 2 : bytes[from] == 3 ? 3 : 0); // DW_CFA_advance_loc, 1, 2
        var begin = at;
        var last = at;
        while (at < end)
        {
            var operands = bytes[at] switch
            {
                0 => 0, // DW_CFA_nop
                5 or 0xc or 0x11 => 2, // DW_CFA_offset_extended, def_cfa, offset_extended_sf
                0xd or 0xe => 1, // DW_CFA_def_cfa_register, def_cfa_offset
                >= 0x80 and < 0xc0 => 1, // DW_CFA_offset
                _ => -1,
            };
            if (operands < 0)
            {
                return null;
            }

            var isNop = bytes[at++] == 0;
            for (; operands > 0; operands--)
            {
                while (bytes[at++] >= 0x80) // LEB128: the last byte has no high bit.
                {
                }
            }

            last = isNop ? last : at;
        }

        var instructions = new byte[last - begin];
        Array.Copy(bytes, begin, instructions, 0, instructions.Length);
        return instructions;
    }

    private static bool StartsWith(byte[] bytes, int at, byte[] value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (bytes[at + i] != value[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Where the header of a section is.</summary>
    private static long Section(byte[] file, string name)
    {
        var headers = ReadLong(file, 40);
        var names = ReadLong(file, headers + (BitConverter.ToUInt16(file, 62) * SectionHeaderSize) + 24);
        for (var header = headers; ; header += SectionHeaderSize)
        {
            if (StartsWith(file, (int)(names + ReadInt(file, header)), Encoding.ASCII.GetBytes(name + '\0')))
            {
                return header;
            }
        }
    }

    private static int ReadInt(byte[] bytes, long at) => BitConverter.ToInt32(bytes, (int)at);

    private static long ReadLong(byte[] bytes, long at) => BitConverter.ToInt64(bytes, (int)at);

    private static void WriteLong(byte[] bytes, long at, long value) => BitConverter.GetBytes(value).CopyTo(bytes, (int)at);

    /// <summary>The records as they are written: a CIE for each list of instructions, before the first FDE that needs it.</summary>
    private sealed class Shared
    {
        private readonly MemoryStream bytes = new MemoryStream();
        private readonly Dictionary<string, int> cies = new Dictionary<string, int>();

        public byte[] Bytes => bytes.ToArray();

        public int Count => cies.Count;

        /// <summary>Adds the FDE of <paramref name="old"/> at <paramref name="fde"/>; says where it begins.</summary>
        public int Add(byte[] old, int cie, int fde, byte[] instructions)
        {
            var key = cie + (instructions is null ? "" : BitConverter.ToString(instructions));
            if (!cies.TryGetValue(key, out var common))
            {
                common = cies[key] = Write(old, cie, cie + 4 + ReadInt(old, cie), instructions);
            }

            var end = instructions is null ? fde + 4 + ReadInt(old, fde) : fde + InstructionsOfFde;
            var start = Write(old, fde, end, null);
            bytes.Position = start + CieField;
            bytes.Write(BitConverter.GetBytes(start + CieField - common), 0, 4);
            bytes.Position = bytes.Length;
            return start;
        }

        private int Write(byte[] old, int from, int end, byte[] added)
        {
            var start = (int)bytes.Position;
            bytes.Write(old, from, end - from);
            bytes.Write(added ?? Array.Empty<byte>(), 0, added?.Length ?? 0);
            while (bytes.Position % 4 != 0)
            {
                bytes.WriteByte(0);
            }

            bytes.Position = start;
            bytes.Write(BitConverter.GetBytes((int)(bytes.Length - start - 4)), 0, 4);
            bytes.Position = bytes.Length;
            return start;
        }
    }
}
