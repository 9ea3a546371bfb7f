namespace EksNode.Configuration.Text;

/// <summary>
/// Ends an operation with a diagnostic: what a caller cannot go on without (a disk is full, IMDS does not answer). It is
/// caught once, where the command ends, and never shown as a stack trace.
/// </summary>
public sealed class DiagnosticException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="diagnostic">What the user should know.</param>
    /// <param name="cause">The exception behind it, for the debug log.</param>
    public DiagnosticException(Diagnostic diagnostic, Exception? cause = null)
        : base(diagnostic.Message, cause) => Diagnostic = diagnostic;

    /// <summary>Creates the exception from an entry of the catalogue.</summary>
    public DiagnosticException(DiagnosticDescriptor descriptor, string message, string help, Origin? origin = null, string? path = null)
        : this(new Diagnostic(descriptor.Code, descriptor.Severity, message, help, origin, path))
    {
    }

    /// <summary>What the user should know.</summary>
    public Diagnostic Diagnostic { get; }
}
