namespace EksNode.Configuration.Text;

/// <summary>How bad a diagnostic is.</summary>
public enum Severity
{
    /// <summary>The input cannot be read or planned, or a service would refuse it.</summary>
    Error,

    /// <summary>A sure mistake that does not stop a node, or a predicted refusal.</summary>
    Warning,

    /// <summary>Something worth knowing.</summary>
    Info,
}

/// <summary>One entry of the diagnostic catalogue. <c>docs/diagnostics.md</c> has one line for each.</summary>
/// <param name="Code">The stable code, <c>EKN</c> and four digits.</param>
/// <param name="Severity">The severity unless the place where it is reported says otherwise.</param>
/// <param name="Title">What it is about, in a few words.</param>
public sealed record DiagnosticDescriptor(string Code, Severity Severity, string Title);

/// <summary>Something that a user should know or mend.</summary>
/// <param name="Code">The stable code, <c>EKN</c> and four digits.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Message">One sentence that says what is wrong. It never holds a secret.</param>
/// <param name="Help">One sentence that says what to do.</param>
/// <param name="Origin">The place, when there is one.</param>
/// <param name="Path">The setting, dotted: <c>spec.kubelet.config.maxPod</c>.</param>
public sealed record Diagnostic(
    string Code, Severity Severity, string Message, string Help, Origin? Origin = null, string? Path = null)
{
    /// <summary>The form for logs: place, severity, code, message.</summary>
    public override string ToString() =>
        $"{(Origin is null ? "" : Origin + ": ")}{Severity.ToString().ToLowerInvariant()} {Code}: {Message}";
}

/// <summary>Collects the diagnostics of one run, in the order of discovery.</summary>
public sealed class DiagnosticBag
{
    private readonly List<Diagnostic> items = [];

    /// <summary>All diagnostics so far.</summary>
    public IReadOnlyList<Diagnostic> Items => items;

    /// <summary>Whether any of them is an error.</summary>
    public bool HasErrors => items.Exists(d => d.Severity == Severity.Error);

    /// <summary>Adds a diagnostic of the catalogue.</summary>
    /// <param name="descriptor">The entry of <see cref="DiagnosticCatalogue"/>.</param>
    /// <param name="message">One sentence that says what is wrong, with a full stop.</param>
    /// <param name="help">One sentence that says what to do, with a full stop.</param>
    /// <param name="origin">The place.</param>
    /// <param name="path">The setting, dotted.</param>
    /// <param name="severity">Another severity than the catalogue's.</param>
    public void Report(
        DiagnosticDescriptor descriptor,
        string message,
        string help,
        Origin? origin = null,
        string? path = null,
        Severity? severity = null) =>
        Add(new Diagnostic(descriptor.Code, severity ?? descriptor.Severity, message, help, origin, path));

    /// <summary>Adds a diagnostic, once: the same finding at the same place is not repeated.</summary>
    public void Add(Diagnostic diagnostic)
    {
        if (!items.Contains(diagnostic))
        {
            items.Add(diagnostic);
        }
    }

    /// <summary>Adds a diagnostic unless the same code is reported of the same place; of the two the graver one is kept.</summary>
    public void AddGraver(Diagnostic diagnostic)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var item = items[i];
            if (item.Code == diagnostic.Code && item.Message == diagnostic.Message && item.Path == diagnostic.Path && Equals(item.Origin, diagnostic.Origin))
            {
                items[i] = item.Severity <= diagnostic.Severity ? item : diagnostic;
                return;
            }
        }

        items.Add(diagnostic);
    }

    /// <summary>Takes warnings and remarks back, and says how many.</summary>
    /// <param name="which">Which of them.</param>
    public int RemoveWarnings(Predicate<Diagnostic> which) => items.RemoveAll(d => d.Severity != Severity.Error && which(d));

    /// <summary>Makes every warning an error.</summary>
    public void RaiseWarnings()
    {
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Severity == Severity.Warning)
            {
                items[i] = items[i] with { Severity = Severity.Error };
            }
        }
    }

    /// <summary>Makes warnings of the errors from one on: what they stopped went on without it.</summary>
    /// <param name="first">The index of the first that counts.</param>
    public void Soften(int first)
    {
        for (var i = first; i < items.Count; i++)
        {
            if (items[i].Severity == Severity.Error)
            {
                items[i] = items[i] with { Severity = Severity.Warning };
            }
        }
    }

    /// <summary>Adds all of them.</summary>
    public void AddRange(IEnumerable<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            Add(diagnostic);
        }
    }
}
