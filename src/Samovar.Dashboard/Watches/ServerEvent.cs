using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Samovar.Dashboard.Watches;

/// <summary>A server-sent event, encoded. All viewers share one. Immutable.</summary>
internal sealed class ServerEvent
{
    private ServerEvent(byte[] bytes, bool isPicture)
    {
        Bytes = bytes;
        IsPicture = isPicture;
    }

    /// <summary>The event as it is sent, with the empty line after it.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether it is a picture, which the next one replaces.</summary>
    public bool IsPicture { get; }

    /// <summary>The program's hello.</summary>
    public static ServerEvent Hello(byte[] line) => new(Encode("hello", null, line), isPicture: false);

    /// <summary>A picture of the program.</summary>
    public static ServerEvent Picture(long number, byte[] line) => new(Encode("picture", number, line), isPicture: true);

    /// <summary>The program has exited or was killed; the sentence names how.</summary>
    public static ServerEvent Ended(string text, DateTimeOffset at) => new(Encode("ended", null, State(text, at)), isPicture: false);

    /// <summary>The connection to the program was lost, and is tried again.</summary>
    public static ServerEvent Lost(string text, DateTimeOffset at) => new(Encode("lost", null, State(text, at)), isPicture: false);

    private static byte[] State(string text, DateTimeOffset at)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("text"u8, text);
            json.WriteNumber("at"u8, at.ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    // A line of the protocol has no line break, so that it is one data field.
    private static byte[] Encode(string name, long? id, byte[] data)
    {
        string number = id is { } value ? string.Create(CultureInfo.InvariantCulture, $"id: {value}\n") : "";
        return [.. Encoding.UTF8.GetBytes($"event: {name}\n{number}data: "), .. data, .. "\n\n"u8];
    }
}
