using System.Diagnostics;

namespace EksNode.Host.Tests.Packages;

/// <summary>Programs that make what the tests need.</summary>
internal static class TestProgram
{
    /// <summary>Why a test is skipped: what of these this machine lacks; null: nothing.</summary>
    public static string? Missing(params string[] programs) =>
        !Environment.IsPrivilegedProcess ? "packages are installed by root alone"
        : Array.Find(programs, p => !File.Exists("/usr/bin/" + p) && !File.Exists("/usr/sbin/" + p)) is { } missing ? $"{missing} is not installed"
        : null;

    /// <summary>Runs one, which must succeed, and returns what it writes.</summary>
    public static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo info = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        info.Environment["HOME"] = "/";
        info.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error.Result}{output}");
    }
}
