using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Samovar.Cli.Map.Methods;

/// <summary>How values are read from JSON and written to it: names without regard to case, enums by name, numbers also in quotes.</summary>
internal static class ValueJson
{
    private static readonly Lazy<JsonSerializerOptions> s_reading = new(() => Make(isStrict: true));
    private static readonly Lazy<JsonSerializerOptions> s_fields = new(() => Make(isStrict: true, EmptyForNull));

    /// <summary>For what the tool writes.</summary>
    public static JsonSerializerOptions Writing { get; } = Make(isStrict: false);

    /// <summary>For items: nothing that is required may be missing, or null where its type knows no null.</summary>
    public static JsonSerializerOptions Reading => s_reading.Value;

    /// <summary>For items of <see cref="ItemForm.Fields"/>: an empty field is an empty text where null is none.</summary>
    public static JsonSerializerOptions Fields => s_fields.Value;

    private static JsonSerializerOptions Make(bool isStrict, params Action<JsonTypeInfo>[] modifiers)
    {
        var types = new DefaultJsonTypeInfoResolver();
        foreach (Action<JsonTypeInfo> modifier in modifiers) types.Modifiers.Add(modifier);
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            Converters = { new JsonStringEnumConverter(), new QuotedBoolean(), new FileConverter(), new DirectoryConverter() },
            IncludeFields = true, // tuples have nothing else
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // the results go to files and pipes, not into web pages
            NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals,
            RespectRequiredConstructorParameters = isStrict,
            RespectNullableAnnotations = isStrict,
            TypeInfoResolver = types,
        };
        options.MakeReadOnly();
        return options;
    }

    private static void EmptyForNull(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
        {
            if (property.PropertyType == typeof(string) && !property.IsSetNullable) property.CustomConverter = new EmptyText();
        }
    }

    private sealed class EmptyText : JsonConverter<string>
    {
        public override bool HandleNull => true;

        public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString() ?? "";

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
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
