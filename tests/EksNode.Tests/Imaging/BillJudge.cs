using System.Diagnostics;

namespace EksNode.Tests.Imaging;

/// <summary>
/// What others say of a bill of materials: CycloneDX's schema, with its list of licenses and the forms of its strings; SPDX's own library. They are Python, from Debian:
/// <c>script/bill-judges</c> fetches them.
/// </summary>
internal static class BillJudge
{
    private const string Variable = "EKSNODE_BILL_JUDGES";
    private const string Python = "/usr/bin/python3";

    // Schemas that a schema refers to are beside it, under the names that it calls them by.
    private const string CycloneDx = """
        import json, pathlib, sys, jsonschema
        folder = pathlib.Path(sys.argv[1]) / 'cyclonedx/schema/_res'
        store = {'http://cyclonedx.org/schema/' + p.name: json.loads(p.read_text()) for p in folder.glob('*.schema.json')}
        store |= {schema['$id']: schema for schema in store.values()}
        schema = store['http://cyclonedx.org/schema/bom-1.6.SNAPSHOT.schema.json']
        resolver = jsonschema.RefResolver(schema['$id'], schema, store=store)
        formats = jsonschema.FormatChecker()
        assert not formats.conforms('a b', 'iri-reference') and not formats.conforms('a b', 'date-time'), 'the forms of strings are not checked'
        for error in jsonschema.Draft7Validator(schema, resolver=resolver, format_checker=formats).iter_errors(json.loads(pathlib.Path(sys.argv[2]).read_text())):
            print(f'{list(error.absolute_path)}: {error.message}')
        """;

    // The library passes over properties that SPDX does not have. So what it has read is written again, and has to be the same.
    private const string Spdx = """
        import json, pathlib, sys
        from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter
        from spdx_tools.spdx.parser.error import SPDXParsingError
        from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
        from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

        def compare(path, ours, theirs):
            if isinstance(ours, dict) and isinstance(theirs, dict):
                for key in sorted(ours.keys() | theirs.keys()):
                    compare([*path, key], ours.get(key), theirs.get(key))
            elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
                for i in range(len(ours)):
                    compare([*path, i], ours[i], theirs[i])
            elif type(ours) is not type(theirs) or ours != theirs:
                print(f'{path}: {ours!r} is read as {theirs!r}')

        ours = json.loads(pathlib.Path(sys.argv[2]).read_text())
        try:
            document = JsonLikeDictParser().parse(json.loads(pathlib.Path(sys.argv[2]).read_text()))
        except SPDXParsingError as error:
            print('\n'.join(error.messages))
            sys.exit()
        for message in validate_full_spdx_document(document, 'SPDX-2.3'):
            print(f'{message.context.spdx_id}: {message.validation_message}')
        theirs = DocumentConverter().convert(document)
        for package in theirs['packages']:
            for reference in package.get('externalRefs', []):
                # It writes an underscore, for which the schema has a hyphen.
                reference['referenceCategory'] = reference['referenceCategory'].replace('_', '-')
        compare([], ours, theirs)
        """;

    private static readonly string? Folder = Environment.GetEnvironmentVariable(Variable);

    /// <summary>Why it cannot judge here; null: it can.</summary>
    public static string? Missing { get; } =
        !Directory.Exists(Folder) ? $"{Variable} names no folder: source script/bill-judges"
        : !File.Exists("/usr/bin/jsonschema") ? "python3-jsonschema is not installed"
        : null;

    /// <summary>What is wrong with a document, a line for each fault.</summary>
    /// <param name="format">What <c>--format</c> takes: <c>spdx</c> or <c>cyclonedx</c>.</param>
    /// <param name="file">The document.</param>
    public static async Task<string> FaultsAsync(string format, string file)
    {
        ProcessStartInfo info = new(Python, ["-W", "ignore", "-X", "utf8", "-c", format == "spdx" ? Spdx : CycloneDx, Folder!, file]) { RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["PYTHONPATH"] = Folder;
        info.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var python = Process.Start(info)!;
        var failure = python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var faults = await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (python.ExitCode, await failure));
        return faults.Trim();
    }
}
