using System.Text;
using EksNode.Configuration.Text;
using EksNode.Host.Containers;
using EksNode.Host.Imaging.Checks;
using EksNode.Host.Processes;
using EksNode.Host.Tests.Containers;
using EksNode.Host.Tests.Files;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Imaging;

/// <summary>Container images of a machine, as its containerd tells them.</summary>
public sealed class ContainerImageCheckTests
{
    private const string Published = "public.ecr.aws/eks-distro/kubernetes/pause:3.10";
    private const string Local = "localhost/kubernetes/pause:latest";

    // An image of the service, with the field `pinned` and without.
    private const string Pinned = "0A050A01694001";
    private const string Loose = "0A030A0169";

    /// <summary>What the store has, which image is planned with which tag, and what is said of it.</summary>
    [Theory]
    [InlineData(Local, Pinned, Local, CheckStatus.AsPlanned, null)] // An archive knows the image by its tag alone, as a build accepts it.
    [InlineData(Published, Pinned, Local, CheckStatus.Missing, Local)]
    [InlineData(Published, Pinned, null, CheckStatus.AsPlanned, null)]
    [InlineData(Local, Pinned, null, CheckStatus.Missing, Published)]
    [InlineData(Local, Loose, Local, CheckStatus.Different, Local + " pinned")]
    public async Task An_image_must_be_there_by_the_names_that_a_node_looks_for(string there, string answer, string? tag, CheckStatus status, string? expected)
    {
        FakeRuntime? fake = null;
        await using var runtime = await FakeRuntime.StartAsync((_, _) => Task.FromResult(FakeAnswer.Of(
            Encoding.UTF8.GetString(Convert.FromHexString(fake!.Calls[^1].Body)).Contains(there, StringComparison.Ordinal) ? answer : "")));
        fake = runtime;
        using TestRoot folder = new();
        using var root = folder.Open();
        using CriClient client = new(runtime.Socket, TimeProvider.System);
        var findings = new List<CheckFinding>();
        await new ContainerImageCheck().RunAsync(
            new CheckContext
            {
                Root = root,
                Programs = new ProgramRunner(),
                Diagnostics = new DiagnosticBag(),
                Resources = [new ContainerImageResource { Path = "/var/lib/containerd", Name = Published, Tags = tag is null ? [] : [tag] }],
                Runtime = client,
            },
            findings,
            TestContext.Current.CancellationToken);
        var finding = Assert.Single(findings);
        Assert.Equal((status, expected), (finding.Status, finding.Expected));
    }
}
