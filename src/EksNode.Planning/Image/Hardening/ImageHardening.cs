using System.Collections.Immutable;
using System.Text;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image.Hardening;

/// <summary>
/// What the profile of an image asks for: the rows of <c>data/image-hardening.tsv</c> that apply to it, as resources, and what becomes of every control.
/// A setting of the document wins over a row of the same thing.
/// </summary>
public sealed class ImageHardening
{
    /// <summary>The setting of reasons whose value is a line of a file.</summary>
    public const string LineSetting = "hardening";

    /// <summary>No hardening: <c>profile: none</c> without FIPS mode.</summary>
    public const string NoProfile = "none";

    private const string SysctlFile = "/etc/sysctl.d/70-eksnode-hardening.conf";
    private const string ModuleFile = "/etc/modprobe.d/60-eksnode-hardening.conf";
    private const string PolicyFolder = "/etc/crypto-policies";
    private const string BakedPrefix = "image/hardening";

    private readonly ImageConfig config;
    private readonly ImageDecisions decisions;
    private readonly Dictionary<string, ImageControlRow> active = new(StringComparer.Ordinal);
    private readonly List<Resource> resources = [];
    private readonly SortedDictionary<string, FileDraft> drafts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> controlsOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> resourcesOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> replacedBy = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Replacement> replacements = new(StringComparer.Ordinal);

    private ImageHardening(ImageConfig config, ImageDecisions decisions)
    {
        this.config = config;
        this.decisions = decisions;
    }

    /// <summary>The resources, in the order of the table; files that have several rows come last.</summary>
    public ImmutableArray<Resource> Resources { get; private set; } = [];

    /// <summary>Every control of the profile, in the order of its benchmark.</summary>
    public ImmutableArray<ImageControl> Controls { get; private set; } = [];

    /// <summary>What hardens an image.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="decisions">The image.</param>
    /// <param name="diagnostics">Where settings that take the place of a profile's are reported.</param>
    public static ImageHardening Of(ImageConfig config, ImageDecisions decisions, DiagnosticBag diagnostics)
    {
        var hardening = new ImageHardening(config, decisions);
        var controls = HardeningTables.Controls();
        foreach (var control in controls)
        {
            if (hardening.Applies(control.Level))
            {
                hardening.active.Add(control.Number, control);
            }
        }

        foreach (var row in HardeningTables.Rows())
        {
            if (hardening.Applies(row))
            {
                hardening.Take(row);
            }
        }

        hardening.Finish(controls);
        hardening.Report(diagnostics);
        return hardening;
    }

    /// <summary>The controls that a resource satisfies, with their benchmark.</summary>
    /// <param name="resourceId">The resource.</param>
    public ImmutableArray<string> ControlsOf(string resourceId)
    {
        var ids = new List<string>();
        foreach (var number in controlsOf.GetValueOrDefault(resourceId) ?? [])
        {
            // One half of a control is none of it.
            if (!replacedBy.ContainsKey(number))
            {
                ids.Add(IdOf(active[number]));
            }
        }

        return ids.ToImmutable();
    }

    private static string IdOf(ImageControlRow control) => $"{control.Benchmark} {control.Number}";

    private bool Applies(string level) => level switch
    {
        HardeningTables.FipsLevel => decisions.Fips.Value,
        "1" => decisions.Profile.Value != NoProfile,
        _ => decisions.Profile.Value == "cis-l2",
    };

    private bool Applies(HardeningRow row) =>
        Applies(row.Level)
        && (row.Family.Length == 0 || (row.Family == "al2023") == decisions.IsAmazonLinux)
        && row.Unless switch
        {
            "efa" => config.Efa is not { Value: true },
            "fips" => !decisions.Fips.Value,
            _ => true,
        };

