using EksNode.Commands;
using EksNode.Configuration.Documents;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Host.Files;
using EksNode.Host.Hashing;
using EksNode.Planning.Image;
using EksNode.Planning.Plans;

namespace EksNode.Imaging;

/// <summary>A file of a <see cref="BuildFolder"/>.</summary>
/// <param name="path">Its path in the folder, with a slash at its beginning.</param>
/// <param name="content">What it holds.</param>
/// <param name="mode">Its permission bits.</param>
internal sealed class BuildFile(string path, byte[] content, int mode)
{
    /// <summary>Its path in the folder, with a slash at its beginning.</summary>
    public string Path => path;

    /// <summary>What it holds.</summary>
    public byte[] Content => content;

    /// <summary>Its permission bits.</summary>
    public int Mode => mode;
}

/// <summary>
/// The folder that an image is made from on a builder instance: eksnode, the lock and the documents of the ImageConfig in <c>image/</c>, and a template for the tool
/// that starts the instance. <c>image/image.yaml</c> is always the document to begin with: it includes the user's own, which lies with everything that it names
/// below <c>image/documents/</c>, in the same places relative to each other.
/// </summary>
internal sealed class BuildFolder
{
    private const int EverybodyReads = 0x1A4; // 0644
    private const int OwnerReads = 0x180; // 0600
    private const int EverybodyRuns = 0x1ED; // 0755
    private const string StandardInput = "standard-input.yaml";

    private readonly List<BuildFile> files = [];

    /// <summary>The files, sorted by path.</summary>
    public IReadOnlyList<BuildFile> Files => files;

    /// <summary>The folder of an image, for Packer or for EC2 Image Builder; what cannot go along to a builder instance is reported.</summary>
    /// <param name="image">The image.</param>
    /// <param name="overrides">What the command line says instead of the document.</param>
    /// <param name="eksnode">The executable for the architecture of the image.</param>
    /// <param name="isPacker">Whether the template is Packer's, or a component of Image Builder.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static BuildFolder Of(PlannedImage image, TreeMap? overrides, byte[] eksnode, bool isPacker, DiagnosticBag diagnostics)
    {
        var folder = new BuildFolder();
        folder.Add("/eksnode", eksnode, EverybodyRuns);
        folder.AddLock(image.Plan, isPacker, diagnostics);
        folder.AddDocuments(image.Loaded, overrides, diagnostics);
        folder.Add(isPacker ? "/eksnode.pkr.hcl" : "/eksnode.component.yaml", Template(isPacker ? "eksnode.pkr.hcl" : "eksnode.component.yaml"), EverybodyReads);
        CheckDownloads(image.Plan, diagnostics);
        folder.files.OrderInPlace((one, other) => string.CompareOrdinal(one.Path, other.Path));
        return folder;
    }

    /// <summary>Writes it, all files together. What is there under other names stays.</summary>
    /// <param name="folder">The folder, made when it is not there.</param>
    /// <exception cref="DiagnosticException">It cannot be written.</exception>
    public void Write(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.OutputUnwritable,
                $"The folder `{folder}` cannot be made: {(File.Exists(folder) ? "it is a file" : failure.Message.TrimEnd('.'))}.",
                "Name another one with `-o`.");
        }

        using var root = HostRoot.Open(folder);
        var transaction = new FileTransaction(root);
        foreach (var file in files)
        {
            transaction.Write(file.Path, file.Content, file.Mode);
        }

        transaction.Stage();
        transaction.Commit();
    }

    private void Add(string path, byte[] content, int mode) => files.Add(new BuildFile(path, content, mode));

    private void Add(string path, string text, int mode) => Add(path, System.Text.Encoding.UTF8.GetBytes(text), mode);

    private void AddLock(ImagePlan plan, bool isPacker, DiagnosticBag diagnostics)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(ImageLock.Write(plan) + "\n");
        Add("/image/image.lock.json", text, EverybodyReads);
        if (PackerVariables.Write(ImageLock.Document(plan), Sha256.Of(text), ProductVersion.Text) is not { } variables)
        {
            var distribution = plan.Decisions.Distribution;
            diagnostics.Report(
                DiagnosticCatalogue.NotForBuilder,
                $"The lock names no AMI to start from: the distribution is {distribution.Value}, and eksnode knows only those of Amazon Linux 2023.",
                "Set `base.distribution: al2023`, or run `eksnode image apply` on an instance of your own.",
                distribution.Origin,
                "spec.base.distribution");
        }
        else if (isPacker)
        {
            Add("/eksnode.auto.pkrvars.json", variables, EverybodyReads);
        }
        else
        {
            Add("/block-device-mappings.json", PackerVariables.WriteBlockDevices(ImageLock.Document(plan)), EverybodyReads);
        }
    }

    private void AddDocuments(LoadedImageConfig loaded, TreeMap? overrides, DiagnosticBag diagnostics)
    {
        var above = Path.GetDirectoryName(FullPath(loaded.Parts[0]))!;
        foreach (var part in loaded.Parts)
        {
            if (part.Name is { Value: ['/', ..] } absolute)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.NotForBuilder,
                    $"`{absolute.Value}` is an absolute path, and the builder instance has no such file.",
                    "Name it relative to the document: it is then copied to the same place there.",
                    absolute.Origin);
            }

            while (!IsIn(above, FullPath(part)))
            {
                above = Path.GetDirectoryName(above)!;
            }
        }

        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in loaded.Parts)
        {
            // Two documents may include the same third one. They may hold credentials.
            var path = "/image/documents/" + Path.GetRelativePath(above, FullPath(part));
            if (taken.Add(path))
            {
                Add(path, part.Bytes, OwnerReads);
            }
        }

        Add("/image/image.yaml", First("documents/" + Path.GetRelativePath(above, FullPath(loaded.Parts[0])), overrides), OwnerReads);
    }

    // The document to begin with: the user's own, and what the command line says instead of it.
    private static string First(string included, TreeMap? overrides)
    {
        var made = Origin.Default("the folder of a build");
        var entries = new List<TreeEntry>
        {
            new("apiVersion", made, TreeScalar.Of(Configuration.Sources.ApiGroups.EksNodeV1Alpha1, made)),
            new("kind", made, TreeScalar.Of(Configuration.Sources.ApiGroups.ImageConfig, made)),
            new(ImageIncludes.Key, made, new TreeList([TreeScalar.Of(included, made)], made)),
        };
        entries.AddRange(overrides?.Entries ?? []);
        return YamlWriter.Write(new TreeMap(entries, made));
    }

    private static string FullPath(ImagePart part) => Path.GetFullPath(part is { Name: null, Path: "-" } ? StandardInput : part.Path);

    private static bool IsIn(string folder, string path) => folder == "/" || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static void CheckDownloads(ImagePlan plan, DiagnosticBag diagnostics)
    {
        foreach (var resource in plan.Plan.Resources)
        {
            if (resource is BinaryResource binary && binary.Url.StartsWith("file://", StringComparison.Ordinal))
            {
                diagnostics.Report(
                    DiagnosticCatalogue.FileOfBuilder,
                    $"{binary.Name} comes from `{binary.Url}`, which must be there on the builder instance.",
                    "Bring it there with a step of your own before `image apply`, or name an `https://` URL.",
                    binary.Reasons.IsEmpty ? null : binary.Reasons[0].Origin);
            }
        }
    }

    private static byte[] Template(string name)
    {
        using var stream = typeof(BuildFolder).Assembly.GetManifestResourceStream(name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
