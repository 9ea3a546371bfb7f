using System.Text;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Sysconfig;

/// <summary>
/// <c>spec.hooks</c>: nothing of a node is made by them, so that they are no resources; a join runs them. What it will run is said here, for
/// `plan` to show.
/// </summary>
public sealed class HookComponent : IComponent
{
    /// <inheritdoc/>
    public string Name => "hooks";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(PlanContext context)
    {
        foreach (var stage in HookSettings.Stages)
        {
            var hooks = context.Config.Hooks.Of(stage);
            for (var i = 0; i < hooks.Length; i++)
            {
                var (hook, origin) = hooks[i];
                var path = SettingPath.Item("spec.hooks." + stage, i);
                context.Diagnostics.Report(
                    DiagnosticCatalogue.HooksPlanned,
                    $"A join runs `{Text(hook)}` {When(stage)}, for {Math.Max(1, hook.Timeout.Value.Nanoseconds / 1_000_000_000)} s at most; {(hook.ContinuesOnFailure ? "it goes on when that fails" : "it ends when that fails")}.",
                    "Nothing has to be done; `--no-start` leaves out the hooks of the start, and a root folder other than `/` all of them.",
                    origin,
                    path);
            }
        }

        return [];
    }

    private static string Text(Hook hook)
    {
        var text = new StringBuilder();
        foreach (var word in hook.Command)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(word.ReplaceLineEndings(" "));
        }

        return text.ToString();
    }

    private static string When(string stage) => stage switch
    {
        "preConfigure" => "before it writes files",
        "preStart" => "before it starts services",
        _ => "when the node is healthy",
    };
}
