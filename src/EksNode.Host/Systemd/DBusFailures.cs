using EksNode.Configuration.Text;

namespace EksNode.Host.Systemd;

/// <summary>What goes wrong with D-Bus, in words for users.</summary>
internal static class DBusFailures
{
    private const string LookAtJournal = "Look at `journalctl -b -u dbus.service -u dbus-broker.service` and `systemctl status`, then run again.";

    public static Diagnostic Unreachable(string where, string why) => Make(
        DiagnosticCatalogue.SystemdUnreachable,
        $"{where} cannot be reached: {why}.",
        "Run on a machine that systemd has booted, as root, or use --no-start.");

    public static Diagnostic Lost(string server, string call, string why) => Make(
        DiagnosticCatalogue.SystemdConnectionLost, $"{call}: the connection to {server} ended ({why}).", LookAtJournal);

    public static Diagnostic Unreadable(string server, string call, string why) => Make(
        DiagnosticCatalogue.SystemdAnswerUnreadable, $"{call}: {server} sent what is not readable: {why}.", LookAtJournal);

    public static Diagnostic Timeout(string server, string call, TimeSpan timeout) => Make(
        DiagnosticCatalogue.SystemdTimeout,
        FormattableString.Invariant($"{call}: {server} did not answer within {timeout.TotalSeconds:0.###} s."),
        LookAtJournal);

    /// <summary>What systemd answered with an error, with what to do about the usual ones (org.freedesktop.systemd1(5), "Errors" of bus-common-errors.h).</summary>
    public static Diagnostic Refused(DBusCall call, DBusErrorException error) => Make(
        DiagnosticCatalogue.SystemdRefused,
        $"{call} was refused: {error.Message}.",
        error.Name switch
        {
            "org.freedesktop.systemd1.NoSuchUnit" or "org.freedesktop.systemd1.LoadFailed" =>
                $"Install the unit file of {call.Subject ?? "the unit"}, or mend it: `systemctl cat` and `systemd-analyze verify` show what systemd reads.",
            "org.freedesktop.systemd1.UnitMasked" => $"Run `systemctl unmask {call.Subject}`.",
            "org.freedesktop.systemd1.BadUnitSetting" => $"Mend the unit file: `systemd-analyze verify {call.Subject}` names the line.",
            "org.freedesktop.systemd1.TransactionIsDestructive" or "org.freedesktop.systemd1.ShuttingDown" =>
                "The machine is shutting down: run again after the boot.",
            "org.freedesktop.DBus.Error.AccessDenied" or "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired" => "Run as root.",
            _ => $"Look at `systemctl status {call.Subject}`, then run again.",
        });

    private static Diagnostic Make(DiagnosticDescriptor descriptor, string message, string help) =>
        new(descriptor.Code, descriptor.Severity, message, help);
}
