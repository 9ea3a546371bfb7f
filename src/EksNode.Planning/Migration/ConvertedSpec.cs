using EksNode.Configuration.Documents;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Sources;
using EksNode.Configuration.Text;

namespace EksNode.Planning.Migration;

/// <summary>The <c>spec</c> that a conversion builds, in one of the API groups; what does not fit is kept, to be said once for each file.</summary>
internal sealed class ConvertedSpec(string apiVersion, DiagnosticBag diagnostics)
{
    private readonly List<LeftOut> leftOut = [];
    private readonly Origin here = Origin.Default("the files of the node");

    /// <summary>Whether it has eksnode's own settings.</summary>
    public bool IsOwn { get; } = apiVersion == ApiGroups.EksNodeV1Alpha1;

    /// <summary>What stands under <c>spec</c>.</summary>
    public TreeMap Spec { get; private set; } = new([], Origin.Default("the files of the node"));

    /// <summary>The whole document.</summary>
    public TreeMap Document => DocumentOf(apiVersion, Spec);

    /// <summary>Sets a value; the maps on the way are made.</summary>
    /// <param name="value">The value.</param>
    /// <param name="path">The keys below <c>spec</c>.</param>
    public void Set(TreeNode value, params ReadOnlySpan<string> path) => Spec = With(Spec, path, value);

    /// <summary>Sets a value that a file of the node has, unless the setting's own rules refuse it, or the API group does not have the setting.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">What the file calls it.</param>
    /// <param name="value">The value.</param>
    /// <param name="setting">The setting below <c>spec</c>, dotted; of a list, each value becomes an item.</param>
    /// <param name="keys">Keys below the setting, which may have dots themselves.</param>
    public void Add(string file, string name, TreeNode value, string setting, params ReadOnlySpan<string> keys)
    {
        string[] path = [.. setting.Split('.'), .. keys];
        var isItem = keys.IsEmpty;
        if (Problem(isItem ? new TreeList([value], here) : value, path) is { } problem)
        {
            diagnostics.Report(
                DiagnosticCatalogue.NodeDirectiveUnknown, $"`{file}` has {Shown(name)}, which is left out: {problem.Message}", problem.Help, path: file);
        }
        else if (!IsOwn && !setting.StartsWith("instance.", StringComparison.Ordinal))
        {
            Leave(file, name, setting);
        }
        else if (isItem)
        {
            TreeNode? before = Spec;
            foreach (var key in path)
            {
                before = (before as TreeMap)?[key];
            }

            Set(new TreeList([.. before is TreeList list ? list.Items : [], value], here), path);
        }
        else
        {
            Set(value, path);
        }
    }

    /// <summary>Something in a file has no setting: of this API group, or none at all.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">What the file calls it.</param>
    /// <param name="setting">The setting of the other group, below <c>spec</c>; null: there is none.</param>
    public void Leave(string file, string name, string? setting)
    {
        foreach (var before in leftOut)
        {
            if (before.File == file && before.Setting == setting)
            {
                before.Names += before.Names.Contains(Shown(name), StringComparison.Ordinal) ? "" : ", " + Shown(name);
                return;
            }
        }

        leftOut.Add(new LeftOut(file, setting) { Names = Shown(name) });
    }

    /// <summary>The new node does not do quite what this one does, or needs something.</summary>
    public void Note(string file, string message, string help) => diagnostics.Report(DiagnosticCatalogue.NodeDiffers, message, help, path: file);

    /// <summary>Says what was left out.</summary>
    public void Report()
    {
        foreach (var left in leftOut)
        {
            if (left.Setting is { } setting)
            {
                diagnostics.Report(
                    DiagnosticCatalogue.NodeSettingNeedsOwnGroup,
                    $"`{left.File}` has {left.Names}, for which {apiVersion} has no field.",
                    $"Convert it with `--to {ApiGroups.EksNodeV1Alpha1}`: there it is `spec.{setting}`.",
                    path: left.File);
            }
            else
            {
                diagnostics.Report(
                    DiagnosticCatalogue.NodeDirectiveUnknown,
                    $"`{left.File}` has {left.Names}, for which a NodeConfig has no field.",
                    "When the new node needs it, put the file into its image, or write it with a hook (`spec.hooks` of eksnode.io/v1alpha1).",
                    path: left.File);
            }
        }
    }

    /// <summary>What a reader of the NodeConfig would say of this value alone; null: nothing. Warnings are said of the whole.</summary>
    /// <param name="value">The value.</param>
    /// <param name="path">The keys below <c>spec</c>.</param>
    public Diagnostic? Problem(TreeNode value, string[] path)
    {
        var bag = new DiagnosticBag();
        NodeConfigReader.Read(DocumentOf(ApiGroups.EksNodeV1Alpha1, With(new TreeMap([], here), path, value)), bag);
        foreach (var found in bag.Items)
        {
            if (found.Severity == Severity.Error)
            {
                return found;
            }
        }

        return null;
    }

    private TreeMap DocumentOf(string version, TreeMap spec) => new(
        [
            new TreeEntry("apiVersion", here, TreeScalar.Of(version, here)),
            new TreeEntry("kind", here, TreeScalar.Of(ApiGroups.NodeConfig, here)),
            new TreeEntry("spec", here, spec),
        ],
        here);

    private static TreeMap With(TreeMap map, ReadOnlySpan<string> path, TreeNode value) => map.With(
        path[0],
        path.Length == 1 ? value : With(map[path[0]] as TreeMap ?? new TreeMap([], map.Origin), path[1..], value));

    private static string Shown(string name) => Configuration.Values.Quoted.Text(name);

    private sealed class LeftOut(string file, string? setting)
    {
        public string File { get; } = file;

        public string? Setting { get; } = setting;

        public string Names { get; set; } = "";
    }
}
