using System.Text.Json;

namespace Samovar.Dashboard.Watches;

/// <summary>Reads the kind of a line, and its number.</summary>
internal static class LineReading
{
    /// <summary>Reads which member identifies a line, and the number that it has there. The line is untrusted.</summary>
    /// <exception cref="InvalidDataException">The line is not a JSON object.</exception>
    public static (LineKind Kind, long Number) Identify(ReadOnlySpan<byte> line)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) throw new InvalidDataException("a line is not a JSON object");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var kind = json.ValueTextEquals("picture"u8) ? LineKind.Picture
                    : json.ValueTextEquals("reply"u8) ? LineKind.Reply
                    : json.ValueTextEquals("samovar"u8) ? LineKind.Hello
                    : json.ValueTextEquals("end"u8) ? LineKind.End
                    : LineKind.Unknown;
                json.Read();
                if (kind != LineKind.Unknown && json.TokenType == JsonTokenType.Number && json.TryGetInt64(out long number)) return (kind, number);
                json.Skip();
            }

            return (LineKind.Unknown, 0);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException("a line is not valid JSON", error);
        }
    }
}
