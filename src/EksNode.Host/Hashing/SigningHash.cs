using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace EksNode.Aws.Signing;

/// <summary>
/// SHA-256 and HMAC-SHA-256. .NET takes them from OpenSSL, whose loading is a third of the time that <c>eksnode token</c> may take;
/// a signature hashes a few kilobytes. So they are computed here, except where the kernel is in FIPS mode: there the validated
/// module, OpenSSL, must do it.
/// </summary>
/// <remarks>FIPS 180-4 and FIPS 198-1. There are neither branches nor indexes that depend on a secret.</remarks>
internal static class Sha256
{
    /// <summary>The length of a hash in bytes.</summary>
    public const int Length = 32;

    private const int Block = 64;
    private const string KernelFips = "/proc/sys/crypto/fips_enabled";

    /// <summary>The fractional parts of the cube roots of the first 64 primes.</summary>
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

    /// <summary>The fractional parts of the square roots of the first 8 primes.</summary>
    private static ReadOnlySpan<uint> Initial =>
        [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    /// <summary>Whether the kernel is in FIPS mode.</summary>
    private static bool KernelInFipsMode { get; } = ReadFips();

    /// <summary>The hash of some bytes.</summary>
    public static byte[] Hash(ReadOnlySpan<byte> data) => KernelInFipsMode ? SHA256.HashData(data) : HashHere(data, []);

    /// <summary>The keyed hash of some bytes.</summary>
    public static byte[] Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) =>
        KernelInFipsMode ? HMACSHA256.HashData(key, data) : MacHere(key, data);

    /// <summary>The keyed hash, computed here whatever the kernel says.</summary>
    internal static byte[] MacHere(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        Span<byte> padded = stackalloc byte[Block];
        padded.Clear();
        if (key.Length > Block)
        {
            HashHere(key, []).CopyTo(padded);
        }
        else
        {
            key.CopyTo(padded);
        }

        Span<byte> inner = stackalloc byte[Block];
        Span<byte> outer = stackalloc byte[Block];
        for (var i = 0; i < Block; i++)
        {
            inner[i] = (byte)(padded[i] ^ 0x36);
            outer[i] = (byte)(padded[i] ^ 0x5c);
        }

        var mac = HashHere(outer, HashHere(inner, data));
        CryptographicOperations.ZeroMemory(padded);
        CryptographicOperations.ZeroMemory(inner);
        CryptographicOperations.ZeroMemory(outer);
        return mac;
    }

    /// <summary>The hash of two runs of bytes, one after the other, computed here whatever the kernel says.</summary>
    /// <param name="first">Whole blocks when <paramref name="second"/> is not empty.</param>
    /// <param name="second">What follows.</param>
    internal static byte[] HashHere(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Span<uint> state = stackalloc uint[8];
        Initial.CopyTo(state);
        var length = (ulong)first.Length + (ulong)second.Length;
        for (; first.Length >= Block; first = first[Block..])
        {
            Compress(state, first);
        }

        var rest = first.IsEmpty ? second : first;
        for (; rest.Length >= Block; rest = rest[Block..])
        {
            Compress(state, rest);
        }

        // A one bit, zeros, and the length in bits.
        Span<byte> tail = stackalloc byte[2 * Block];
        tail.Clear();
        rest.CopyTo(tail);
        tail[rest.Length] = 0x80;
        tail = tail[..(rest.Length + 9 <= Block ? Block : 2 * Block)];
        BinaryPrimitives.WriteUInt64BigEndian(tail[^8..], length * 8);
        for (; tail.Length > 0; tail = tail[Block..])
        {
            Compress(state, tail);
        }

        var hash = new byte[Length];
        for (var i = 0; i < state.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(hash.AsSpan(i * 4), state[i]);
        }

        return hash;
    }

    private static void Compress(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> w = stackalloc uint[Block];
        for (var i = 0; i < 16; i++)
        {
            w[i] = BinaryPrimitives.ReadUInt32BigEndian(block[(i * 4)..]);
        }

        for (var i = 16; i < Block; i++)
        {
            var s0 = BitOperations.RotateRight(w[i - 15], 7) ^ BitOperations.RotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3);
            var s1 = BitOperations.RotateRight(w[i - 2], 17) ^ BitOperations.RotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10);
            w[i] = w[i - 16] + s0 + w[i - 7] + s1;
        }

        var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]);
        for (var i = 0; i < Block; i++)
        {
            var s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            var t1 = h + s1 + ((e & f) ^ (~e & g)) + Constants[i] + w[i];
            var s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            var t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
        }

        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }

    private static bool ReadFips()
    {
        try
        {
            return File.Exists(KernelFips) && File.ReadAllText(KernelFips).StartsWith('1');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is there and does not tell: then the validated module is the safe answer.
            return true;
        }
    }
}
