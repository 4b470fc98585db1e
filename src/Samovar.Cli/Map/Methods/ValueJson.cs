using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Samovar.Cli.Map.Methods;

/// <summary>How values are read from JSON and written to it: names without regard to case, enums by name, scalar values as <see cref="TextValues"/> reads them.</summary>
internal static class ValueJson
{
    private static readonly Lazy<JsonSerializerOptions> s_reading = new(() => MakeReading(ownTypes: true));
    private static readonly Lazy<JsonSerializerOptions> s_fields = new(() => MakeReading(ownTypes: true, EmptyForNull));
    private static readonly Lazy<JsonSerializerOptions> s_objects = new(() => MakeReading(ownTypes: false));
    private static readonly Lazy<JsonSerializerOptions> s_declared = new(() => Make(isStrict: false, [], []));

    /// <summary>For what the tool writes: every value as what it is at run time, and as text where its properties would not hold it; what would be
    /// written in part is an <see cref="UnwritableResultException"/>.</summary>
    public static JsonSerializerOptions Writing { get; } = Make(
        isStrict: false, [new TextConverters(), new UnwritableTypes(), new RunTimeTypes()], [RunTimeTypes.AddDerived, UnwritableTypes.AddChecks]);

    /// <summary>As <see cref="Writing"/> without regard to run-time types, to look at a type's own properties.</summary>
    public static JsonSerializerOptions Declared => s_declared.Value;

    /// <summary>For items: nothing that is required may be missing, or null where its type knows no null, and no property may come twice.</summary>
    public static JsonSerializerOptions Reading => s_reading.Value;

    /// <summary>For items of <see cref="ItemFormat.Fields"/>: an empty field is an empty text where null is none.</summary>
    public static JsonSerializerOptions Fields => s_fields.Value;

    /// <summary>As <see cref="Reading"/>, where JSON has an object for a type that also has a <c>Parse</c>.</summary>
    public static JsonSerializerOptions Objects => s_objects.Value;

    private static JsonSerializerOptions MakeReading(bool ownTypes, params Action<JsonTypeInfo>[] modifiers) =>
        Make(isStrict: true, [new ScalarConverters(ownTypes)], modifiers);

    private static JsonSerializerOptions Make(bool isStrict, JsonConverter[] first, Action<JsonTypeInfo>[] modifiers)
    {
        var types = new DefaultJsonTypeInfoResolver();
        foreach (Action<JsonTypeInfo> modifier in modifiers) types.Modifiers.Add(modifier);
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            IncludeFields = true, // tuples have nothing else
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // the results go to files and pipes, not into web pages
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
