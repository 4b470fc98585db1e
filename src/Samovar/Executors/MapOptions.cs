using Samovar.Primitives;

namespace Samovar;

/// <summary>The options of <c>Map</c>, <c>MapOutcomes</c> and <c>ForEachAsync</c>. The members of <see cref="TaskOptions"/> apply to each
/// item, the others to the whole map. Immutable.</summary>
public sealed record MapOptions : TaskOptions
{
    internal static new MapOptions Default { get; } = new();

    /// <summary>Gets whether results are returned in the order of the source (true, the default) or in the order in which items
    /// complete.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>Gets the maximum number of items in flight: taken from the source and not yet returned by the enumeration. At least 1; null
    /// (the default) for as many as keep the workers busy, which is four batches for each worker.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? MaxInFlight
    {
        get;
        init
        {
            if (value is { } items) ArgumentOutOfRangeException.ThrowIfLessThan(items, 1, nameof(MaxInFlight));
            field = value;
        }
    }

    /// <summary>Gets the maximum number of items in a batch, which a worker receives at once. At least 1; null (the default) to adapt the
    /// size to the duration of the items, so that a batch runs for about 0.1 ms (1 ms in another process) and longer items run in a batch
    /// of their own.</summary>
    /// <remarks>Asynchronous items and items with a <see cref="TaskOptions.Timeout"/> or a <see cref="TaskOptions.Retry"/> always run in a
    /// batch of their own. A batch that turns out to be slow returns the items that it has not started. The time that a worker needs to
    /// deserialize what the work captured is not counted.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? BatchSize
    {
        get;
        init
        {
            if (value is { } items) ArgumentOutOfRangeException.ThrowIfLessThan(items, 1, nameof(BatchSize));
            field = value;
        }
    }

    /// <summary>Gets the timeout of the whole map, counted from the first <c>MoveNextAsync</c>. When it expires, the results of completed
    /// items are still returned; then <see cref="TimeoutException"/> is thrown and all other items are cancelled. More than zero; null (the
    /// default) or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, or exceeds the range of a timer (about 49
    /// days).</exception>
    public TimeSpan? TotalTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(TotalTimeout));
    }

    /// <summary>Gets the progress of the whole map: how many items have completed, how many a second, how long the rest takes, and the slowest items.
    /// The default is null: nothing is measured. <see cref="TaskOptions.Progress"/>, by contrast, gets what the work of each item reports.</summary>
    public MapProgress? TotalProgress { get; init; }
}
