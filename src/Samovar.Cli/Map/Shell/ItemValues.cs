using System.Globalization;
using System.Text.Json;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Methods;

namespace Samovar.Cli.Map.Shell;

/// <summary>The values of one item that replace the placeholders.</summary>
internal sealed class ItemValues
{
    private readonly InputItem _item;
    private readonly ItemShape _shape;
    private readonly int _slot;
    private readonly Dictionary<string, string>? _fields; // of a record; null for other items
    private readonly string[]? _columns; // of a line that is split

    /// <exception cref="MalformedItemException">The item's text is not valid.</exception>
    public ItemValues(InputItem item, ItemShape shape, int slot)
    {
        _item = item;
        _shape = shape;
        _slot = slot;
        Whole = item.Text;
        if (shape.Form == ItemFormat.Text)
        {
            if (shape.Separator is { } separator) _columns = separator.Split(item.Text);
            return;
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(item.Text);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                _fields = new(StringComparer.Ordinal);
                foreach (JsonProperty property in json.RootElement.EnumerateObject()) _fields[property.Name] = TextOf(property.Value);
                if (shape.Form == ItemFormat.Fields && _fields.Count == 1) Whole = _fields.Values.First();
            }
            else
            {
                Whole = TextOf(json.RootElement);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new MalformedItemException($"it is not valid JSON: {e.Message}", e); // InvalidOperationException: a string with half a surrogate pair
        }
    }

    /// <summary>The text of the whole item.</summary>
    public string Whole { get; }

    /// <summary>The text by which --tag names the item: its columns, separated by tabs, without line breaks.</summary>
    public string Tag
    {
        get
        {
            string text = _shape.Form == ItemFormat.Fields && _fields is not null ? string.Join('\t', _fields.Values)
                : _columns is not null ? string.Join('\t', _columns)
                : Whole;
            return text.AsSpan().IndexOfAny('\n', '\r') < 0 ? text : text.Replace('\n', ' ').Replace('\r', ' ');
        }
    }

    /// <exception cref="MalformedItemException">The item does not have the value.</exception>
    public string Get(Placeholder placeholder) => placeholder.Kind switch
    {
        PlaceholderKind.Number => _item.Number.ToString(CultureInfo.InvariantCulture),
        PlaceholderKind.Slot => _slot.ToString(CultureInfo.InvariantCulture),
        PlaceholderKind.Column => PathParts.Of(Column(placeholder.Column!), placeholder.Part),
        _ => PathParts.Of(Whole, placeholder.Part),
    };

    private string Column(string name)
    {
        if (_columns is not null)
        {
            int number = int.Parse(name, CultureInfo.InvariantCulture);
            return number <= _columns.Length ? _columns[number - 1]
                : throw new MalformedItemException(string.Create(CultureInfo.InvariantCulture, $"it has {_columns.Length} columns, and the command uses column {number}"), null);
        }

        return _fields is null ? throw new MalformedItemException($"it is no JSON object, and the command uses the property {name}", null)
            : _fields.TryGetValue(name, out string? value) ? value
            : throw new MalformedItemException($"it has no property '{name}'; it has {string.Join(", ", _fields.Keys)}", null);
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        _ => value.GetRawText(),
    };
}
