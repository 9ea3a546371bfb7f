using System.CommandLine;
using System.Globalization;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;
using EksNode.Planning.Decisions;

namespace EksNode.Commands;

/// <summary>The options of <c>eksnode max-pods</c>.</summary>
internal sealed class MaxPodsOptions
{
    private readonly Option<string?> cniVersion = new("--cni-version")
    {
        Description = "The version of the Amazon VPC CNI, such as 1.19.0 [default: a current one]",
        HelpName = "VERSION",
    };

    private readonly Option<bool> prefixDelegation = new("--prefix-delegation") { Description = "Interfaces have prefixes of 16 addresses (ENABLE_PREFIX_DELEGATION)" };
    private readonly Option<bool> customNetworking = new("--custom-networking") { Description = "Pods are in other subnets than the node, so its first interface has none" };
    private readonly Option<bool> ipv6 = new("--ipv6") { Description = "Pods have IPv6 addresses, which are given as prefixes" };
    private readonly Option<bool> securityGroups = new("--security-groups-for-pods") { Description = "One interface is the trunk of pods with security groups of their own (ENABLE_POD_ENI)" };
    private readonly Option<string?> maxEnis = new("--max-enis") { Description = "At most so many network interfaces (MAX_ENI)", HelpName = "N" };
    private readonly Option<string?> reservedEnis = new("--reserved-enis") { Description = "Network interfaces that are not for pods", HelpName = "N" };
    private readonly Option<string?> cpus = new("--cpus") { Description = "CPUs that the cap follows from [default: those of the type]", HelpName = "N" };
    private readonly Option<string?> cap = new("--cap") { Description = "The most pods, or none [default: 110 up to 30 CPUs, else 250]", HelpName = "N" };

    /// <summary><c>--all</c>.</summary>
    public Option<bool> All { get; } = new("--all") { Description = "Every instance type that eksnode knows" };

    /// <summary>Adds them to the command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[All, cniVersion, prefixDelegation, customNetworking, ipv6, securityGroups, maxEnis, reservedEnis, cpus, cap])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What they say; a number or a version that is none is reported.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="diagnostics">Where to report.</param>
    public (PodNetworking Networking, int? Cpus) Read(ParseResult parsed, DiagnosticBag diagnostics)
    {
        var none = parsed.GetValue(cap) is "none" or "None";
        return (new PodNetworking
        {
            CniVersion = Version(parsed.GetValue(cniVersion), diagnostics),
            PrefixDelegation = parsed.GetValue(prefixDelegation),
            CustomNetworking = parsed.GetValue(customNetworking),
            Ipv6 = parsed.GetValue(ipv6),
            SecurityGroupsForPods = parsed.GetValue(securityGroups),
            MaxEnis = Number(maxEnis, 1),
            ReservedEnis = Number(reservedEnis, 0) ?? 0,
            Cap = none ? int.MaxValue : Number(cap, 1),
        }, Number(cpus, 1));

        int? Number(Option<string?> option, int least)
        {
            if (parsed.GetValue(option) is not { } text)
            {
                return null;
            }

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least)
            {
                return number;
            }

            Wrong(option.Name, text, $"a whole number, {least} or more");
            return null;
        }

        void Wrong(string name, string text, string expected) => diagnostics.Report(
            DiagnosticCatalogue.WrongCommandLine,
            $"`{name}` is {Quoted.Text(text)}, which is not {expected}.",
            $"Give {expected}{(name == cap.Name ? ", or `none`" : "")}.");
    }

    private static SemanticVersion? Version(string? text, DiagnosticBag diagnostics)
    {
        if (text is null)
        {
            return null;
        }

        // `1.19` is as good as `1.19.0`; `v1.19.0-eksbuild.1` is how the add-on is named.
        if ((SemanticVersion.Find(text) ?? SemanticVersion.Find(text + ".0")) is { } version)
        {
            return version;
        }

        diagnostics.Report(DiagnosticCatalogue.WrongCommandLine, $"`--cni-version` is {Quoted.Text(text)}, which is no version.", "Give it as `1.19.0`.");
        return null;
    }
}
