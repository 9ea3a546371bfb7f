using EksNode.Host.Processes;
using EksNode.Host.Trust;
using EksNode.Planning.Plans;

namespace EksNode.Joining;

/// <summary>The certificate authorities of <c>spec.trust</c> are in the system's store before anything starts that reads it.</summary>
public static class PrepareTrust
{
    /// <summary>Has the store made anew when the configuration has authorities, or had some that went with this run.</summary>
    /// <param name="context">The join; its files are applied.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="Configuration.Text.DiagnosticException">The store cannot be made.</exception>
    public static async Task RunAsync(JoinContext context, CancellationToken cancellation)
    {
        // Of another root than the machine's, the machine that starts from it makes the store.
        var changed = ChangedSince(context, context.ReportsInTrustStore);
        if (!(changed || context.Plan.Resources.Any(r => IsAnchor(r.Path))) || Path.GetFullPath(context.Run.Request.Root) != "/")
        {
            return;
        }

        using var step = context.Run.Timeline.Begin("certificate authorities");
        await new TrustExtraction(context.Pipeline.Root, new ProgramRunner(), context.Run.Log).RunAsync(changed, cancellation);
        context.ReportsInTrustStore = context.Reports.Count;
    }

    /// <summary>Whether a path is that of an authority which the store is made of.</summary>
    /// <param name="path">The path.</param>
    internal static bool IsAnchor(string path) => path.StartsWith(NodePaths.TrustAnchors + "/", StringComparison.Ordinal);

    private static bool ChangedSince(JoinContext context, int first)
    {
        for (var i = first; i < context.Reports.Count; i++)
        {
            if (context.Reports[i].Changes.Actions.Any(c => IsAnchor(c.Path)))
            {
                return true;
            }
        }

        return false;
    }
}
