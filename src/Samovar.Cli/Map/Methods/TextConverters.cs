using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samovar.Cli.Map.Methods;

/// <summary>Writes values of the types that <see cref="LosslessTexts"/> formats: numbers as JSON numbers, all others as JSON strings.</summary>
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
            throw new NotSupportedException($"This converter writes {typeof(T)} values; it cannot read them.");

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
        {
            string text = _text(value);
            if (_isNumber && char.IsAsciiDigit(text[^1])) writer.WriteRawValue(text); // JSON has no number for NaN or Infinity
            else writer.WriteStringValue(text);
        }

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WritePropertyName(_text(value));
    }
}
