namespace Samovar.Benchmarks.SideBySide;

/// <summary>The extent of a run.</summary>
internal sealed record RunPlan
{
    /// <summary>The number of rounds of a row; a round requests a figure from each contestant.</summary>
    public required int Rounds { get; init; }

    /// <summary>The fraction of the full work for a figure, 0 to 1.</summary>
    public required double Scale { get; init; }

    /// <summary>How long each contestant is measured without keeping the figures; at least one figure.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>The timeout for a figure.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>Additional environment variables for the contestants.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The time for all rows together; when it runs short, rows have fewer rounds, but at least one. Null for no limit.</summary>
    public TimeSpan? Total { get; init; }

    /// <summary>Whether each row is measured again while other threads keep all processors busy.</summary>
    public bool IsBusyToo { get; init; }

    /// <summary>Whether to measure only the first row of each family, with the peers that are close to the best.</summary>
    public bool IsQuick { get; init; }

    public static RunPlan Full { get; } = new() { Rounds = 7, Scale = 1, WarmUp = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromMinutes(1) };

    public static RunPlan Quick { get; } = new()
    {
        Rounds = 5,
        Scale = 0.25,
        WarmUp = TimeSpan.FromSeconds(0.25),
        Patience = TimeSpan.FromMinutes(1), // only protects against a contestant that hangs, so it is long enough for a loaded machine
        Total = TimeSpan.FromSeconds(46),
        IsQuick = true,
        // By default, the runtime counts calls only after 100 ms without new methods, which a short warm-up does not have.
        Environment = new Dictionary<string, string> { ["DOTNET_TC_CallCountingDelayMs"] = "0" },
    };

    /// <summary>Gets the requested rows: all, the quick ones, or those named, each by its own id or its family's.</summary>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public IReadOnlyList<Row> Choose(IReadOnlyList<Row> all, IReadOnlyList<string> only)
    {
        foreach (string id in only)
        {
            if (!all.Any(row => Has(row, id)))
                throw new ArgumentException($"There is no row {id}. The rows are: {string.Join(", ", all.Select(static row => row.Id))}.");
        }

        // A part that is named by its own id is included even in a quick run.
        return [.. all.Where(row => only.Count == 0 ? !IsQuick || row.IsQuick : only.Any(id => Has(row, id) && (!IsQuick || row.IsQuick || Same(row.Id, id))))];

        static bool Has(Row row, string id) => Same(row.Id, id) || Same(row.Family, id);
        static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
    }
}
