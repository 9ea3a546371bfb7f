using System.Collections.Immutable;

namespace EksNode.Configuration.Text;

/// <content>EKN0001 to EKN0012, EKN0025, EKN0033: the command line and the run as a whole.</content>
public static partial class DiagnosticCatalogue
{
    /// <summary>An unknown command or option, or a wrong argument.</summary>
    public static DiagnosticDescriptor WrongCommandLine { get; } = new("EKN0001", Severity.Error, "wrong command line");

    /// <summary>Services are started on this machine only, not in a root folder.</summary>
    public static DiagnosticDescriptor StartNotAvailable { get; } = new("EKN0002", Severity.Error, "no service can be started here");

    /// <summary>A configuration source cannot be read.</summary>
    public static DiagnosticDescriptor SourceUnreadable { get; } = new("EKN0003", Severity.Error, "configuration source cannot be read");

    /// <summary>A configuration file that others than root can write.</summary>
    public static DiagnosticDescriptor SourceWritable { get; } = new("EKN0004", Severity.Error, "configuration source can be written by others");

    /// <summary>User data is a source, and a facts file says that nothing is asked of IMDS.</summary>
    public static DiagnosticDescriptor UserDataNotAsked { get; } = new("EKN0005", Severity.Error, "user data is not asked for with a facts file");

    /// <summary>The facts file cannot be read.</summary>
    public static DiagnosticDescriptor FactsFileUnreadable { get; } = new("EKN0006", Severity.Error, "facts file cannot be read");

    /// <summary>A folder named as a source has no file that is read as configuration.</summary>
    public static DiagnosticDescriptor FolderWithoutDropIns { get; } = new("EKN0007", Severity.Warning, "folder holds no configuration");

    /// <summary>Standard output, or the file that was asked for instead, cannot be written.</summary>
    public static DiagnosticDescriptor OutputUnwritable { get; } = new("EKN0008", Severity.Error, "output cannot be written");

    /// <summary>A fault of eksnode itself.</summary>
    public static DiagnosticDescriptor InternalFault { get; } = new("EKN0009", Severity.Error, "fault of eksnode itself");

    /// <summary>The command was interrupted by a signal (SIGINT, SIGTERM).</summary>
    public static DiagnosticDescriptor Interrupted { get; } = new("EKN0010", Severity.Error, "interrupted");

    /// <summary>The process has too little memory.</summary>
    public static DiagnosticDescriptor OutOfMemory { get; } = new("EKN0011", Severity.Error, "out of memory");

    /// <summary><c>EKSNODE_LOG</c> names no level of the log.</summary>
    public static DiagnosticDescriptor LogLevelUnknown { get; } = new("EKN0012", Severity.Warning, "unknown log level");

    /// <summary><c>--root</c> names no folder.</summary>
    public static DiagnosticDescriptor RootMissing { get; } = new("EKN0025", Severity.Error, "the root folder does not exist");

    /// <summary>A command that must be confirmed is run where nobody can be asked, without <c>--yes</c>.</summary>
    public static DiagnosticDescriptor ConfirmationMissing { get; } = new("EKN0033", Severity.Error, "nobody can be asked");

    private static ImmutableArray<DiagnosticDescriptor> CommandLineEntries =>
    [
        WrongCommandLine, StartNotAvailable, SourceUnreadable, SourceWritable, UserDataNotAsked, FactsFileUnreadable, FolderWithoutDropIns, OutputUnwritable,
        InternalFault, Interrupted, OutOfMemory, LogLevelUnknown, RootMissing, ConfirmationMissing,
    ];
}
