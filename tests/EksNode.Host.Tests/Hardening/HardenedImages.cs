using EksNode.Configuration.Collections;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Host.Tests.Hardening;

/// <summary>Images with a profile, and programs that read their files.</summary>
internal static class HardenedImages
{
    /// <summary>The plan of an image.</summary>
    public static Plan Planned(string spec)
    {
        var bag = new DiagnosticBag();
        var text = $"apiVersion: eksnode.io/v1alpha1\nkind: ImageConfig\nspec: {spec}\n";
        var source = SourceReader.Read(new SourceContent("image.yaml", Encoding.UTF8.GetBytes(text), IsUserData: false), bag);
        var image = ImagePlanner.Plan(ImageConfigReader.Read(source.Documents[0].Document, bag), SortedMap.Empty<ImmutableArray<byte>>(), bag);
        Assert.Empty(bag.Items);
        return image!.Plan;
    }

    /// <summary>What of it are files, links and folders below a root.</summary>
    public static Plan Files(string spec)
    {
        var plan = Planned(spec);
        return plan with { Resources = plan.Resources.RemoveAll(r => r is not (FileResource or SymlinkResource or DirectoryResource or PermissionsResource)) };
    }

    /// <summary>The text of a file.</summary>
    public static string Text(this Plan plan, string path) => Encoding.UTF8.GetString(((FileResource)plan.Find("file:" + path)!).Content.AsSpan());

    /// <summary>Runs a program, or skips the test where it is not installed.</summary>
    public static (int Exit, string Output) Run(string program, params string[] arguments)
    {
        string[] places = ["/usr/sbin/" + program, "/usr/bin/" + program];
        var path = Array.Find(places, File.Exists);
        Assert.SkipUnless(path is not null, $"{program} is not installed");
        using var process = Process.Start(new ProcessStartInfo(path!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }
}
