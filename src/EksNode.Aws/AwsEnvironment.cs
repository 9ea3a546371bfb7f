using System.Globalization;
using EksNode.Configuration.NodeConfigs;
using EksNode.Configuration.Text;
using EksNode.Planning.Decisions;
using EksNode.Planning.Facts;

namespace EksNode.Aws;

/// <summary>
/// The environment as AWS tools read it: a variable that is empty counts as not set, a switch is on when it says <c>true</c> in any
/// case.
/// </summary>
/// <param name="variables">The variables by name.</param>
/// <remarks>Variables: AWS SDKs and Tools Reference Guide, "Environment variables list".</remarks>
public sealed class AwsEnvironment(IReadOnlyDictionary<string, string> variables)
{
    /// <summary>Attempts of an EC2 or EKS call when <c>AWS_MAX_ATTEMPTS</c> does not say: nodes join while AWS is busy with them.</summary>
    public const int DefaultMaxAttempts = 30;

    /// <summary>The variables by name.</summary>
    public IReadOnlyDictionary<string, string> Variables => variables;

    /// <summary>The value of a variable, or null when it is not set or empty.</summary>
    public string? this[string name] => variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>The region of AWS calls: <c>AWS_REGION</c>, else <c>AWS_DEFAULT_REGION</c>.</summary>
    public string? Region => this["AWS_REGION"] ?? this["AWS_DEFAULT_REGION"];

    /// <summary>The attempts of an EC2 or EKS call, the first included: <c>AWS_MAX_ATTEMPTS</c>.</summary>
    public int MaxAttempts => ParseAttempts(this["AWS_MAX_ATTEMPTS"]) ?? DefaultMaxAttempts;

    /// <summary>Whether a switch is on.</summary>
    public bool IsOn(string name) => string.Equals(this[name], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// This environment with the proxy of <c>spec.proxy</c> put over it, and the variables of <c>spec.instance.environment.default</c> over
    /// that.
    /// </summary>
    /// <param name="config">The configuration.</param>
    public AwsEnvironment With(NodeConfig config)
    {
        var defaults = config.Instance.Environment.GetValueOrDefault("default") ?? SortedMap.Empty<Sourced<Secret>>();
        if (defaults.IsEmpty && !config.Proxy.IsSet)
        {
            return this;
        }

        var all = new Dictionary<string, string>(variables, StringComparer.Ordinal);
        foreach (var variable in NodeProxy.Variables(config, new NodeFacts()))
        {
            all[variable.Name] = variable.Value.Reveal();
            all.Remove(variable.Name.ToLowerInvariant());
        }

        foreach (var (name, value) in defaults)
        {
            // Upper case is read first: what the user wrote in lower case must not be hidden by the proxy's.
            if (name.EndsWith("_proxy", StringComparison.Ordinal))
            {
                all.Remove(name.ToUpperInvariant());
            }

            all[name] = value.Value.Reveal();
        }

        return new AwsEnvironment(all);
    }

    /// <summary>This environment with one variable put over it.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="value">Its value; null: not set.</param>
    public AwsEnvironment With(string name, string? value) =>
        new(new Dictionary<string, string>(variables, StringComparer.Ordinal) { [name] = value ?? "" });

    /// <summary>Reports the variables whose value cannot be used, and what is used instead.</summary>
    public void Check(DiagnosticBag bag)
    {
        if (this["AWS_MAX_ATTEMPTS"] is { } attempts && ParseAttempts(attempts) is null)
        {
            bag.Report(
                DiagnosticCatalogue.EnvironmentInvalid,
                $"AWS_MAX_ATTEMPTS is not a number from 1 up; {DefaultMaxAttempts} is used.",
                "Set it to a number such as 10, or leave it out.");
        }

        ReadOnlySpan<string> switches = ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"];
        foreach (var name in switches)
        {
            if (this[name] is { } value && !bool.TryParse(value, out _))
            {
                bag.Report(
                    DiagnosticCatalogue.EnvironmentInvalid,
                    $"{name} is neither `true` nor `false`; it counts as `false`.",
                    "Set it to `true` or leave it out.");
            }
        }
    }

    private static int? ParseAttempts(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var attempts) && attempts > 0 ? attempts : null;
}
