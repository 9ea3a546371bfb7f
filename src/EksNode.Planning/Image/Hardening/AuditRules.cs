using EksNode.Configuration.ImageConfigs;

namespace EksNode.Planning.Image.Hardening;

/// <summary>Rules of audit for system calls: one for each calling convention of the processor.</summary>
internal static class AuditRules
{
    // The calls that arm64 never had: newer ones (openat, fchmodat, renameat) do their work (asm-generic/unistd.h of Linux; the last two are gone everywhere).
    private static readonly string[] notOnArm64 = ["chmod", "chown", "creat", "lchown", "open", "rename", "unlink", "create_module", "query_module"];

    /// <summary>The lines of a rule.</summary>
    /// <param name="rule">The calls, a colon, and the filters: <c>mount : -F auid>=1000 -F key=mounts</c>.</param>
    /// <param name="architecture">The processor.</param>
    public static IEnumerable<string> Lines(string rule, Architecture architecture)
    {
        var colon = rule.IndexOf(" : ", StringComparison.Ordinal);
        var calls = rule[..colon].Split(' ');
        var filters = rule[(colon + " : ".Length)..];
        if (architecture == Architecture.Arm64)
        {
            calls = Array.FindAll(calls, c => !notOnArm64.Contains(c));
        }

        yield return Line("b64", calls, filters);
        if (architecture == Architecture.X86)
        {
            yield return Line("b32", calls, filters);
        }
    }

    private static string Line(string convention, string[] calls, string filters) =>
        $"-a always,exit -F arch={convention} -S {string.Join(',', calls)} {filters}";
}
