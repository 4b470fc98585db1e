using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Map.Methods;

/// <summary>Reads scalar values in JSON with the parsers of <see cref="TextValues"/>, from the content of a JSON string or the digits of a JSON
/// number.</summary>
/// <param name="ownTypes">Whether user-defined types that have a <c>Parse</c> method are read with it.</param>
internal sealed class ScalarConverters(bool ownTypes) : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert)
    {
        Type plain = Nullable.GetUnderlyingType(typeToConvert) ?? typeToConvert;
        return plain != typeof(string) && TextValues.IsScalar(plain) && (ownTypes || plain.IsEnum || TextValues.IsSystem(plain))
            && !plain.IsDefined(typeof(JsonConverterAttribute), inherit: false);
    }

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<T> : JsonConverter<T>
    {
        private static readonly Type s_plain = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        private static readonly bool s_isNumber = TextValues.IsNumber(s_plain) || s_plain.IsEnum;

        private readonly Func<string, T> _parse = TextValues.For<T>();

        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String => Parse(reader.GetString()!),
            JsonTokenType.Number when s_isNumber => Parse(Digits(ref reader)),
            JsonTokenType.True or JsonTokenType.False when s_plain == typeof(bool) => Parse(reader.GetBoolean() ? "true" : "false"),
            JsonTokenType.Null => default(T) is null ? default : throw new JsonException(), // the serializer adds its message and the path
            _ when !TextValues.IsSystem(s_plain) && !s_plain.IsEnum => JsonSerializer.Deserialize<T>(ref reader, ValueJson.Objects),
            _ => throw new JsonException($"expected a value of type {TypeText.Of(s_plain)}"),
        };

        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, ValueJson.Writing);

        private static string Digits(ref Utf8JsonReader reader) =>
            reader.HasValueSequence ? Encoding.UTF8.GetString(reader.ValueSequence) : Encoding.UTF8.GetString(reader.ValueSpan);

        private T Parse(string text)
        {
            try
            {
                return _parse(text);
            }
            catch (Exception e) when (e is not JsonException)
            {
                throw new JsonException(e.Message, e); // the serializer adds the path within the item
            }
        }
    }
}
