namespace Samovar.Cli.Map.Progress;

/// <summary>How a run shows what it does, on stderr.</summary>
internal enum ProgressKind
{
    /// <summary><see cref="Live"/> on a terminal, nothing elsewhere.</summary>
    Auto,

    None,

    /// <summary>A display that changes.</summary>
    Live,

    /// <summary>A line a second.</summary>
    Plain,

    /// <summary>A JSON object a second.</summary>
    Json,
}
