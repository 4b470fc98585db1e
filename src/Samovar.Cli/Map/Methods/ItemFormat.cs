namespace Samovar.Cli.Map.Methods;

/// <summary>The format of an item's text.</summary>
internal enum ItemFormat
{
    /// <summary>The plain text of the value, as on a line or the command line.</summary>
    Text,

    /// <summary>One JSON value.</summary>
    Json,

    /// <summary>A JSON object with the fields of a CSV record. Fields are untyped: each value is a string, or null if the field is empty.</summary>
    Fields,
}
