namespace Samovar.Cli.Map.Methods;

/// <summary>How a result is written.</summary>
internal enum ResultForm
{
    /// <summary>Text and numbers as they are, everything else as JSON.</summary>
    Text,

    /// <summary>Everything as JSON.</summary>
    Json,
}
