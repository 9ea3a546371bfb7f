using System.Collections.Immutable;
using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.ImageConfigs;

/// <summary>Turns a document of kind <c>ImageConfig</c> into the typed model. Everything that is wrong is reported, at once; a value that is wrong is left out.</summary>
public static class ImageConfigReader
{
    /// <summary>The components that an image has, by the names that <c>spec.components</c> has for them.</summary>
    public static ImmutableArray<string> ComponentNames { get; } =
        ["cniPlugins", "containerd", "crictl", "kubelet", "nvidiaContainerToolkit", "runc", "sociSnapshotter", "ssmAgent"];

    // The file systems of the kernel, and those in memory.
    private static readonly string[] NoImageFolders = ["/dev/", "/proc/", "/run/", "/sys/", "/tmp/", "/var/tmp/"];

    // The image manifest and the lock.
    private static readonly string[] Own = ["/etc/eksnode/image.json", "/etc/eksnode/image.lock.json"];

    /// <summary>The compliance profiles that an image may have.</summary>
    public static ImmutableArray<string> Profiles { get; } = ["cis-l1", "cis-l2", "none"];

    private static readonly WordList<string> Distributions = WordList.Of("al2023", "debian", "ubuntu");

    /// <summary>Reads a document whose apiVersion and kind are those of an ImageConfig.</summary>
    /// <param name="document">The document, with everything that it includes.</param>
    /// <param name="diagnostics">Where to report.</param>
    public static ImageConfig Read(TreeMap document, DiagnosticBag diagnostics)
    {
        var root = new Section(document, "", diagnostics, ownGroup: true) { IsImageConfig = true };
        root.Value("apiVersion");
        root.Value("kind");
        root.Value("metadata");
        root.Value(ImageIncludes.Key);
        var spec = root.Child("spec");
        var kernel = spec.Child("kernel");
        var node = spec.Document("node");
        var config = new ImageConfig
        {
            Kubernetes = Version(spec, "kubernetes"),
            Architecture = ReadArchitecture(spec),
            Base = Base(spec.Child("base")),
            Variant = spec.Choice("variant", ImageWords.Variants),
            Efa = spec.Bool("efa"),
            Nvidia = Nvidia(spec.Child("nvidia")),
            Profile = spec.Choice("profile", WordList.Of([.. Profiles])),
            Fips = spec.Bool("fips"),
            Components = Components(spec.Child("components")),
            Mirror = spec.Text("mirror", DownloadUrl.ParseMirror, DiagnosticCatalogue.BadDownloadUrl),
            Proxy = ProxyReader.Read(spec.Child("proxy"), isOfNode: false),
            Images = spec.Texts("images", ImageName.Parse, DiagnosticCatalogue.BadImageName),
            Packages = Packages(spec),
            Files = Files(spec),
            Units = Units(spec),
            Volumes = ImageVolume.Read(spec.Child("volumes")),
            KernelArguments = kernel.Texts("arguments", KernelArgument, DiagnosticCatalogue.BadKernelArgument),
            Kernel = KernelReader.Read(kernel),
            Bake = Bake(spec),
            Node = node,
            NodeSettings = node is null ? null : Node(node, diagnostics),
        };
        spec.Finish();
        root.Finish();
        return config;
    }

    // The words that Debian, Go and uname have for the same processors are near to neither of ours.
    private static Sourced<Architecture>? ReadArchitecture(Section spec)
    {
        const string Key = "architecture";
        var scalar = spec.Value(Key) as TreeScalar;
        var meant = scalar?.Text.ToLowerInvariant() switch
        {
            "amd64" or "x64" or "x86-64" or "intel" => "x86_64",
            "aarch64" or "arm" or "graviton" => "arm64",
            _ => null,
        };
        if (meant is null)
        {
            return spec.Choice(Key, ImageWords.Architectures);
        }

        spec.Diagnostics.Report(
            DiagnosticCatalogue.BadChoice,
            $"`{spec.PathOf(Key)}` must be {Quoted.Choices(ImageWords.Architectures.Words)}, but it is {Quoted.Text(scalar!.Text)}.",
            $"Did you mean `{meant}`?",
            scalar.Origin,
            spec.PathOf(Key));
        return null;
    }

