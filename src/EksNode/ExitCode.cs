using EksNode.Configuration.Text;

namespace EksNode;

/// <summary>The exit codes of every command.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Failed: the machine, IMDS or AWS did not do what was asked.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration is wrong; trying again does not help.</summary>
    public const int Wrong = 2;

    /// <summary>There are differences.</summary>
    public const int Different = 3;

    /// <summary>
    /// Nobody reads standard output any more: what a shell shows of a program that SIGPIPE ended (128 + 13). .NET ignores that signal.
    /// </summary>
    public const int NobodyReads = 141;

    // Facts (EKN07xx) and the host (EKN08xx) may be different the next time; everything else is the user's to mend.
    private const string FirstFailureCode = "EKN0700";

    // Below it: the run itself, and what a build of an image asks of servers, package managers and other programs.
    private static readonly string[] FailuresOfTheRun =
    [
        DiagnosticCatalogue.InternalFault.Code,
        DiagnosticCatalogue.OutputUnwritable.Code,
        DiagnosticCatalogue.Interrupted.Code,
        DiagnosticCatalogue.OutOfMemory.Code,
        DiagnosticCatalogue.DownloadFailed.Code,
        DiagnosticCatalogue.RepositoryUnreadable.Code,
        DiagnosticCatalogue.PackageManagerBusy.Code,
        DiagnosticCatalogue.PackageManagerFailed.Code,
        DiagnosticCatalogue.ImageStepFailed.Code,
        DiagnosticCatalogue.ContainerImageMissing.Code,
        DiagnosticCatalogue.PackagesUnlisted.Code,
        DiagnosticCatalogue.CheckImpossible.Code,
    ];

    /// <summary>The exit code for a run that ended with these diagnostics.</summary>
    /// <param name="diagnostics">The diagnostics.</param>
    /// <param name="factsGiven">Whether the facts came from a file: what is wrong with them is then the input's fault, too.</param>
    public static int Of(IEnumerable<Diagnostic> diagnostics, bool factsGiven)
    {
        var code = Done;
        foreach (var diagnostic in diagnostics.Where(d => d.Severity == Severity.Error))
        {
            if (IsFailure(diagnostic.Code, factsGiven))
            {
                code = Failed;
            }
            else
            {
                return Wrong;
            }
        }

        return code;
    }

    private static bool IsFailureOfTheRun(string code) => Array.IndexOf(FailuresOfTheRun, code) >= 0;

    private static bool IsFailure(string code, bool factsGiven)
    {
        if (code == DiagnosticCatalogue.FactMissing.Code || code == DiagnosticCatalogue.ComponentVersionMissing.Code
            || code == DiagnosticCatalogue.FactMalformed.Code)
        {
            return !factsGiven;
        }

        var aboutFactsFile = code == DiagnosticCatalogue.FactsFileInvalid.Code || code == DiagnosticCatalogue.FactsVersionUnknown.Code
            || code == DiagnosticCatalogue.FactInvalid.Code;
        return !aboutFactsFile && (IsFailureOfTheRun(code) || string.CompareOrdinal(code, FirstFailureCode) >= 0);
    }
}