    private void Take(HardeningRow row)
    {
        var own = OwnSettings.Find(row, config);
        if (own is { Agrees: false })
        {
            Replace(row, own);
            return;
        }

        var reason = new Reason(LineSetting, Value(row), Origin.Profile(row.Level == HardeningTables.FipsLevel ? row.Level : decisions.Profile.Value, Note(row)));
        switch (row.Kind)
        {
            case HardeningKind.Sysctl:
                Draft(row, SysctlFile, reason with { Setting = "kernel.sysctls." + row.Subject }, $"{row.Subject} = {row.Value}");
                break;
            case HardeningKind.Module:
                Draft(row, ModuleFile, reason, $"install {row.Subject} /bin/false", $"blacklist {row.Subject}");
                break;
            case HardeningKind.Line:
                Draft(row, row.Subject, reason, row.Value);
                break;
            case HardeningKind.Audit:
                Draft(row, row.Subject, reason, [.. AuditRules.Lines(row.Value, decisions.Architecture.Value)]);
                break;
            case HardeningKind.File:
                Draft(row, row.Subject, reason).Mode = HardeningKind.ModeOf(row);
                break;
            case HardeningKind.Baked:
                Add(row, new FileResource { Path = row.Subject, Content = Baked(row.Subject), Reasons = [reason with { Setting = "image.files" }] });
                break;
            case HardeningKind.CryptoPolicy:
                Policy(row, reason);
                break;
            case HardeningKind.Planned:
                Satisfy(row, row.Subject);
                break;
            case HardeningKind.NoArgument:
                // Nothing else writes such a word.
                break;
            default:
                // What the document has itself is planned by its own part.
                var resource = Resource(row, reason);
                if (own is null)
                {
                    resources.Add(resource);
                }

                Satisfy(row, own is null || row.Kind != HardeningKind.Permissions ? resource.Id : "file:" + row.Subject);
                break;
        }
    }

    private static Resource Resource(HardeningRow row, Reason reason) => row.Kind switch
    {
        HardeningKind.Unit => new UnitStateResource
        {
            Path = UnitStateComponent.Folder,
            Name = row.Subject,
            State = row.Value == ImageWords.UnitStates.WordOf(UnitState.Masked) ? UnitState.Masked : UnitState.Enabled,
            Reasons = [reason],
        },
        HardeningKind.Package => new PackageResource { Path = PackageComponent.Root, Name = row.Subject, Version = VersionConstraint.Parse(row.Value).Value, Reasons = [reason] },
        HardeningKind.Absent => new PackageResource { Path = PackageComponent.Root, Name = row.Subject, Version = null, Reasons = [reason] },
        HardeningKind.Argument => new KernelArgumentResource { Path = ImageKernelComponent.ArgumentFolder, Argument = row.Subject, Reasons = [reason] },
        HardeningKind.Permissions => new PermissionsResource { Path = row.Subject, Mode = HardeningKind.ModeOf(row), Reasons = [reason] },
        _ => throw new InvalidOperationException($"A row of hardening has the kind {row.Kind}, which is none."),
    };

    // update-crypto-policies(8) makes these files; an image has no scripts that run.
    private void Policy(HardeningRow row, Reason reason)
    {
        Draft(row, PolicyFolder + "/config", reason, row.Subject);
        Draft(row, PolicyFolder + "/state/current", reason, row.Subject);
        foreach (var name in row.Value.Split(' '))
        {
            var path = $"{PolicyFolder}/back-ends/{name}.config";
            if (OwnSettings.File(path, config) is { } own)
            {
                Replace(row, own);
                continue;
            }

            Add(row, new SymlinkResource { Path = path, Target = $"/usr/share/crypto-policies/{row.Subject}/{name}.txt", Reasons = [reason] });
        }
    }

    private FileDraft Draft(HardeningRow row, string path, Reason reason, params string[] lines)
    {
        if (!drafts.TryGetValue(path, out var draft))
        {
            draft = new FileDraft();
            drafts.Add(path, draft);
        }

        // A file of the document takes the place of the whole.
        if (OwnSettings.File(path, config) is { } own)
        {
            Replace(row, own);
            draft.IsReplaced = true;
            return draft;
        }

        foreach (var line in lines)
        {
            draft.Text.Append(line).Append('\n');
        }

        draft.Reasons.Add(reason);
        Satisfy(row, "file:" + path);
        return draft;
    }

    private void Add(HardeningRow row, Resource resource)
    {
        resources.Add(resource);
        Satisfy(row, resource.Id);
    }

    private void Satisfy(HardeningRow row, string resourceId)
    {
        foreach (var number in row.Controls)
        {
            if (!active.ContainsKey(number))
            {
                continue;
            }

            if (!controlsOf.TryGetValue(resourceId, out var numbers))
            {
                numbers = [];
                controlsOf.Add(resourceId, numbers);
            }

            if (!numbers.Contains(number))
            {
                numbers.Add(number);
            }

            if (!resourcesOf.TryGetValue(number, out var ids))
            {
                ids = new SortedSet<string>(StringComparer.Ordinal);
                resourcesOf.Add(number, ids);
            }

            ids.Add(resourceId);
        }
    }

