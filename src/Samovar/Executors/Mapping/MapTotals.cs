using Samovar.Diagnostics.Inspection;

namespace Samovar.Executors.Mapping;

/// <summary>The sums over several runs of maps. Not thread-safe.</summary>
internal sealed class MapTotals
{
    private bool _hasBegun;

    public long Succeeded { get; private set; }

    public long Failed { get; private set; }

    public long Canceled { get; private set; }

    public long Retries { get; private set; }

    public long Completed => Succeeded + Failed + Canceled;

    /// <summary>The sum of the counts of the sources; null if one of them is not known, or if no map has begun.</summary>
    public long? Total { get; private set; }

    public IReadOnlyList<MeasuredItem> Slowest { get; set; } = [];

    /// <summary>The workers, by name.</summary>
    public Dictionary<string, MapWorkerInsights> Workers { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds the items of a run.</summary>
    public void Add(MapTally run)
    {
        Succeeded += run.Succeeded;
        Failed += run.Failed;
        Canceled += run.Canceled;
        Retries += run.Retries;
    }

    /// <summary>Adds the count of a source; null if it is not known.</summary>
    public void AddTotal(long? count)
    {
        Total = _hasBegun ? Total + count : count;
        _hasBegun = true;
    }

    /// <summary>Adds the time of a worker.</summary>
    public void Add(MapWorkerInsights worker) =>
        Workers[worker.Name] = Workers.TryGetValue(worker.Name, out var before) ? before.Plus(worker) : worker;

    /// <summary>Returns a copy, without the workers.</summary>
    public MapTotals Copy() => new()
    {
        Succeeded = Succeeded,
        Failed = Failed,
        Canceled = Canceled,
        Retries = Retries,
        Slowest = Slowest,
    };
}
