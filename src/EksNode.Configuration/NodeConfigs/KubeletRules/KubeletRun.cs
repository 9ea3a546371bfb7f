using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs.KubeletRules;

/// <summary>For which kubelet the rules are checked, and how bad a breach of them is.</summary>
/// <param name="version">The kubelet's version; null when it is not known, and then everything any minor has is accepted.</param>
/// <param name="predicting">
/// Whether errors that we merely predict are warnings: true for <c>join</c> and <c>plan</c>, false for <c>config validate</c>.
/// </param>
/// <param name="diagnostics">Where to report.</param>
/// <param name="isLater">See <see cref="Later"/>.</param>
internal sealed class KubeletRun(SemanticVersion? version, bool predicting, DiagnosticBag diagnostics, bool isLater = false)
{
    /// <summary>The kubelet's minor; null when it is not known.</summary>
    public int? Minor { get; } = version is { Major: 1 } known ? known.Minor : version is null ? null : int.MaxValue;

    /// <summary>The minor whose flags and feature gates apply: older kubelets are checked as the first of the table.</summary>
    public int? TableMinor => Minor is { } minor ? Math.Max(minor, DataTable.FirstMinor) : null;

    /// <summary>Whether the kubelet is newer than the tables: nothing is more than a warning then.</summary>
    public bool IsNewer => Minor > DataTable.LastMinor;

    /// <summary>Whether fields are found without regard to case: up to 1.31 the merge of drop-ins decodes like that.</summary>
    public bool ReadsAnyCase => Minor <= 31;

    /// <summary>The kubelet in a sentence: <c>kubelet 1.33</c>.</summary>
    public string Name => version is { } known ? $"kubelet {known.Major}.{known.Minor}" : "the kubelet";

    /// <summary>
    /// The same for values that the kubelet accepts in its document and refuses later, when its managers start: a warning. What the
    /// document's own check does not refuse is no error.
    /// </summary>
    public KubeletRun Later() => isLater ? this : new KubeletRun(version, predicting: true, diagnostics, isLater: true);

    /// <summary>Reports with the severity that fits this kubelet.</summary>
    /// <param name="descriptor">The entry of the catalogue.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="help">What to do.</param>
    /// <param name="origin">Where.</param>
    /// <param name="path">The setting.</param>
    /// <param name="byTable">Whether a table says so that begins with minor 1.30: for an older kubelet it is information only.</param>
    public void Report(
        DiagnosticDescriptor descriptor, string message, string help, Origin? origin, string path, bool byTable = false)
    {
        var severity = byTable && Minor < DataTable.FirstMinor
            ? Severity.Info
            : descriptor.Severity == Severity.Error && (predicting || IsNewer) ? Severity.Warning : descriptor.Severity;
        diagnostics.Report(
            descriptor,
            isLater ? message.Replace("the kubelet refuses it", "the kubelet reads the file, and then does not start", StringComparison.Ordinal) : message,
            help,
            origin,
            path,
            severity);
    }

    /// <summary>Reports a value's problem.</summary>
    public void Report(DiagnosticDescriptor descriptor, ValueProblem problem, Origin? origin, string path) =>
        Report(descriptor, problem.Message, problem.Help, origin, path);

    /// <summary>Reports a value that the kubelet leaves out without refusing the document.</summary>
    public void Warn(DiagnosticDescriptor descriptor, ValueProblem problem, Origin? origin, string path) =>
        diagnostics.Report(descriptor, problem.Message, problem.Help, origin, path, Severity.Warning);
}
