using System.Collections.Immutable;
using System.Text;
using EksNode.Host.Engine;
using EksNode.Host.Files;

namespace EksNode.Host.Imaging;

/// <summary>
/// Words on the command line of the kernel: in every boot entry that is there, through grubby, and for those that are made later, in the file that they are
/// made from: <c>/etc/default/grub</c>, or kernel-install(8)'s <c>/etc/kernel/cmdline</c>. Where no grubby runs, the entries themselves are written
/// (the Boot Loader Specification's type 1). Debian's boot menu is made anew from its file. Words are added; others stay.
/// </summary>
/// <param name="root">The root of the image.</param>
/// <param name="programs">Runs grubby.</param>
public sealed class KernelCommandLine(HostRoot root, RootPrograms programs)
{
    private const string Grub = "/etc/default/grub";
    private const string GrubSetting = "GRUB_CMDLINE_LINUX=";

    // Debian's grub-mkconfig reads these files after its own, in their order, and cloud images set the words there anew.
    private const string GrubDropIns = "/etc/default/grub.d";
    private const string GrubDropIn = GrubDropIns + "/99-eksnode.cfg";
    private const string GrubDropInStart = "GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX\"\n";
    private const string KernelInstall = "/etc/kernel/cmdline";
    private const string Entries = "/boot/loader/entries";
    private const string Options = "options";
    private const string Menu = "/boot/grub/grub.cfg";

    // A menu has some kilobytes for each kernel.
    private const int MostMenuBytes = 4 << 20;

    /// <summary>Adds the words that are missing.</summary>
    /// <param name="words">The words.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What was changed: <c>boot entries</c>, and paths.</returns>
    /// <exception cref="Configuration.Text.DiagnosticException">grubby failed, or a file cannot be written.</exception>
    public async Task<ImmutableArray<string>> ApplyAsync(ImmutableArray<string> words, CancellationToken cancellation)
    {
        var changed = new List<string>();
        if (words.IsEmpty)
        {
            return [];
        }

        var transaction = new FileTransaction(root);
        if (programs.Find("grubby") is not { } grubby)
        {
            WriteEntries(words, Write);
        }
        else if (await UpdateEntriesAsync(grubby, words, cancellation).ConfigureAwait(false))
        {
            changed.Add("boot entries");
        }

        var path = root.ReadFile(Grub) is null ? KernelInstall : root.List(GrubDropIns) is null ? Grub : GrubDropIn;
        var before = root.ReadFile(path);
        Write(path, before, path == KernelInstall ? WithWords(Text(before ?? First()), words) + "\n" : WithGrubWords(before is null ? GrubDropInStart : Text(before), words));
        if (!transaction.IsEmpty)
        {
            transaction.Stage();
            transaction.Commit();
        }

        if (programs.IsMachine && programs.Find("update-grub") is { } update && root.ReadFile(Menu, MostMenuBytes) is { } menu && Lacks(Text(menu), words))
        {
            RootPrograms.Succeeded(await programs.InsideAsync(update, [], cancellation).ConfigureAwait(false), "Making the boot menu anew", "update-grub");
            if (root.ReadFile(Menu, MostMenuBytes) is not { } made || Lacks(Text(made), words))
            {
                throw RootPrograms.Failed($"update-grub made {Menu} without `{string.Join(' ', words)}`.", $"Look for what sets GRUB_CMDLINE_LINUX after {path}.");
            }

            changed.Add(Menu);
        }

        return changed.ToImmutable();

        void Write(string file, byte[]? present, string text)
        {
            if (present is null || Text(present) != text)
            {
                transaction.Write(file, Encoding.UTF8.GetBytes(text), root.Status(file, followLink: true)?.Mode ?? Modes.File);
                changed.Add(file);
            }
        }
    }

