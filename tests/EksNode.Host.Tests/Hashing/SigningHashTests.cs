using System.Security.Cryptography;
using System.Text;
using EksNode.Host.Hashing;

namespace EksNode.Host.Tests.Hashing;

/// <summary>The hash of signatures gives what OpenSSL gives.</summary>
public sealed class SigningHashTests
{
    /// <summary>Examples of FIPS 180-4.</summary>
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void It_gives_the_published_hashes(string text, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(SigningHash.HashHere(Encoding.ASCII.GetBytes(text), [])));

    [Fact]
    public void It_agrees_with_OpenSSL_at_every_length_around_a_block()
    {
        var random = new Random(7);
        for (var length = 0; length <= 300; length++)
        {
            var (data, key) = (new byte[length], new byte[random.Next(0, 200)]);
            random.NextBytes(data);
            random.NextBytes(key);
            Assert.Equal(SHA256.HashData(data), SigningHash.HashHere(data, []));
            Assert.Equal(HMACSHA256.HashData(key, data), SigningHash.MacHere(key, data));
            Assert.Equal(SHA256.HashData(data), SigningHash.Hash(data));
            Assert.Equal(HMACSHA256.HashData(key, data), SigningHash.Mac(key, data));
        }
    }
}
