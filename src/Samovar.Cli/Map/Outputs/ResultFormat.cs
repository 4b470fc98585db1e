namespace Samovar.Cli.Map.Outputs;

/// <summary>What results are written as.</summary>
internal enum ResultFormat
{
    /// <summary>A line of text for each.</summary>
    Text,

    /// <summary>A line of JSON for each.</summary>
    Jsonl,

    /// <summary>A record of CSV for each, under a header.</summary>
    Csv,

    /// <summary>The same with tabs between the fields.</summary>
    Tsv,
}
