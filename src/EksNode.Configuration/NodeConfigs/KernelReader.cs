using System.Globalization;
using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>Reads <c>spec.kernel</c>.</summary>
internal static class KernelReader
{
    // proc_sys_kernel(5): the kernel reserves the ids up to 300, and 2^22 is the most on 64 bit.
    private const long LeastPidMax = 301;
    private const long MostPidMax = 4_194_304;

    private const int LongestModule = 55; // MODULE_NAME_LEN of the kernel, without the terminating zero

    public static KernelSettings Read(Section section)
    {
        var sysctls = Sysctls(section);
        if (WholeNumber.Read(section, "pidMax", LeastPidMax, MostPidMax, DiagnosticCatalogue.BadSysctlValue) is { } pidMax)
        {
            if (sysctls.TryGetValue(KernelSettings.PidMax, out var twice) && twice.Value != pidMax.Value)
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.Duplicate,
                    $"`{section.PathOf("pidMax")}` is {pidMax.Value}, and the same setting under `sysctls` is {Quoted.Text(twice.Value)}.",
                    "Keep one of them.",
                    pidMax.Origin,
                    section.PathOf("pidMax"));
            }

            sysctls = sysctls.SetItem(KernelSettings.PidMax, pidMax);
        }

        var settings = new KernelSettings
        {
            Sysctls = sysctls,
            Modules = section.Texts("modules", Module, DiagnosticCatalogue.BadModuleName),
        };
        section.Finish();
        return settings;
    }

    private static SortedMap<Sourced<string>> Sysctls(Section section)
    {
        const string Key = "sysctls";
        var sysctls = SortedMap.Empty<Sourced<string>>();
        foreach (var entry in section.Document(Key)?.Entries ?? [])
        {
            var path = SettingPath.Child(section.PathOf(Key), entry.Key);
            if (!SysctlName.Parse(entry.Key).TryGet(out var name, out var problem))
            {
                section.Diagnostics.Report(DiagnosticCatalogue.BadSysctlName, problem.Message, problem.Help, entry.KeyOrigin, path);
                continue;
            }

            if (entry.Value is not TreeScalar { Kind: ScalarKind.String or ScalarKind.Integer } scalar)
            {
                SettingTypes.ReportWrong(entry.Value, path, "a string or a number", "Write the value as `sysctl` prints it, in quotes when it is not one number.", section.Diagnostics);
            }
            else if (!SysctlName.ParseValue(scalar.Text).TryGet(out var value, out problem))
            {
                section.Diagnostics.Report(DiagnosticCatalogue.BadSysctlValue, problem.Message, problem.Help, scalar.Origin, path);
            }
            else if (sysctls.ContainsKey(name))
            {
                section.Diagnostics.Report(
                    DiagnosticCatalogue.Duplicate, $"`{section.PathOf(Key)}` has the setting `{name}` twice.", "Keep one of them.", entry.KeyOrigin, path);
            }
            else
            {
                Judge(name, value, entry, path, section);
                sysctls = sysctls.Add(name, new Sourced<string>(value, scalar.Origin));
            }
        }

        return sysctls;
    }

    // What is known of well-known settings: another kernel may have what looks like a slip, so that it is a warning.
    private static void Judge(string name, string value, TreeEntry entry, string path, Section section)
    {
        string? near = null;
        foreach (var row in DataTable.Rows("sysctls.tsv"))
        {
            var known = row[0];
            if (known == name)
            {
                if (row[1] == "numbers" && value.Split(' ').Any(w => !long.TryParse(w, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
                {
                    Warn(DiagnosticCatalogue.BadSysctlValue, $"`{name}` is a number, and {Quoted.Text(value)} is none.", "Write the value as `sysctl` prints it.", entry.Value.Origin);
                }

                return;
            }

            if (known.StartsWith(name, StringComparison.Ordinal) && known[name.Length] == '.')
            {
                Warn(DiagnosticCatalogue.BadSysctlName, $"`{name}` is a group of kernel settings and none itself.", $"Write a setting of it, such as `{known}`.", entry.KeyOrigin);
                return;
            }

            near = near is null && Suggestions.IsSlip(name, known) ? known : near;
        }

        if (near is not null)
        {
            Warn(DiagnosticCatalogue.BadSysctlName, $"The kernel setting `{name}` is not known.", $"Did you mean `{near}`?", entry.KeyOrigin);
        }

        void Warn(DiagnosticDescriptor descriptor, string message, string help, Origin origin) =>
            section.Diagnostics.Report(descriptor, message, help, origin, path, Severity.Warning);
    }

    private static ValueResult<string> Module(string text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-'))
            {
                return new ValueProblem(
                    $"{Quoted.Text(text)} is not the name of a kernel module: it has the character {Quoted.Text(character.ToString())}.",
                    text.Contains(".ko", StringComparison.Ordinal) ? "Write the name that `lsmod` shows, without path and `.ko`."
                        : text.Contains(' ', StringComparison.Ordinal) ? "Write one name per list item; options of a module belong in `/etc/modprobe.d`."
                        : "A name has letters, digits, `_` and `-` only.");
            }
        }

        return text.Length is 0 or > LongestModule
            ? new ValueProblem($"{Quoted.Text(text)} is not the name of a kernel module.", string.Create(CultureInfo.InvariantCulture, $"A name has 1 to {LongestModule} characters."))
            : text;
    }
}
