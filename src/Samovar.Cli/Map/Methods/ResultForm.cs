namespace Samovar.Cli.Map.Methods;

/// <summary>The format in which results are written.</summary>
internal enum ResultForm
{
    /// <summary>Values with a complete text (strings, numbers, times and others) as plain text, all other values as JSON.</summary>
    Text,

    /// <summary>All values as JSON.</summary>
    Json,
}
