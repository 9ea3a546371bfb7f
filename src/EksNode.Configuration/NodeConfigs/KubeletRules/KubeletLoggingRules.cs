using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>Checks <c>logging.vmodule</c>: the verbosity of single files.</summary>
internal static class KubeletLoggingRules
{
    /// <summary>Checks the patterns, and that the format has them.</summary>
    public static void Check(TreeMap config, KubeletRun run, string path)
    {
        if (config["logging"] is not TreeMap logging || logging.Find("vmodule") is not { Value: TreeList { Items.IsEmpty: false } list } entry)
        {
            return;
        }

        var listPath = SettingPath.Child(SettingPath.Child(path, "logging"), "vmodule");
        if (logging["format"] is TreeScalar { Text: "json" })
        {
            run.Report(
                DiagnosticCatalogue.KubeletFieldConflict, "`logging.vmodule` has a meaning in the format `text` only: the kubelet refuses it.",
                "Leave it out, or write `format: text`.", entry.KeyOrigin, listPath);
        }

        for (var i = 0; i < list.Items.Length; i++)
        {
            var pattern = (list.Items[i] as TreeMap)?["filePattern"];
            if (pattern is null or TreeScalar { Kind: ScalarKind.Null } or TreeScalar { Text: "" })
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldValue, "An item of `logging.vmodule` has no `filePattern`: the kubelet refuses it.",
                    "Add `filePattern`, such as `kubelet*`.", list.Items[i].Origin, SettingPath.Item(listPath, i));
            }
            else if (pattern is TreeScalar { Kind: ScalarKind.String } text && text.Text.AsSpan().IndexOfAny(",=") >= 0)
            {
                run.Report(
                    DiagnosticCatalogue.KubeletFieldValue, $"The pattern {Quoted.Text(text.Text)} has a comma or an equals sign: the kubelet refuses it.",
                    "Write one item for each pattern, and its verbosity in `verbosity`.", text.Origin, SettingPath.Child(SettingPath.Item(listPath, i), "filePattern"));
            }
        }
    }
}
