using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Samovar.Cli.Map.Methods;

/// <summary>JSON serializer options for items and results. Property names are case-insensitive, enums are written by name, and scalar values are
/// read with the parsers of <see cref="TextValues"/>.</summary>
internal static class ValueJson
{
    private static readonly Lazy<JsonSerializerOptions> s_reading = new(() => MakeReading(ownTypes: true));
    private static readonly Lazy<JsonSerializerOptions> s_fields = new(() => MakeReading(ownTypes: true, EmptyForNull));
    private static readonly Lazy<JsonSerializerOptions> s_objects = new(() => MakeReading(ownTypes: false));
    private static readonly Lazy<JsonSerializerOptions> s_declared = new(() => Make(isStrict: false, [], []));

    /// <summary>Options for results. Values are written by their run-time type, or as text if their properties do not hold the complete value. A
    /// value that would be written incompletely causes an <see cref="UnwritableResultException"/>.</summary>
    public static JsonSerializerOptions Writing { get; } = Make(
        isStrict: false, [new TextConverters(), new UnwritableTypes(), new RunTimeTypes()], [RunTimeTypes.AddDerived, UnwritableTypes.AddChecks]);

    /// <summary>Options for inspecting a declared type's properties: <see cref="Writing"/> without its converters and run-time checks.</summary>
    public static JsonSerializerOptions Declared => s_declared.Value;

    /// <summary>Options for items. A missing required property, null for a non-nullable property, and a duplicate property are errors.</summary>
    public static JsonSerializerOptions Reading => s_reading.Value;

    /// <summary>Options for items of <see cref="ItemFormat.Fields"/>. An empty field for a non-nullable string is read as an empty string.</summary>
    public static JsonSerializerOptions Fields => s_fields.Value;

    /// <summary>Like <see cref="Reading"/>, but reads a user-defined type that has a <c>Parse</c> method from a JSON object.</summary>
    public static JsonSerializerOptions Objects => s_objects.Value;

    private static JsonSerializerOptions MakeReading(bool ownTypes, params Action<JsonTypeInfo>[] modifiers) =>
        Make(isStrict: true, [new ScalarConverters(ownTypes)], modifiers);

    private static JsonSerializerOptions Make(bool isStrict, JsonConverter[] first, Action<JsonTypeInfo>[] modifiers)
    {
        var types = new DefaultJsonTypeInfoResolver();
        foreach (Action<JsonTypeInfo> modifier in modifiers) types.Modifiers.Add(modifier);
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            IncludeFields = true, // tuples have only fields
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // results go to files and pipes, not to web pages
            NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.AllowNamedFloatingPointLiterals,
            RespectRequiredConstructorParameters = isStrict,
            RespectNullableAnnotations = isStrict,
            AllowDuplicateProperties = !isStrict,
            TypeInfoResolver = types,
        };
        foreach (JsonConverter converter in (JsonConverter[])[.. first, new JsonStringEnumConverter(), new FileConverter(), new DirectoryConverter()])
            options.Converters.Add(converter);
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
