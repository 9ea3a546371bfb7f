using System.Buffers.Binary;
using System.Numerics;

namespace EksNode.Host.Hashing;

/// <summary>
/// SHA-256 (FIPS 180-4) of bytes that come one after the other: whether files are as they were, and downloads what they must be. What
/// is signed on a node takes <see cref="SigningHash"/>, which leaves it to the validated module in FIPS mode. Loading OpenSSL for this would cost a join that calls no AWS API 4 MiB and 2 ms.
/// </summary>
/// <remarks>There are neither branches nor indexes that depend on the bytes.</remarks>
public sealed class Sha256
{
    /// <summary>The bytes of a hash.</summary>
    public const int Length = 32;

    /// <summary>The bytes that are worked on at once.</summary>
    internal const int BlockLength = 64;

    // The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2).
    private static ReadOnlySpan<uint> Constants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    // The same of the square roots of the first eight (5.3.3).
    private readonly uint[] state =
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    private readonly byte[] block = new byte[BlockLength];
    private ulong length;

    /// <summary>The hash of bytes in lower-case hexadecimal.</summary>
    public static string Of(ReadOnlySpan<byte> content)
    {
        var hash = new Sha256();
        hash.Add(content);
        return hash.FinishHex();
    }

    /// <summary>Adds the next bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var have = (int)(length % BlockLength);
        length += (ulong)bytes.Length;
        while (bytes.Length >= BlockLength - have)
        {
            bytes[..(BlockLength - have)].CopyTo(block.AsSpan(have));
            bytes = bytes[(BlockLength - have)..];
            Compress();
            have = 0;
        }

        bytes.CopyTo(block.AsSpan(have));
    }

    /// <summary>The hash of all that was added, in lower-case hexadecimal. Nothing can be added after it.</summary>
    public string FinishHex() => Convert.ToHexStringLower(Finish());

    /// <summary>The hash of all that was added. Nothing can be added after it.</summary>
    public byte[] Finish()
    {
        var bits = length * 8;
        Span<byte> end = stackalloc byte[2 * BlockLength];
        end.Clear();
        end[0] = 0x80;
        var padding = (int)((2 * BlockLength - 9 - length % BlockLength) % BlockLength) + 1;
        BinaryPrimitives.WriteUInt64BigEndian(end[padding..], bits);
        Add(end[..(padding + sizeof(ulong))]);
        // The end of a key may be in it.
        Array.Clear(block);
        var digest = new byte[Length];
        for (var i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(digest.AsSpan(i * sizeof(uint)), state[i]);
        }

        return digest;
    }

    private void Compress()
    {
        Span<uint> w = stackalloc uint[64];
        for (var t = 0; t < w.Length; t++)
        {
            w[t] = t < 16
                ? BinaryPrimitives.ReadUInt32BigEndian(block.AsSpan(t * sizeof(uint)))
                : Mix(w[t - 2], 17, 19, 10) + w[t - 7] + Mix(w[t - 15], 7, 18, 3) + w[t - 16];
        }

        var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
        for (var t = 0; t < w.Length; t++)
        {
            var first = h + (Turn(e, 6) ^ Turn(e, 11) ^ Turn(e, 25)) + ((e & f) ^ (~e & g)) + Constants[t] + w[t];
            var second = (Turn(a, 2) ^ Turn(a, 13) ^ Turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + first, c, b, a, first + second);
        }

        ReadOnlySpan<uint> more = [a, b, c, d, e, f, g, h];
        for (var i = 0; i < more.Length; i++)
        {
            state[i] += more[i];
        }
    }

    private static uint Mix(uint x, int first, int second, int shift) => Turn(x, first) ^ Turn(x, second) ^ (x >> shift);

    private static uint Turn(uint x, int bits) => BitOperations.RotateRight(x, bits);
}
