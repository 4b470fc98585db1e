namespace Samovar.Cli.Map.Progress;

/// <summary>How a run shows its progress on stderr.</summary>
internal enum ProgressKind
{
    /// <summary><see cref="Live"/> on a terminal, otherwise <see cref="None"/>.</summary>
    Auto,

    None,

    /// <summary>A display that is redrawn in place.</summary>
    Live,

    /// <summary>A line of text per second.</summary>
    Plain,

    /// <summary>A JSON object per second.</summary>
    Json,
}
