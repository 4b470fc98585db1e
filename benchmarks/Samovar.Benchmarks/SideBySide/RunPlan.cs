namespace Samovar.Benchmarks.SideBySide;

/// <summary>How much of everything is done.</summary>
internal sealed record RunPlan
{
    /// <summary>Rounds a row; a round asks each side for one figure.</summary>
    public required int Rounds { get; init; }

    /// <summary>The share of the full work for one figure, 0 to 1.</summary>
    public required double Scale { get; init; }

    /// <summary>How long each side is measured without keeping the figures; one figure at least.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>How long a contestant may take for one figure.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>What differs in the contestants' environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>For all rows together: as it runs out rows have fewer rounds, one at least. Null for no end.</summary>
    public TimeSpan? Total { get; init; }

    /// <summary>Whether time is short: the first row of each family only, with the peers that are near the best.</summary>
    public bool IsQuick { get; init; }

    public static RunPlan Full { get; } = new() { Rounds = 7, Scale = 1, WarmUp = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromMinutes(1) };

    public static RunPlan Quick { get; } = new()
    {
        Rounds = 5,
        Scale = 0.25,
        WarmUp = TimeSpan.FromSeconds(0.25),
        Patience = TimeSpan.FromMinutes(1), // a protection against a contestant that hangs, also under load
        Total = TimeSpan.FromSeconds(46),
        IsQuick = true,
        // The compiler otherwise waits for a quiet tenth of a second before it counts calls, and a short warm-up has none.
        Environment = new Dictionary<string, string> { ["DOTNET_TC_CallCountingDelayMs"] = "0" },
    };

    /// <summary>Gets the requested rows: all, the quick ones, or those named, each by its own id or its family's.</summary>
    /// <exception cref="ArgumentException">There is no such row.</exception>
    public IReadOnlyList<Row> Choose(IReadOnlyList<Row> all, IReadOnlyList<string> only)
    {
        foreach (string id in only)
        {
            if (!all.Any(row => Has(row, id)))
                throw new ArgumentException($"There is no row {id}; there are {string.Join(", ", all.Select(static row => row.Id))}.");
        }

        // A part that is named is wanted, however short the time.
        return [.. all.Where(row => only.Count == 0 ? !IsQuick || row.IsQuick : only.Any(id => Has(row, id) && (!IsQuick || row.IsQuick || Same(row.Id, id))))];

        static bool Has(Row row, string id) => Same(row.Id, id) || Same(row.Family, id);
        static bool Same(string a, string b) => a.Equals(b, StringComparison.OrdinalIgnoreCase);
    }
}
