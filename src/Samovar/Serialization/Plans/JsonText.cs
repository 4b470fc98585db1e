using System.Text.Json;
using System.Text.Json.Nodes;
using Samovar.Serialization.Wire;

namespace Samovar.Serialization.Plans;

/// <summary>JSON values, written as JSON text. A node that is part of a larger tree arrives as the root of a new tree.</summary>
internal static class JsonText
{
    private static readonly JsonDocumentOptions deep = new() { MaxDepth = 1000 };
    private static readonly JsonSerializerOptions deepText = new() { MaxDepth = 1000 };

    public static void WriteDocument(GraphWriter writer, JsonDocument document) => writer.WriteString(document.RootElement.GetRawText());

    public static JsonDocument ReadDocument(GraphReader reader) => JsonDocument.Parse(reader.ReadText(), deep);

    public static void Write(GraphWriter writer, JsonNode node)
    {
        writer.WriteByte(node.Options is { PropertyNameCaseInsensitive: true } ? (byte)1 : (byte)0);
        writer.WriteString(node.ToJsonString(deepText));
    }

    public static JsonNode Read(GraphReader reader)
    {
        var options = new JsonNodeOptions { PropertyNameCaseInsensitive = reader.ReadByte() != 0 };
        return JsonNode.Parse(reader.ReadText(), options, deep) ?? throw reader.Bad("A JSON node is null");
    }

    public static void WriteElement(GraphWriter writer, JsonElement element) =>
        writer.WriteString(element.ValueKind == JsonValueKind.Undefined ? null : element.GetRawText());

    public static JsonElement ReadElement(GraphReader reader)
    {
        if (reader.ReadString() is not { } text) return default;
        using var document = JsonDocument.Parse(text, deep);
        return document.RootElement.Clone();
    }
}
