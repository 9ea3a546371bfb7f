using System.Text;
using EksNode.Configuration.ImageConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Plans;

namespace EksNode.Planning.Image;

/// <summary>Settings of the kernel in the files that are read at boot, modules, and words on its command line. The document's own come last.</summary>
internal sealed class ImageKernelComponent : IImageComponent
{
    /// <summary>Where the boot entries are.</summary>
    public const string ArgumentFolder = "/boot";

    private const string OwnSysctls = "/etc/sysctl.d/80-eksnode-image.conf";
    private const string OwnModules = "/etc/modules-load.d/eksnode-image.conf";

    /// <inheritdoc/>
    public string Name => "kernel";

    /// <inheritdoc/>
    public string AtBoot => "`spec.kernel.sysctls` and `spec.kernel.modules` of a NodeConfig; no words on the command line of a kernel that runs";

    /// <inheritdoc/>
    public IEnumerable<Resource> Plan(ImageContext context)
    {
        var kernel = context.Config.Kernel;
        var rows = DataTable.Rows("image-settings.tsv").ToList();
        foreach (var file in rows.GroupBy(r => r[0], StringComparer.Ordinal))
        {
            yield return Sysctls(file.Key, file.Select(r => (r[1], r[2], Origin.Default(r[3]))));
        }

        if (!kernel.Sysctls.IsEmpty)
        {
            yield return Sysctls(OwnSysctls, kernel.Sysctls.Select(s => (s.Key, s.Value.Value, s.Value.Origin)));
        }

        if (kernel.Modules is { } modules)
        {
            yield return new FileResource
            {
                Path = OwnModules,
                Content = [.. Encoding.UTF8.GetBytes(string.Join('\n', modules.Value) + "\n")],
                Reasons = [new Reason("kernel.modules", string.Join(' ', modules.Value), modules.Origin)],
            };
        }

        foreach (var resource in Arguments(context))
        {
            yield return resource;
        }
    }

    private static FileResource Sysctls(string path, IEnumerable<(string Name, string Value, Origin Origin)> settings)
    {
        var text = new StringBuilder();
        var reasons = new List<Reason>();
        foreach (var (name, value, origin) in settings)
        {
            text.Append(name).Append(" = ").Append(value).Append('\n');
            reasons.Add(new Reason("kernel.sysctls." + name, value, origin));
        }

        return new FileResource { Path = path, Content = [.. Encoding.UTF8.GetBytes(text.ToString())], Reasons = [.. reasons] };
    }

    private static IEnumerable<KernelArgumentResource> Arguments(ImageContext context)
    {
        var arguments = new List<(string Word, Origin Origin)>();
        if (context.Decisions.Fips.Value)
        {
            arguments.Add((KernelArgumentResource.Fips, context.Decisions.Fips.Origin));
        }

        if (context.Config.Efa is { Value: true } efa && context.Decisions.Architecture.Value == Architecture.X86)
        {
            // Deeper sleep of a core adds to the latency of its network (EFA documentation, "Optimize").
            arguments.Add(("intel_idle.max_cstate=1", efa.Origin));
            arguments.Add(("processor.max_cstate=1", efa.Origin));
        }

        if (context.Config.KernelArguments is { } own)
        {
            arguments.AddRange(own.Value.Select(word => (word, own.Origin)));
        }

        return arguments.DistinctBy(a => a.Word, StringComparer.Ordinal).Select(a => new KernelArgumentResource
        {
            Path = ArgumentFolder,
            Argument = a.Word,
            Reasons = [new Reason("kernel.arguments", a.Word, a.Origin)],
        });
    }
}
