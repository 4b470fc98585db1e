using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Map.Methods;

/// <summary>How values are read from JSON and written to it: names without regard to case, enums by name, numbers also in quotes.</summary>
internal static class ValueJson
{
    public static JsonSerializerOptions Options { get; } = Make();

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Converters = { new JsonStringEnumConverter(), new QuotedBoolean(), new FileConverter(), new DirectoryConverter() },
            IncludeFields = true, // tuples have nothing else
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // the results go to files and pipes, not into web pages
            RespectRequiredConstructorParameters = true,
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    // The fields of CSV are text.
    private sealed class QuotedBoolean : JsonConverter<bool>
    {
        public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String when bool.TryParse(reader.GetString(), out bool value) => value,
            JsonTokenType.String when reader.GetString() is "0" or "1" => reader.GetString() == "1",
            JsonTokenType.True or JsonTokenType.False => reader.GetBoolean(),
            _ => throw new JsonException("true or false was expected"),
        };

        public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
    }

    private sealed class FileConverter : JsonConverter<FileInfo>
    {
        public override FileInfo Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, FileInfo value, JsonSerializerOptions options) => writer.WriteStringValue(value.FullName);
    }

    private sealed class DirectoryConverter : JsonConverter<DirectoryInfo>
    {
        public override DirectoryInfo Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, DirectoryInfo value, JsonSerializerOptions options) => writer.WriteStringValue(value.FullName);
    }
}
