namespace Samovar.Cli.Map.Outputs;

/// <summary>The format in which results are written.</summary>
internal enum ResultFormat
{
    /// <summary>A line of text for each result.</summary>
    Text,

    /// <summary>A line of JSON for each result.</summary>
    Jsonl,

    /// <summary>CSV with a header, and a record for each result.</summary>
    Csv,

    /// <summary>Like <see cref="Csv"/>, with tabs between the fields.</summary>
    Tsv,
}
