using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EksNode.Configuration.Text;
using EksNode.Host.Files;

namespace EksNode.Host.Engine;

/// <summary>
/// The JSON form of <see cref="AppliedState"/>. Keys are sorted, nothing in it depends on a clock: the same state has the same
/// bytes. Fields that this version does not know are an error, since they would be lost when it is written again.
/// </summary>
internal sealed class AppliedStateFormat
{
    private readonly StatePlace place;

    private AppliedStateFormat(StatePlace place) => this.place = place;

    private static readonly JsonWriterOptions indented = new() { Indented = true, NewLine = "\n" };

    /// <summary>The bytes of a state.</summary>
    public static byte[] Write(AppliedState state)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, indented))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", AppliedState.SchemaVersion);
            if (state.InstanceId is not null)
            {
                json.WriteString("instanceId", state.InstanceId);
            }

            json.WriteStartObject("files");
            foreach (var (path, record) in state.Files)
            {
                json.WriteStartObject(path);
                WriteIdentity(json, "written", record.Written);
                WriteIdentity(json, "intended", record.Intended);
                WriteIdentity(json, "original", record.Original);
                WriteNames(json, "restarts", record.Restarts);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartObject("hosts");
            foreach (var (name, record) in state.Hosts)
            {
                json.WriteStartObject(name);
                json.WriteString("path", record.Path);
                json.WriteBoolean("madeFile", record.MadeFile);
                if (record.EndedLine)
                {
                    json.WriteBoolean("endedLine", true);
                }

                if (record.Link is not null)
                {
                    json.WriteString("link", record.Link);
                }

                WriteNames(json, "restarts", record.Restarts);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartObject("sysctls");
            foreach (var (name, record) in state.Sysctls)
            {
                json.WriteStartObject(name);
                json.WriteString("original", record.Original);
                json.WriteString("written", record.Written);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartObject("directories");
            foreach (var (path, mode) in state.Directories)
            {
                json.WriteString(path, ObjectIdentity.FormatMode(mode));
            }

            json.WriteEndObject();
            WriteNames(json, "unsettled", state.Unsettled);
            WriteOwed(json, state.Owed);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    /// <summary>The state of some bytes.</summary>
    /// <exception cref="DiagnosticException">They are no state, or one of a newer eksnode.</exception>
    /// <param name="bytes">The bytes.</param>
    /// <param name="place">Where they are from.</param>
    public static AppliedState Read(ReadOnlyMemory<byte> bytes, StatePlace place) => new AppliedStateFormat(place).Read(bytes);

    private AppliedState Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return ReadState(document.RootElement);
        }
        catch (JsonException failure)
        {
            throw Malformed(string.Create(
                CultureInfo.InvariantCulture, $"it is not JSON at line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1}"));
        }
        catch (Exception failure) when (failure is InvalidOperationException or FormatException)
        {
            // JsonElement: a value of another type, or a number that is none.
            throw Malformed("a value has the wrong type");
        }
    }

    private AppliedState ReadState(JsonElement json)
    {
        Require(json.ValueKind == JsonValueKind.Object && json.TryGetProperty("schemaVersion", out _), "it has no schemaVersion");
        var version = json.GetProperty("schemaVersion").GetInt32();
        if (version > AppliedState.SchemaVersion)
        {
            throw new DiagnosticException(
                DiagnosticCatalogue.StateNewer,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{place.FilePath} has schema version {version}, and this eksnode knows versions up to {AppliedState.SchemaVersion}."),
                "Run the eksnode that wrote it, or a newer one.",
                path: place.FilePath);
        }

        Require(version >= 1, "its schemaVersion never existed");
        var state = AppliedState.Empty with { Place = place };
        foreach (var property in json.EnumerateObject())
        {
            state = property.Name switch
            {
                "schemaVersion" => state,
                "instanceId" => state with { InstanceId = property.Value.GetString() },
                "files" => state with { Files = ReadMap(property.Value, ReadFile) },
                "hosts" => state with { Hosts = ReadMap(property.Value, ReadHosts) },
                // Before version 3 no setting of the kernel was set.
                "sysctls" when version >= 3 => state with { Sysctls = ReadMap(property.Value, ReadSysctl) },
                "directories" => state with { Directories = ReadMap(property.Value, ReadMode) },
                "unsettled" => state with { Unsettled = ReadNames(property.Value) },
                // Version 1 had none: what a service owed was forgotten with the run that changed its files.
                "owed" when version >= 2 => state with { Owed = ReadMap(property.Value, ReadOwed) },
                _ => throw Unknown(property.Name),
            };
        }

        return state;
    }

    private static SortedMap<T> ReadMap<T>(JsonElement json, Func<JsonElement, T> read)
    {
        var map = SortedMap.CreateBuilder<T>();
        foreach (var property in json.EnumerateObject())
        {
            map[property.Name] = read(property.Value);
        }

        return map.ToImmutable();
    }

    private FileRecord ReadFile(JsonElement json)
    {
        ObjectIdentity? written = null;
        ObjectIdentity? intended = null;
        ObjectIdentity? original = null;
        ImmutableArray<string> restarts = [];
        foreach (var property in json.EnumerateObject())
        {
            switch (property.Name)
            {
                case "written":
                    written = ReadIdentity(property.Value);
                    break;
                case "intended":
                    intended = ReadIdentity(property.Value);
                    break;
                case "original":
                    original = ReadIdentity(property.Value);
                    break;
                case "restarts":
                    restarts = ReadNames(property.Value);
                    break;
                default:
                    throw Unknown(property.Name);
            }
        }

        Require(original is not null && (written is not null || intended is not null), "a file has no original, or nothing that was written");
        return new FileRecord { Written = written, Intended = intended, Original = original!, Restarts = restarts };
    }

    private SysctlRecord ReadSysctl(JsonElement json)
    {
        string? original = null;
        string? written = null;
        foreach (var property in json.EnumerateObject())
        {
            switch (property.Name)
            {
                case "original":
                    original = property.Value.GetString();
                    break;
                case "written":
                    written = property.Value.GetString();
                    break;
                default:
                    throw Unknown(property.Name);
            }
        }

        Require(original is not null && written is not null, "a kernel setting has no original, or nothing that was written");
        return new SysctlRecord(original!, written!);
    }

    private HostsRecord ReadHosts(JsonElement json)
    {
        string? path = null;
        var made = false;
        var ended = false;
        string? link = null;
        ImmutableArray<string> restarts = [];
        foreach (var property in json.EnumerateObject())
        {
            switch (property.Name)
            {
                case "path":
                    path = property.Value.GetString();
                    break;
                case "madeFile":
                    made = property.Value.GetBoolean();
                    break;
                case "endedLine":
                    ended = property.Value.GetBoolean();
                    break;
                case "link":
                    link = property.Value.GetString();
                    break;
                case "restarts":
                    restarts = ReadNames(property.Value);
                    break;
                default:
                    throw Unknown(property.Name);
            }
        }

        Require(path is not null, "a hosts entry has no path");
        return new HostsRecord(path!, made, restarts) { EndedLine = ended, Link = link };
    }

    private OwedRestart ReadOwed(JsonElement json)
    {
        string? boot = null;
        ImmutableArray<string> because = [];
        foreach (var property in json.EnumerateObject())
        {
            switch (property.Name)
            {
                case "boot":
                    boot = property.Value.GetString();
                    break;
                case "because":
                    because = ReadNames(property.Value);
                    break;
                default:
                    throw Unknown(property.Name);
            }
        }

        Require(!because.IsEmpty, "a restart is owed because of nothing");
        return new OwedRestart(because, boot);
    }

    private int ReadMode(JsonElement json)
    {
        var mode = ObjectIdentity.ParseMode(json.GetString());
        Require(mode is not null, "a mode is not four octal digits");
        return mode!.Value;
    }

    private ObjectIdentity ReadIdentity(JsonElement json)
    {
        var kind = json.TryGetProperty("kind", out var name) ? name.GetString() : null;
        switch (kind)
        {
            case "missing":
                return ObjectIdentity.Missing;
            case "symlink":
                return ObjectIdentity.Symlink(Text(json, "target"));
            case "file":
                var sha256 = Text(json, "sha256");
                Require(sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower), "a sha256 is not 64 hexadecimal digits");
                return ObjectIdentity.File(sha256, ReadMode(Value(json, "mode")), Value(json, "user").GetInt32(), Value(json, "group").GetInt32());
            default:
                throw Malformed($"`{kind}` is no kind of file");
        }
    }

    private string Text(JsonElement json, string name) => Value(json, name).GetString() ?? throw Malformed($"{name} is null");

    private JsonElement Value(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value : throw Malformed($"{name} is missing");

    private ImmutableArray<string> ReadNames(JsonElement json)
    {
        var names = new List<string>(json.GetArrayLength());
        foreach (var name in json.EnumerateArray())
        {
            names.Add(name.GetString() ?? throw Malformed("a name is null"));
        }

        return names.ToImmutable();
    }

    private static void WriteOwed(Utf8JsonWriter json, SortedMap<OwedRestart> owed)
    {
        if (owed.IsEmpty)
        {
            return;
        }

        json.WriteStartObject("owed");
        foreach (var (unit, restart) in owed)
        {
            json.WriteStartObject(unit);
            if (restart.Boot is not null)
            {
                json.WriteString("boot", restart.Boot);
            }

            WriteNames(json, "because", restart.Because);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteIdentity(Utf8JsonWriter json, string name, ObjectIdentity? identity)
    {
        if (identity is null)
        {
            return;
        }

        json.WriteStartObject(name);
        switch (identity.Kind)
        {
            case FileKind.File:
                json.WriteString("kind", "file");
                json.WriteString("sha256", identity.Sha256);
                json.WriteString("mode", identity.ModeText);
                json.WriteNumber("user", identity.User);
                json.WriteNumber("group", identity.Group);
                break;
            case FileKind.Symlink:
                json.WriteString("kind", "symlink");
                json.WriteString("target", identity.Target);
                break;
            case FileKind.Missing:
                json.WriteString("kind", "missing");
                break;
            default:
                throw new InvalidOperationException($"A {identity.Kind} is never written, nor replaced.");
        }

        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string name, IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var item in names)
        {
            json.WriteStringValue(item);
        }

        json.WriteEndArray();
    }

    private void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw Malformed(otherwise);
        }
    }

    private DiagnosticException Unknown(string name) => Malformed($"`{name}` is no field of it");

    private DiagnosticException Malformed(string why) => new(
        DiagnosticCatalogue.StateUnreadable,
        $"{place.FilePath}, the record of what eksnode wrote, cannot be understood: {why}.",
        "Put back a copy of the file, or run `eksnode join --policy enforce`: every file then counts as never written by eksnode, and its bytes are kept.",
        path: place.FilePath);
}