    private void Replace(HardeningRow row, OwnSetting own)
    {
        if (!replacements.TryGetValue(own.Setting, out var replacement))
        {
            replacement = new Replacement(own.Origin);
            replacements.Add(own.Setting, replacement);
        }

        foreach (var number in row.Controls)
        {
            if (active.ContainsKey(number) && !replacement.Controls.Contains(number))
            {
                replacement.Controls.Add(number);
                replacedBy[number] = own.Setting;
            }
        }
    }

    private void Finish(List<ImageControlRow> controls)
    {
        foreach (var (path, draft) in drafts)
        {
            if (!draft.IsReplaced)
            {
                resources.Add(new FileResource
                {
                    Path = path,
                    Content = [.. Encoding.UTF8.GetBytes(draft.Text.ToString())],
                    Mode = draft.Mode,
                    Reasons = [.. draft.Reasons],
                });
            }
        }

        Resources = [.. resources];
        var found = new List<ImageControl>();
        foreach (var control in controls)
        {
            if (active.ContainsKey(control.Number))
            {
                found.Add(Judge(control));
            }
        }

        Controls = found.ToImmutable();
    }

    private ImageControl Judge(ImageControlRow control)
    {
        var setting = replacedBy.GetValueOrDefault(control.Number);
        var satisfying = setting is null ? resourcesOf.GetValueOrDefault(control.Number) : null;
        var (status, reason) =
            setting is not null ? (ControlStatus.Replaced, $"`{setting}` says something else")
            : satisfying is not null ? (ControlStatus.Applied, "")
            : !decisions.IsAmazonLinux && control.Debian.Length > 0 ? (ControlStatus.NotApplicable, control.Debian)
            : (control.Verdict ?? ControlStatus.Exception, control.Reason);
        return new ImageControl
        {
            Id = IdOf(control),
            Number = control.Number,
            Title = control.Title,
            Status = status,
            Reason = reason,
            Resources = satisfying is null ? [] : [.. satisfying],
        };
    }

    // Whoever chose the profile wants to know; the others have it because images have one.
    private void Report(DiagnosticBag diagnostics)
    {
        foreach (var (setting, replacement) in replacements)
        {
            if (replacement.Controls.Count > 0)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.HardeningReplaced,
                    $"`{setting}` says something else than the profile {decisions.Profile.Value}, and wins: the image does not satisfy {string.Join(", ", replacement.Controls)}.",
                    "Nothing needs to be done when it is meant; otherwise remove it.",
                    replacement.Origin,
                    setting,
                    decisions.Profile.Origin.Kind == OriginKind.Default ? Severity.Info : null);
            }
        }
    }

    // The numbers of its controls, and why: what is said of the row, else what the first of them wants.
    private string Note(HardeningRow row)
    {
        var numbers = new List<string>();
        foreach (var number in row.Controls)
        {
            if (active.ContainsKey(number))
            {
                numbers.Add(number);
            }
        }

        return numbers.Count == 0 ? row.Why : $"{string.Join(", ", numbers)}: {(row.Why.Length > 0 ? row.Why : active[numbers[0]].Title)}";
    }

    private static string Value(HardeningRow row) => row.Kind switch
    {
        HardeningKind.Module => row.Subject,
        HardeningKind.CryptoPolicy => row.Subject,
        HardeningKind.Absent => PackageSettings.Absent,
        HardeningKind.Baked or HardeningKind.Argument => row.Subject,
        HardeningKind.File => "mode " + row.Value,
        _ => row.Value,
    };

    private static ImmutableArray<byte> Baked(string path)
    {
        using var stream = typeof(ImageHardening).Assembly.GetManifestResourceStream(BakedPrefix + path)
            ?? throw new InvalidOperationException($"{BakedPrefix}{path} is not embedded.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return ImmutableArray.Create(bytes);
    }

    private sealed class FileDraft
    {
        public StringBuilder Text { get; } = new();

        public List<Reason> Reasons { get; } = [];

        public int Mode { get; set; } = FileModes.Public;

        public bool IsReplaced { get; set; }
    }

    private sealed class Replacement(Origin origin)
    {
        public Origin Origin => origin;

        public List<string> Controls { get; } = [];
    }
}
