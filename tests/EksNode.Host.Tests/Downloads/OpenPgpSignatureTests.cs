using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Downloads;
using EksNode.Host.Http;

namespace EksNode.Host.Tests.Downloads;

/// <summary>OpenPGP signatures beside a file: made by gpg, or runc's own, and verified by this machine's gpgv.</summary>
public sealed class OpenPgpSignatureTests : IAsyncDisposable
{
    private const string Publisher = "publisher@example.com";
    private const string Other = "other@example.com";

    private static readonly byte[] Runc = Artifact.Random(20_000).Content;

    private readonly DownloadBench bench = new();
    private readonly ArtifactServer server = new();
    private readonly OpenPgpHome home;

    public OpenPgpSignatureTests()
    {
        Assert.SkipUnless(OpenPgpHome.Missing is null, OpenPgpHome.Missing ?? "");
        home = new OpenPgpHome();
    }

    public async ValueTask DisposeAsync()
    {
        home.Dispose();
        bench.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task R16_A_signature_of_a_subkey_is_that_of_its_primary_key()
    {
        var publisher = home.MakeWithSubkey(Publisher);
        Serve(home.Sign(Runc, [Publisher]), "Keys of those who release:\n\npub ed25519\n\n" + home.Keys(Publisher) + "\nThat was the last.\n");

        await VerifiedAsync("0000000000000000000000000000000000000000 " + publisher);
        // Nothing but the download is left in the folder.
        Assert.Equal([EksNode.Host.Hashing.Sha256.Of(Runc)], bench.Names);
    }

    [Fact]
    public async Task R16_A_signature_of_another_file_is_an_error()
    {
        var publisher = home.Make(Publisher);
        Serve(home.Sign([1, 2, 3], [Publisher]), home.Keys(Publisher));

        await WrongAsync(publisher, "it is the signature of another file");
    }

    [Fact]
    public async Task R16_The_key_of_somebody_else_is_an_error_even_where_the_keys_of_the_publisher_are()
    {
        var publisher = home.Make(Publisher);
        var other = home.Make(Other);
        Serve(home.Sign(Runc, [Other]), home.Keys(Publisher) + home.Keys(Other));

        await WrongAsync(publisher, $"it was made with the key {other}, which is not one of the publisher's");
    }

    [Fact]
    public async Task R16_A_key_that_the_publisher_does_not_show_is_an_error()
    {
        var publisher = home.Make(Publisher);
        var other = home.Make(Other);
        Serve(home.Sign(Runc, [Other]), home.Keys(Publisher));

        await WrongAsync(publisher, $"it was made with the key {other[^16..]}, which is not among the publisher's");
    }

    [Fact]
    public async Task R16_A_subkey_that_the_primary_key_did_not_bind_is_an_error()
    {
        var publisher = home.MakeWithSubkey(Publisher);
        home.MakeWithSubkey(Other);
        var others = OpenPgpHome.Packets(home.Key(Other));
        var subkey = others.FindIndex(p => p.Tag == 14);
        Serve(home.Sign(Runc, [Other]), OpenPgpHome.Armored([.. home.Key(Publisher), .. others[subkey].Bytes, .. others[subkey + 1].Bytes]));

        await WrongAsync(publisher, "gpgv cannot check it with the key");
    }

    [Fact]
    public async Task A_key_that_expired_after_it_signed_is_no_fault()
    {
        var publisher = home.Make(Publisher, "1y", at: "20200101T000000");
        home.AddSubkey(publisher, "2y", at: "20200102T000000");
        Serve(home.Sign(Runc, [Publisher], at: "20200601T000000"), home.Keys(Publisher));

        await VerifiedAsync(publisher);
    }

    [Fact]
    public async Task A_key_that_had_expired_before_it_signed_is_an_error()
    {
        var publisher = home.Make(Publisher, "1y", at: "20200101T000000");
        // Another key of the publisher that ended later, which did not sign.
        home.AddSubkey(publisher, "2y", at: "20200601T000000");
        var keys = home.Keys(Publisher);
        // Its owner gave it more time later. The keys that are published do not have that.
        home.Expire(publisher, "10y", at: "20220101T000000");
        Serve(home.Sign(Runc, [publisher + "!"], at: "20220201T000000"), keys);

        await WrongAsync(publisher, "its key had expired when it was made");
    }

    [Fact]
    public async Task R16_A_revoked_key_is_an_error()
    {
        var publisher = home.Make(Publisher);
        var signature = home.Sign(Runc, [Publisher]);
        home.Revoke(publisher);
        Serve(signature, home.Keys(Publisher));

        await WrongAsync(publisher, $"its key {publisher[^16..]} was revoked");
    }

    [Fact]
    public async Task Of_several_signatures_one_of_the_publisher_is_enough()
    {
        var publisher = home.Make(Publisher);
        home.Make(Other);
        Serve(home.Sign(Runc, [Other, Publisher]), home.Keys(Publisher));

        await VerifiedAsync(publisher);
    }

    [Fact]
    public async Task A_revoked_key_is_an_error_beside_a_good_signature_of_somebody_else()
    {
        var publisher = home.Make(Publisher);
        home.Make(Other);
        var signature = home.Sign(Runc, [Other, Publisher]);
        home.Revoke(publisher);
        Serve(signature, home.Keys(Publisher, Other));

        await WrongAsync(publisher, "is wrong: ");
    }

    [Fact]
    public async Task A_signature_of_a_hash_that_can_be_forged_is_an_error()
    {
        var publisher = home.Make(Publisher);
        Serve(home.Sign(Runc, [Publisher], hash: "SHA1"), home.Keys(Publisher));

        await WrongAsync(publisher, "gpgv cannot check it with the key");
    }

    [Fact]
    public async Task A_page_in_the_place_of_a_signature_is_an_error()
    {
        var publisher = home.Make(Publisher);
        Serve("<html>Please log in.</html>", home.Keys(Publisher));

        await WrongAsync(publisher, "it is no OpenPGP signature");
    }

    [Theory]
    [InlineData("/runc.amd64.asc", "/runc.amd64.asc cannot be had, the server answers 404")]
    [InlineData("/runc.keyring", "/runc.keyring cannot be had, the server answers 404")]
    [InlineData("/runc.keyring", "/runc.keyring has are no OpenPGP keys", "<html>Please log in.</html>")]
    [InlineData("/runc.keyring", "/runc.keyring has are no OpenPGP keys", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME?\n-----END PGP PUBLIC KEY BLOCK-----\n")]
    [InlineData("/runc.keyring", "/runc.keyring has are no OpenPGP keys", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n")]
    public async Task A_missing_signature_or_missing_keys_are_a_warning_that_names_them(string missing, string why, string? instead = null)
    {
        var publisher = home.Make(Publisher);
        var signature = home.Sign(Runc, [Publisher]);
        Serve(missing == "/runc.amd64.asc" ? instead : signature, missing == "/runc.keyring" ? instead : home.Keys(Publisher));

        var file = await FetchAsync(publisher);

        Assert.Equal((false, DiagnosticCatalogue.SignatureMissing.Code, Severity.Warning), (file.IsSignatureVerified, file.Remark?.Code, file.Remark?.Severity));
        Assert.Contains(why, file.Remark!.Message, StringComparison.Ordinal);
        Assert.Contains($"its keys at {server.At("/runc.keyring")}", file.Remark.Help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_gpgv_a_remark_says_what_to_install()
    {
        Serve("", "");

        var file = await FetchAsync("", Options(gpgv: null));

        Assert.Equal((false, DiagnosticCatalogue.SignatureNotVerified.Code, Severity.Info), (file.IsSignatureVerified, file.Remark?.Code, file.Remark?.Severity));
        Assert.Contains("The signature of runc was not verified: this machine has no gpgv.", file.Remark!.Message, StringComparison.Ordinal);
        Assert.Contains("gnupg2-full (Amazon Linux 2023)", file.Remark.Help, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("exec sleep 60", "did not end in time and was killed")]
    [InlineData("echo 'no such option' >&2; exit 2", "exited with 2: no such option")]
    [InlineData("exit 0", "exited with 0")]
    public async Task A_gpgv_that_does_not_work_is_a_remark(string script, string what)
    {
        var publisher = home.Make(Publisher);
        Serve(home.Sign(Runc, [Publisher]), home.Keys(Publisher));

        var file = await FetchAsync(publisher, Options(Script(script), longest: TimeSpan.FromSeconds(1)));

        Assert.Equal((false, DiagnosticCatalogue.SignatureNotVerified.Code), (file.IsSignatureVerified, file.Remark?.Code));
        Assert.Contains(what, file.Remark!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_that_gpgv_refuses_in_FIPS_mode_is_a_remark_and_elsewhere_an_error(bool isFips)
    {
        var publisher = home.Make(Publisher);
        Serve(home.Sign(Runc, [Publisher]), home.Keys(Publisher));
        // What gpgv 2.2 with libgcrypt 1.10 in FIPS mode answered about an ed25519 key.
        var options = Options(
            Script("echo '[GNUPG:] NEWSIG'; echo '[GNUPG:] ERRSIG 2897FAD2B7E9446F 22 10 00 1781370837 6 B64E4955B29FA3D463F2A9062897FAD2B7E9446F'; exit 2"), isFips: isFips);

        if (isFips)
        {
            var file = await FetchAsync(publisher, options);
            Assert.Equal((false, DiagnosticCatalogue.SignatureNotVerified.Code), (file.IsSignatureVerified, file.Remark?.Code));
            Assert.Contains("as the kernel of this machine is in FIPS mode", file.Remark!.Message, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(DiagnosticCatalogue.SignatureWrong.Code, (await bench.FailAsync(Download(publisher), options)).Code);
        }
    }

    [Fact]
    public async Task In_FIPS_mode_the_signature_of_another_file_is_an_error_as_well()
    {
        var publisher = home.Make(Publisher);
        Serve(home.Sign([1, 2, 3], [Publisher]), home.Keys(Publisher));

        Assert.Equal(DiagnosticCatalogue.SignatureWrong.Code, (await bench.FailAsync(Download(publisher), Options("/usr/bin/gpgv", isFips: true))).Code);
    }

    [Fact]
    public async Task A_folder_has_OpenPGP_signatures_as_well()
    {
        var publisher = home.Make(Publisher);
        var path = Path.Combine(bench.Temporary, "runc with a blank");
        File.WriteAllBytes(path, Runc);
        File.WriteAllText(path + ".asc", home.Sign(Runc, [Publisher]));
        File.WriteAllText(path + ".keyring", home.Keys(Publisher));

        var file = await bench.FetchAsync(new Download("runc", new Uri(path), EksNode.Host.Hashing.Sha256.Of(Runc))
        {
            Signature = new DownloadSignature("openpgp", publisher) { Keys = new Uri(path + ".keyring") },
        });

        Assert.Equal((true, null), (file.IsSignatureVerified, file.Remark));
    }

    // The signatures of runc's programs are beside its releases, and not in its repository. The commits of the releases are: signed with the same keys, beside the keyring of that
    // release. 1.3.5: a primary key. 1.1.11: a subkey, whose end in that keyring has passed.
    [Theory]
    [InlineData("v1.3.5")]
    [InlineData("v1.1.11")]
    public async Task R16_What_the_publisher_of_runc_signed_is_of_a_signer_in_the_table(string release)
    {
        var (content, row) = (Resource($"runc/{release}.commit"), Row("runc"));
        server.Add("/runc.amd64", new Artifact(content));
        server.Add("/runc.amd64.asc", new Artifact(Resource($"runc/{release}.commit.asc")));
        server.Add("/runc.keyring", new Artifact(Resource($"runc/{release}.keyring")));

        var file = await bench.FetchAsync(Download(row[9], content));

        Assert.Equal(("openpgp", true, null), (row[8], file.IsSignatureVerified, file.Remark));
        Assert.Equal(DiagnosticCatalogue.SignatureWrong.Code, (await bench.FailAsync(Download(home.Make(Publisher), content))).Code);
    }

    [Theory]
    [InlineData("v1.3.5")]
    [InlineData("v1.1.11")]
    public void All_keys_of_the_keyring_of_runc_are_in_the_table(string release)
    {
        var signers = Row("runc")[9].Split(' ');
        var primary = home.Import(OpenPgpArmor.Keys(Encoding.ASCII.GetString(Resource($"runc/{release}.keyring"))));
        Assert.All(signers, s => Assert.Equal(40, s.Length));
        Assert.Subset(signers.ToHashSet(), primary.ToHashSet());
    }

    private static DownloaderOptions Options(string? gpgv, TimeSpan? longest = null, bool isFips = false) => new()
    {
        Backoff = new Backoff(TimeSpan.Zero, TimeSpan.Zero, new Random(1)),
        Gpgv = gpgv,
        IsFips = isFips,
        LongestSignatureCheck = longest ?? TimeSpan.FromMinutes(1),
    };

    private static string[] Row(string component) =>
        Encoding.UTF8.GetString(Resource("image-components.tsv")).Split('\n').Single(l => l.StartsWith(component + "\t", StringComparison.Ordinal)).Split('\t');

    private static byte[] Resource(string name)
    {
        using var stream = typeof(OpenPgpSignatureTests).Assembly.GetManifestResourceStream(name)!;
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private string Script(string body)
    {
        var path = Path.Combine(bench.Temporary, "gpgv");
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private void Serve(string? signature, string? keys)
    {
        server.Add("/runc.amd64", new Artifact(Runc));
        if (signature is not null)
        {
            server.Add("/runc.amd64.asc", signature);
        }

        if (keys is not null)
        {
            server.Add("/runc.keyring", keys);
        }
    }

    private Download Download(string signers, byte[]? content = null) => new("runc", server.At("/runc.amd64"), EksNode.Host.Hashing.Sha256.Of(content ?? Runc))
    {
        Signature = new DownloadSignature("openpgp", signers) { Keys = server.At("/runc.keyring") },
    };

    private Task<DownloadedFile> FetchAsync(string signers, DownloaderOptions? options = null) => bench.FetchAsync(Download(signers), options);

    private async Task VerifiedAsync(string signers)
    {
        var file = await FetchAsync(signers);
        Assert.Equal((true, null), (file.IsSignatureVerified, file.Remark));
    }

    private async Task WrongAsync(string signers, string fault)
    {
        var diagnostic = await bench.FailAsync(Download(signers));
        Assert.Equal((DiagnosticCatalogue.SignatureWrong.Code, "spec.components.runc"), (diagnostic.Code, diagnostic.Path));
        Assert.Contains($"The signature of runc, {server.At("/runc.amd64.asc")}, is wrong: ", diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains(fault, diagnostic.Message, StringComparison.Ordinal);
    }
}