    // What each names is known when the node is planned.
    private static ImmutableArray<Sourced<string>> Bake(Section spec)
    {
        const string Key = "bake";
        var entries = new List<Sourced<string>>();
        var items = spec.List(Key)?.Items ?? [];
        for (var i = 0; i < items.Length; i++)
        {
            if (items[i] is TreeScalar { Kind: ScalarKind.String } scalar)
            {
                entries.Add(new Sourced<string>(scalar.Text, scalar.Origin));
            }
            else
            {
                SettingTypes.ReportNotText(items[i], SettingPath.Item(spec.PathOf(Key), i), secret: false, spec.Diagnostics);
            }
        }

        return entries.ToImmutable();
    }

    private static BaseSettings Base(Section section)
    {
        var settings = new BaseSettings
        {
            Distribution = section.Choice("distribution", Distributions),
            Release = section.Text("release", Release, DiagnosticCatalogue.BadVersionConstraint),
            Kernel = section.Text("kernel", Release, DiagnosticCatalogue.BadVersionConstraint),
        };
        section.Finish();
        return settings;
    }

    private static NvidiaSettings Nvidia(Section section)
    {
        var settings = new NvidiaSettings
        {
            Driver = Version(section, "driver"),
            Modules = section.Choices("modules", WordList.Of("open", "proprietary")),
            Archives = Archives(section.Child("archives")),
        };
        section.Finish();
        return settings;
    }

    private static SortedMap<ComponentSettings> Archives(Section section)
    {
        var archives = SortedMap.Empty<ComponentSettings>();
        foreach (var build in (ReadOnlySpan<string>)["grid", "open", "proprietary"])
        {
            var child = section.Child(build);
            var settings = new ComponentSettings
            {
                Source = child.Text("source", DownloadUrl.ParseFile, DiagnosticCatalogue.BadDownloadUrl),
                Sha256 = child.Text("sha256", DownloadUrl.ParseSha256, DiagnosticCatalogue.BadChecksum),
            };
            child.Finish();
            if (child.Map is { } map && (child.Lacks("source") || child.Lacks("sha256")))
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.BadChecksum,
                    $"`{child.Path}` needs a `source` and its `sha256`.",
                    "Write the URL of the archive (https or file) and what `sha256sum FILE` prints of it.",
                    map.Origin,
                    child.Path);
            }

