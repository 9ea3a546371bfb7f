using EksNode.NodeTests.Machines;

namespace EksNode.NodeTests.Checks;

/// <summary>
/// What the profile of the image comes to on a machine that runs: not what is in files, which <see cref="ValidatedImage"/> compares, but what kernel, systemd, sshd and
/// sudo make of them after the node has joined.
/// </summary>
internal static class HardenedMachine
{
    // Each line of output is something that is not as it should be.
    private const string Settings = """
        settings=0
        while read -r name equals value; do
          settings=$((settings + 1)); read -r found </proc/sys/${name//.//} || found=nothing
          [ "$found" = "$value" ] || echo "$name is $found and not $value"
        done </etc/sysctl.d/70-eksnode-hardening.conf
        [ $settings -ge 20 ] || echo "the profile sets $settings settings of the kernel"
        """;

    private const string Modules = """
        modules=0
        for module in $(sed -n 's/^blacklist //p' /etc/modprobe.d/60-eksnode-hardening.conf); do
          modules=$((modules + 1))
          if modprobe $module 2>/dev/null; then echo "the module $module can be loaded"; fi
        done
        [ $modules -ge 5 ] || echo "the profile forbids $modules modules"
        """;

    private const string Mounts = """
        for folder in /tmp /var/tmp /dev/shm; do
          options=,$(findmnt -no OPTIONS $folder),
          for option in nodev noexec nosuid; do [[ $options == *,$option,* ]] || echo "$folder has no $option: $options"; done
          cp /usr/bin/true $folder/node-test || echo "nothing can be written into $folder"
          if $folder/node-test 2>/dev/null; then echo "a program in $folder runs"; fi
          rm -f $folder/node-test
        done
        """;

    // Of sshd what it has read, and that it answers.
    private const string Logins = """
        sshd=$(sshd -T)
        for line in 'permitrootlogin no' 'maxauthtries 4' 'maxsessions 10' 'maxstartups 10:30:60' 'logingracetime 60' 'clientaliveinterval 300' 'clientalivecountmax 3' \
          'banner /etc/issue.net' 'loglevel VERBOSE' 'usepam yes' 'hostbasedauthentication no' 'permitemptypasswords no' 'permituserenvironment no' 'ignorerhosts yes'; do
          grep -qix "$line" <<<"$sshd" || echo "sshd has no $line"
        done
        greeting=$(timeout 20 bash -c 'exec 3<>/dev/tcp/127.0.0.1/22 && read -r -u 3 line && echo "$line"')
        [[ $greeting == SSH-2.0-* ]] || echo "sshd does not answer: $greeting"
        visudo -c >/dev/null || echo "sudo does not read its rules"
        sudo -n true || echo "root cannot use sudo"
        [ "$(bash -lc 'echo $TMOUT $(umask)')" = '900 0027' ] || echo "a login shell has neither TMOUT nor umask: $(bash -lc 'echo $TMOUT $(umask)')"
        """;

    private const string Journal = """
        journal=/var/log/journal/$(cat /etc/machine-id)/system.journal
        [ -s $journal ] || echo "the journal is not on the disk: there is no $journal"
        """;

    /// <summary>Fails when something of the profile has no effect.</summary>
    /// <returns>What was looked at, in a line.</returns>
    public static async Task<string> CheckAsync(GuestShell shell, CancellationToken cancellation)
    {
        var answer = await shell.AskAsync(string.Join('\n', Settings, Modules, Mounts, Logins, Journal), 120, cancellation);
        return answer.Output.Length == 0
            ? "hardened: kernel settings, modules, mounts, sshd, sudo, login shells and journal are as the profile wants them"
            : throw new NodeTestException($"The machine is not hardened as its profile says:\n{answer.Output}");
    }
}
