using System.Diagnostics;

namespace EksNode.Simulation.Systemd;

/// <summary>Finds out whether this machine lets a systemd be booted, by making its namespaces and mounts.</summary>
internal static class RealSystemdProbe
{
    public static string? Run(string? root, string variable)
    {
        if (string.IsNullOrEmpty(root))
        {
            return $"no root file system with systemd: source script/systemd-root, which sets {variable}";
        }

        if (!File.Exists(root + "/lib/systemd/systemd"))
        {
            return $"{variable} names {root}, which holds no systemd";
        }

        if (Environment.UserName != "root")
        {
            return "only root can boot a systemd in namespaces";
        }

        var folder = Directory.CreateTempSubdirectory("eksnode-probe-").FullName;
        try
        {
            foreach (var name in new[] { "upper", "work", "root" })
            {
                Directory.CreateDirectory(Path.Combine(folder, name));
            }

            var start = new ProcessStartInfo("unshare") { RedirectStandardError = true, RedirectStandardOutput = true };
            foreach (var argument in (string[])["-m", "-p", "-u", "-i", "-n", "-C", "-f", "--kill-child", "bash", "-c", RealSystemdScript.Probe])
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["LOWER"] = root;
            start.Environment["FOLDER"] = folder;
            using var process = Process.Start(start) ?? throw new InvalidOperationException("unshare did not start");
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : "the namespaces and mounts of a systemd are not possible here: " + error.Trim();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return "unshare cannot be run here: " + exception.Message;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
