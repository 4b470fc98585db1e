using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Map.Methods;

/// <summary>Writes the values of <see cref="LosslessTexts"/> to JSON: as a string, or as a number where that is what they are.</summary>
internal sealed class TextConverters : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        !typeToConvert.IsDefined(typeof(JsonConverterAttribute), inherit: false) && LosslessTexts.For(typeToConvert) is not null;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<T> : JsonConverter<T>
        where T : notnull
    {
        private readonly Func<object, string> _text = LosslessTexts.For(typeof(T))!;
        private readonly bool _isNumber = TextValues.IsNumber(typeof(T));

        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException($"{typeof(T)} is only written here.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            string text = _text(value);
            if (_isNumber && char.IsAsciiDigit(text[^1])) writer.WriteRawValue(text); // NaN and Infinity are no numbers of JSON
            else writer.WriteStringValue(text);
        }

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(_text(value));
    }
}
