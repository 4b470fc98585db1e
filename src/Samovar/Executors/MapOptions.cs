using System.Diagnostics.CodeAnalysis;
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

    /// <summary>Gets the cache that keeps the results of the items; null (the default) for none. An item whose result is there is not sent to a worker. The
    /// order and the outcomes are the same as without a cache.</summary>
    /// <remarks>
    /// <para>The keys are those of <c>executor.Cached</c> with <see cref="TaskOptions.Name"/> as the name, or "map" without one, and
    /// <see cref="CacheVersion"/>: both find the results of each other. Captured variables count as they are at the first <c>MoveNextAsync</c>.</para>
    /// <para>A result is stored when the enumeration returns it. Equal items that are in flight at the same time are each computed. Failures are not
    /// stored. Leaving the enumeration waits for a synchronous source that blocks in <c>MoveNext</c>.</para>
    /// <para>Not for <c>ForEachAsync</c>, which has no results.</para>
    /// </remarks>
    public ResultCache? Cache
    {
        get;
        [RequiresDynamicCode(CodeRequirements.Dynamic)]
        init;
    }

    /// <summary>Gets the version of the map's function, as <see cref="CachedOptions.Version"/> for <see cref="Cache"/>. The default is empty.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public string CacheVersion
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value, nameof(CacheVersion));
            field = value;
        }
    } = "";

    /// <summary>How <see cref="Cache"/> is used, a <see cref="Executors.Caching.MapCacheRules{T, TResult}"/>; null for the default.</summary>
    internal object? CacheRules { get; init; }
}
