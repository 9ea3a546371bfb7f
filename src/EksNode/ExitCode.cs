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

    // Facts (EKN07xx) and the host (EKN08xx) may be different the next time; everything else is the user's to mend.
    private const string FirstFailureCode = "EKN0700";

    /// <summary>The exit code for a run that ended with these diagnostics.</summary>
    public static int Of(IEnumerable<Diagnostic> diagnostics)
    {
        var code = Done;
        foreach (var diagnostic in diagnostics.Where(d => d.Severity == Severity.Error))
        {
            if (string.CompareOrdinal(diagnostic.Code, FirstFailureCode) < 0)
            {
                return Wrong;
            }

            code = Failed;
        }

        return code;
    }
}
