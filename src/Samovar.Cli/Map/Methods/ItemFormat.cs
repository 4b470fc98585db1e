namespace Samovar.Cli.Map.Methods;

/// <summary>What the text of an item is.</summary>
internal enum ItemFormat
{
    /// <summary>The value itself, as a person writes it.</summary>
    Text,

    /// <summary>One JSON value.</summary>
    Json,

    /// <summary>A JSON object of a record's fields, which know no types: all are text, and empty ones null.</summary>
    Fields,
}
