using System.Security.Cryptography;
using CsCheck;
using EksNode.Host.Hashing;

namespace EksNode.Host.Tests.Hashing;

public sealed class Sha256Tests
{
    // FIPS 180-4's examples, as NIST publishes them with the standard.
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Hashes_the_examples_of_the_standard(string text, string hash) =>
        Assert.Equal(hash, Sha256.Of(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Agrees_with_the_platform_at_every_length_around_a_block()
    {
        var bytes = new byte[3 * 64 + 1];
        new Random(7).NextBytes(bytes);
        for (var length = 0; length <= bytes.Length; length++)
        {
            Assert.Equal(Platform(bytes.AsSpan(0, length)), Sha256.Of(bytes.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Agrees_with_the_platform_however_the_bytes_come() =>
        Gen.Byte.Array[0, 300].List[0, 8].Sample(pieces =>
        {
            var hash = new Sha256();
            foreach (var piece in pieces)
            {
                hash.Add(piece);
            }

            Assert.Equal(Platform(pieces.SelectMany(p => p).ToArray()), hash.FinishHex());
        });

    private static string Platform(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