    /// <summary>Whether a kernel of a boot menu of GRUB is started without one of the words.</summary>
    internal static bool Lacks(string menu, ImmutableArray<string> words)
    {
        foreach (var line in menu.Split('\n'))
        {
            var there = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (there is not ["linux", ..])
            {
                continue;
            }

            foreach (var word in words)
            {
                if (Array.IndexOf(there, word) < 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    // An entry has one line of options, or several, which the boot loader joins: the last one takes the words that none has.
    private void WriteEntries(ImmutableArray<string> words, Action<string, byte[]?, string> write)
    {
        foreach (var name in root.List(Entries) ?? [])
        {
            if (!name.EndsWith(".conf", StringComparison.Ordinal) || root.ReadFile($"{Entries}/{name}") is not { } entry)
            {
                continue;
            }

            var lines = Text(entry).TrimEnd('\n').Split('\n').ToList();
            var there = string.Join(' ', lines.Where(IsOptions));
            ImmutableArray<string> missing = [.. words.Where(w => !there.Split((char[]?)null).Contains(w))];
            var at = lines.FindLastIndex(IsOptions);
            if (at < 0)
            {
                at = lines.Count;
                lines.Add(Options);
            }

            lines[at] = WithWords(lines[at], missing);
            if (!missing.IsEmpty)
            {
                write($"{Entries}/{name}", entry, string.Join('\n', lines) + "\n");
            }
        }
    }

    private static bool IsOptions(string line) => line.StartsWith(Options, StringComparison.Ordinal) && line.Length > Options.Length && char.IsWhiteSpace(line[Options.Length]);

    // What kernel-install takes when its own file is missing must be in the file that eksnode makes: without `root=` nothing boots.
    private byte[] First()
    {
        var words = new List<string>();
        var inherited = root.ReadFile("/usr/lib/kernel/cmdline") ?? (programs.IsMachine ? root.ReadFile("/proc/cmdline") : null) ?? [];
        foreach (var word in Text(inherited).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            // The loader's own, which it adds to every entry by itself.
            if (!word.StartsWith("BOOT_IMAGE=", StringComparison.Ordinal) && !word.StartsWith("initrd=", StringComparison.Ordinal))
            {
                words.Add(word);
            }
        }

        return Encoding.UTF8.GetBytes(string.Join(' ', words));
    }

    private async Task<bool> UpdateEntriesAsync(string grubby, ImmutableArray<string> words, CancellationToken cancellation)
    {
        var info = RootPrograms.Succeeded(
            await programs.InsideAsync(grubby, ["--info=ALL"], cancellation).ConfigureAwait(false), "Reading the boot entries of the image", "grubby");
        var isMissing = false;
        foreach (var line in info.Output.Split('\n'))
        {
            if (line.StartsWith("args=", StringComparison.Ordinal))
            {
                isMissing |= WithWords(Quoted(line["args=".Length..]), words) != Quoted(line["args=".Length..]);
            }
        }

        if (isMissing)
        {
            RootPrograms.Succeeded(
                await programs.InsideAsync(grubby, ["--update-kernel=ALL", "--args=" + string.Join(' ', words)], cancellation).ConfigureAwait(false),
                "Adding words to the boot entries of the image",
                "grubby");
        }

        return isMissing;
    }

    /// <summary>The text of <c>/etc/default/grub</c> with the words in its setting.</summary>
    internal static string WithGrubWords(string text, ImmutableArray<string> words)
    {
        var lines = text.Split('\n').ToList();
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            // The last one counts: the file is a shell script.
            if (lines[i].StartsWith(GrubSetting, StringComparison.Ordinal))
            {
                lines[i] = $"{GrubSetting}\"{WithWords(Quoted(lines[i][GrubSetting.Length..]), words)}\"";
                return string.Join('\n', lines);
            }
        }

        return $"{text}{(text.Length == 0 || text.EndsWith('\n') ? "" : "\n")}{GrubSetting}\"{string.Join(' ', words)}\"\n";
    }

    private static string WithWords(string line, ImmutableArray<string> words)
    {
        var there = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToList();
        var text = line.TrimEnd();
        foreach (var word in words)
        {
            if (!there.Contains(word))
            {
                text = text.Length == 0 ? word : $"{text} {word}";
            }
        }

        return text;
    }

    private static string Quoted(string value) => value.Trim() is ['"' or '\'', .. var inner, '"' or '\''] ? inner : value.Trim();

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
