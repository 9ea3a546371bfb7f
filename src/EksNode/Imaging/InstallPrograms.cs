using System.Collections.Immutable;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Host.Downloads;
using EksNode.Host.Imaging;
using EksNode.Host.Logging;
using EksNode.Planning.Plans;
using EksNode.Rendering;

namespace EksNode.Imaging;

/// <summary>
/// Programs that are downloaded: first fetched into the cache, which needs no lock of a package manager, then installed. What an earlier build installed
/// and nobody changed is neither fetched nor written again.
/// </summary>
/// <param name="context">The build.</param>
internal sealed class InstallPrograms(ImageApplyContext context)
{
    private readonly BinaryInstaller installer = new(context.Root);
    private readonly ProgramRecords records = new(context.Root);
    private readonly List<BinaryResource> missing = [];
    private ImmutableArray<DownloadedFile> fetched = [];

    /// <summary>The programs that are not in the image as planned, without a change.</summary>
    public static ImmutableArray<string> Find(ImageApplyContext context, CancellationToken cancellation)
    {
        var programs = new InstallPrograms(context);
        programs.Load();
        programs.Find(cancellation);
        return [.. programs.missing.Select(b => b.Name)];
    }

    /// <summary>Reads what earlier builds installed.</summary>
    public void Load() => records.Load(context.Run.Diagnostics);

    private void Find(CancellationToken cancellation)
    {
        foreach (var resource in context.Image.Plan.Resources)
        {
            if (resource is BinaryResource binary
                && !(records.All.TryGetValue(binary.Name, out var record) && installer.IsInstalled(binary, record, cancellation)))
            {
                missing.Add(binary);
            }
        }
    }

    /// <summary>Fetches what is missing. It changes nothing in the image.</summary>
    public async Task<ImmutableArray<string>> FetchAsync(CancellationToken cancellation)
    {
        await FetchMissingAsync(cancellation);
        return [];
    }

    private async Task FetchMissingAsync(CancellationToken cancellation)
    {
        missing.Clear();
        Find(cancellation);
        var downloads = new List<Download>(missing.Count);
        foreach (var binary in missing)
        {
            if (fetched.Any(f => f.Name == binary.Name))
            {
                continue;
            }

            downloads.Add(new Download(binary.Name, new Uri(binary.Url), binary.Sha256!)
            {
                Signature = SignatureOf(binary),
            });
        }

        var progress = new DownloadProgress(context.Bars, context.Log, context.Io.Clock);
        try
        {
            fetched = downloads.Count == 0 ? fetched : [.. fetched, .. await context.Downloader.FetchAsync(downloads.ToImmutable(), progress, cancellation)];
        }
        finally
        {
            progress.End();
        }
    }

    private static DownloadSignature? SignatureOf(BinaryResource binary) => binary.Signature.Length == 0
        ? null
        : new DownloadSignature(binary.Signature, binary.Signer) { Keys = binary.SignerKeys.Length == 0 ? null : new Uri(binary.SignerKeys) };

    /// <summary>Installs what was fetched, and removes what earlier builds installed and is planned no more.</summary>
    public async Task<ImmutableArray<string>> InstallAsync(CancellationToken cancellation)
    {
        // Packages came meanwhile, and may have put their own in the place of what was installed before.
        await FetchMissingAsync(cancellation);
        foreach (var file in fetched)
        {
            context.Log.Write(
                LogLevel.Info,
                "verified",
                ("component", file.Name),
                ("by", file.IsSignatureVerified ? "checksum and signature" : "checksum"),
                ("fetched", Mebibytes.Of(file.Fetched) + " MiB"),
                ("seconds", file.Duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)));
            if (file.Remark is { } remark)
            {
                context.Run.Diagnostics.Add(remark);
            }
        }

        var changed = new List<string>();
        foreach (var name in records.All.Keys.ToList())
        {
            if (context.Image.Plan.Find("binary:" + name) is null)
            {
                if (PackageBefore(name) is { } package && records.IsInPlace(name, cancellation))
                {
                    context.Run.Diagnostics.Report(
                        DiagnosticCatalogue.ImageComponentMissing,
                        $"{name} is the package {package} now, which was installed before this build, and its program is still the download of an earlier build.",
                        $"Install the package once more in the image (`dnf reinstall {package}`, `apt-get install --reinstall {package}`), and run again.");
                    continue;
                }

                records.Remove(name, cancellation);
                changed.Add(name + " removed");
            }
        }

        foreach (var binary in missing)
        {
            var installed = installer.Install(binary, fetched.First(f => f.Name == binary.Name).Path, cancellation);
            records.Remember(installed, cancellation);
            changed.Add(binary.Name);
        }

        await CheckPrograms.RunAsync(context, cancellation);
        foreach (var file in records.All.Values.SelectMany(r => r.Files))
        {
            context.Written.Add(file.Path);
        }

        return changed.ToImmutable();
    }

    // The package of a component that this build did not install: its files lie below the download's, and no package manager puts them back by itself.
    private string? PackageBefore(string component)
    {
        foreach (var choice in context.Image.Decisions.Components)
        {
            if (choice.Name == component && choice.Package is { } package && !context.Outcomes.Exists(o => o.Changed.Contains(package)))
            {
                return package;
            }
        }

        return null;
    }
}