            archives = settings is { Source: not null, Sha256: not null } ? archives.Add(build, settings) : archives;
        }

        section.Finish();
        return archives;
    }

    private static SortedMap<ComponentSettings> Components(Section section)
    {
        var components = SortedMap.Empty<ComponentSettings>();
        foreach (var name in ComponentNames)
        {
            var child = section.Child(name);
            if (child.Map is null)
            {
                continue;
            }

            var settings = new ComponentSettings
            {
                Version = Version(child, "version"),
                Source = child.Text("source", DownloadUrl.ParseSource, DiagnosticCatalogue.BadDownloadUrl),
                Sha256 = child.Text("sha256", DownloadUrl.ParseSha256, DiagnosticCatalogue.BadChecksum),
                Enabled = child.Bool("enabled"),
            };
            child.Finish();
            if (settings.Source is { } source && source.Value.Contains(':', StringComparison.Ordinal) && child.Lacks("sha256"))
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.BadChecksum,
                    $"`{child.PathOf("source")}` is a URL, and nothing says what it must give.",
                    $"Write its checksum under `{child.PathOf("sha256")}`; `sha256sum FILE` prints it.",
                    source.Origin,
                    child.PathOf("sha256"));
            }

            components = components.Add(name, settings);
        }

        section.Finish();
        return components;
    }

    // `name: "1.2.*"`; a number without quotes lost its zeros when it was read.
    private static SortedMap<PackageSettings> Packages(Section spec)
    {
        var packages = SortedMap.Empty<PackageSettings>();
        foreach (var entry in spec.Document("packages")?.Entries ?? [])
        {
            var path = SettingPath.Child(spec.PathOf("packages"), entry.Key);
            if (!entry.Key.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '_' or '.' or ':'))
            {
                spec.Diagnostics.Report(
                    DiagnosticCatalogue.BadPackageName,
                    $"{Quoted.Text(entry.Key)} is not the name of a package.",
                    "A name has letters, digits, `+`, `-`, `_` and `.`; the version is the value: `jq: \"1.7.*\"`.",
                    entry.KeyOrigin,
                    path);
            }
            else if (entry.Value is not TreeScalar { Kind: ScalarKind.String } scalar)
            {
                SettingTypes.ReportNotText(entry.Value, path, secret: false, spec.Diagnostics);
            }
            else if (scalar.Text == PackageSettings.Absent)
            {
                packages = packages.Add(entry.Key, new PackageSettings(null, scalar.Origin));
            }
            else if (VersionConstraint.Parse(scalar.Text).TryGet(out var version, out var problem))
            {
                packages = packages.Add(entry.Key, new PackageSettings(version, scalar.Origin));
            }
            else
            {
                spec.Diagnostics.Report(DiagnosticCatalogue.BadVersionConstraint, problem.Message, $"{problem.Help} `{PackageSettings.Absent}` removes the package.", scalar.Origin, path);
            }
        }

        return packages;
    }

    private static SortedMap<ImageFileSettings> Files(Section spec)
    {
        var files = SortedMap.Empty<ImageFileSettings>();
        var section = spec.Child("files");
        foreach (var entry in section.Map?.Entries ?? [])
        {
            var path = section.PathOf(entry.Key);
            var isPath = FilePath(entry.Key).TryGet(out var file, out var problem);
            if (!isPath)
            {
                spec.Diagnostics.Report(DiagnosticCatalogue.BadPath, problem!.Message, problem.Help, entry.KeyOrigin, path);
            }

            if (entry.Value is not TreeMap map)
            {
                SettingTypes.ReportWrong(entry.Value, path, "a map", "Write `content:` or `source:` below it, indented.", spec.Diagnostics);
                continue;
            }

            var child = new Section(map, path, spec.Diagnostics, ownGroup: true);
            var settings = new ImageFileSettings
            {
                Content = child.Scalar("content") is { } content ? new Sourced<string>(content.Text, content.Origin) : null,
                Source = child.Text("source", FileName, DiagnosticCatalogue.BadPath),
                Mode = child.Text("mode", Mode, DiagnosticCatalogue.BadFileMode),
                Origin = entry.KeyOrigin,
            };
            child.Finish();
            if (child.Lacks("content") == child.Lacks("source"))
            {
                spec.Diagnostics.Report(
                    DiagnosticCatalogue.BadImageFile,
                    $"`{path}` has {(child.Lacks("content") ? "neither `content` nor `source`" : "both `content` and `source`")}.",
                    "Write its text under `content`, or the name of the file that holds it under `source`.",
                    entry.KeyOrigin,
                    path);
            }

            files = isPath ? files.SetItem(file!, settings) : files;
        }

        foreach (var (file, settings) in files)
        {
            for (var at = file.LastIndexOf('/'); at > 0; at = file.LastIndexOf('/', at - 1))
            {
                if (files.ContainsKey(file[..at]))
                {
                    spec.Diagnostics.Report(
                        DiagnosticCatalogue.BadPath, $"`{file}` lies below `{file[..at]}`, which is a file.", "Remove one of them.", settings.Origin, section.PathOf(file));
                }
            }
        }

        return files;
    }

    private static SortedMap<Sourced<UnitState>> Units(Section spec)
    {
        var units = SortedMap.Empty<Sourced<UnitState>>();
        var section = spec.Child("units");
        foreach (var entry in section.Map?.Entries ?? [])
        {
            var path = section.PathOf(entry.Key);
            var state = section.Choice(entry.Key, ImageWords.UnitStates);
            if (!UnitName.Parse(entry.Key).TryGet(out var unit, out var problem))
            {
                spec.Diagnostics.Report(DiagnosticCatalogue.BadUnitName, problem.Message, problem.Help, entry.KeyOrigin, path);
            }
            else if (state is not null)
            {
                units = units.SetItem(unit, state);
            }
        }

        return units;
    }

    // Its own mistakes are those of a NodeConfig, with paths that begin at this document.
    private static NodeConfig Node(TreeMap node, DiagnosticBag diagnostics)
    {
        var bag = new DiagnosticBag();
        var config = NodeConfigReader.Read(new TreeMap([new TreeEntry("spec", node.Origin, node)], node.Origin), bag);
        foreach (var item in bag.Items)
        {
            diagnostics.Add(ImageNode.Below(item));
        }

        return config;
    }

    private static Sourced<VersionConstraint>? Version(Section section, string key)
    {
        if (section.Value(key) is TreeScalar { Kind: ScalarKind.Float or ScalarKind.Integer } number)
        {
            var written = number.Written ?? number.Text;
            var example = written != number.Text ? $": {written} as a number is {number.Text}" : key == "kubernetes" ? ": 1.30 as a number is 1.3" : "";
            section.Diagnostics.Report(
                DiagnosticCatalogue.BadVersionConstraint,
                $"`{section.PathOf(key)}` is a number, and a version is text{example}.",
                $"Write it in quotes: \"{written}\".",
                number.Origin,
                section.PathOf(key));
            return null;
        }

        return section.Text(key, VersionConstraint.Parse, DiagnosticCatalogue.BadVersionConstraint);
    }

    private static ValueResult<string> Release(string text) =>
        text.Length <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')
            ? text
            : new ValueProblem($"{Quoted.Text(text)} is no release.", "A release has letters, digits, `.` and `-`: `2023.11.20260526`, `trixie`.");

    private static ValueResult<string> KernelArgument(string text) =>
        text.Length is 0 or > 1024 || text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '"' or '\'' or '\\' or '$' or '`')
            ? new ValueProblem(
                $"{Quoted.Text(text)} is not one argument of the kernel.",
                "Write one word per list item, without blanks and quotes: `audit=1`.")
            : text;

    private static ValueResult<string> FilePath(string text)
    {
        if (text.EndsWith('/'))
        {
            return new ValueProblem($"{Quoted.Text(text)} is a folder.", "Write the path of a file.");
        }

        foreach (var folder in NoImageFolders)
        {
            if (text.StartsWith(folder, StringComparison.Ordinal))
            {
                return new ValueProblem($"{Quoted.Text(text)} is in no image: `{folder}` is made or emptied while a machine runs.", "Write a file for it: sysctls stand under `spec.kernel`, tmpfiles.d(5) makes files at every start.");
            }
        }

        return Array.IndexOf(Own, text) < 0 ? AbsolutePath.Parse(text) : new ValueProblem($"{Quoted.Text(text)} is what eksnode writes itself at the end of a build.", "Remove it.");
    }

    // Relative names are relative to the document that names them.
    private static ValueResult<string> FileName(string text) =>
        text.Length == 0 || text.Any(char.IsControl)
            ? new ValueProblem("The name of the file is empty or has a control character.", "Write a path, relative to the document.")
            : text;

    private static ValueResult<int> Mode(string text)
    {
        var mode = 0;
        foreach (var character in text)
        {
            if (character is < '0' or > '7' || mode > 0x1FF)
            {
                mode = -1;
                break;
            }

            mode = (mode * 8) + (character - '0');
        }

        // Set-user-id and set-group-id are refused: a program with them does not belong in a text of a configuration.
        return mode is > 0 and <= 0x1FF && text.Length is 3 or 4
            ? mode
            : new ValueProblem($"{Quoted.Text(text)} is no mode of a file.", "Write permission bits, octal and in quotes: \"0644\".");
    }
}
