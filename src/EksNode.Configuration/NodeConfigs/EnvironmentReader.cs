using EksNode.Configuration.Documents;
using EksNode.Configuration.Text;
using EksNode.Configuration.Values;

namespace EksNode.Configuration.NodeConfigs;

/// <summary>
/// Reads <c>spec.instance.environment</c>: service to variable to value. An empty value is kept: later sources can blank a
/// variable. Values are never shown.
/// </summary>
internal static class EnvironmentReader
{
    public static SortedMap<SortedMap<Sourced<Secret>>> Read(Section instance)
    {
        const string Key = "environment";
        var services = SortedMap.Empty<SortedMap<Sourced<Secret>>>();
        foreach (var entry in instance.Document(Key)?.Entries ?? [])
        {
            var path = SettingPath.Child(instance.PathOf(Key), entry.Key);
            if (!ServiceName.Parse(entry.Key).TryGet(out var service, out var problem))
            {
                instance.Diagnostics.Report(DiagnosticCatalogue.BadServiceName, problem.Message, problem.Help, entry.KeyOrigin, path);
                continue;
            }

            var variables = Variables(entry, path, instance.Diagnostics);
            if (!variables.IsEmpty)
            {
                services = services.SetItem(service, variables);
            }
        }

        return services;
    }

    private static SortedMap<Sourced<Secret>> Variables(TreeEntry service, string path, DiagnosticBag diagnostics)
    {
        var variables = SortedMap.Empty<Sourced<Secret>>();
        if (service.Value is TreeScalar { Kind: ScalarKind.Null })
        {
            return variables;
        }

        if (service.Value is not TreeMap map)
        {
            // The value is not shown: a variable that stands one level too high may hold a password.
            diagnostics.Report(
                DiagnosticCatalogue.WrongType,
                $"`{path}` must be a map of variables, but it is {service.Value.Describe()}.",
                "Write the service first and its variables below it: `default:`, then `HTTPS_PROXY: \"…\"` indented.",
                service.Value.Origin,
                path);
            return variables;
        }

        foreach (var entry in map.Entries)
        {
            if (Variable(entry, SettingPath.Child(path, entry.Key), diagnostics) is { } value)
            {
                variables = variables.SetItem(entry.Key, value);
            }
        }

        return variables;
    }

    private static Sourced<Secret>? Variable(TreeEntry entry, string path, DiagnosticBag diagnostics)
    {
        var good = true;
        if (!EnvironmentVariable.ParseName(entry.Key).TryGet(out _, out var problem))
        {
            diagnostics.Report(DiagnosticCatalogue.BadVariableName, problem.Message, problem.Help, entry.KeyOrigin, path);
            good = false;
        }

        if (entry.Value is not TreeScalar { Kind: ScalarKind.String } scalar)
        {
            SettingTypes.ReportNotText(entry.Value, path, secret: true, diagnostics);
            return null;
        }

        if (!EnvironmentVariable.ParseValue(scalar.Text).TryGet(out _, out problem))
        {
            diagnostics.Report(DiagnosticCatalogue.BadVariableValue, problem.Message, problem.Help, scalar.Origin, path);
            good = false;
        }

        return good ? new Sourced<Secret>(new Secret(scalar.Text), scalar.Origin) : null;
    }
}
