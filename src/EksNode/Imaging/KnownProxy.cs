using System.Collections.Immutable;
using EksNode.Configuration.Text;
using EksNode.Host.Imaging;
using EksNode.Planning.Image;

namespace EksNode.Imaging;

/// <summary>The proxy of a build, whose credentials nothing shows.</summary>
internal static class KnownProxy
{
    /// <summary>Its variables; the secrets in them are known to the redactor from now on.</summary>
    /// <param name="plan">The image.</param>
    /// <param name="io">The process.</param>
    /// <param name="redactor">Takes secrets out of what is shown.</param>
    public static ImmutableArray<string> Variables(ImagePlan plan, CommandIo io, Redactor redactor)
    {
        var variables = BuildProxy.Variables(plan.Proxy, io.Environment);
        foreach (var variable in variables)
        {
            foreach (var secret in Redactor.SecretsIn("HTTPS_PROXY", variable[(variable.IndexOf('=', StringComparison.Ordinal) + 1)..]))
            {
                redactor.Add(secret);
            }
        }

        return variables;
    }
}
