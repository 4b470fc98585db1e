using Samovar.Primitives;

namespace Samovar;

/// <summary>How a map is to be run: what <see cref="TaskOptions"/> say holds for each item, the rest for the map. Immutable.</summary>
public sealed record MapOptions : TaskOptions
{
    internal static new MapOptions Default { get; } = new();

    /// <summary>Whether results come in the order of the source (true, the default) or as items end.</summary>
    public bool Ordered { get; init; } = true;

    /// <summary>How many items may be under way: taken from the source and not yet given to the loop. At least 1; null (the
    /// default) for as many as keep the workers busy: four batches for each worker.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? MaxInFlight
    {
        get;
        init
        {
            if (value is { } items) ArgumentOutOfRangeException.ThrowIfLessThan(items, 1, nameof(MaxInFlight));
            field = value;
        }
    }

    /// <summary>How many items a worker gets at once, at most. At least 1; null (the default) to adapt to how long items take, so
    /// that a batch runs for about a tenth of a millisecond, a whole one in another process, and items that take longer travel
    /// alone.</summary>
    /// <remarks>Items with a <see cref="TaskOptions.Timeout"/> or a <see cref="TaskOptions.Retry"/>, and asynchronous ones, always
    /// travel alone. A batch that turns out slow gives back the items it has not begun. The time a worker takes to read what the work captured does not
    /// count.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int? BatchSize
    {
        get;
        init
        {
            if (value is { } items) ArgumentOutOfRangeException.ThrowIfLessThan(items, 1, nameof(BatchSize));
            field = value;
        }
    }

    /// <summary>How long the whole map may take, from the first step of the loop. When it is over, what has ended is still
    /// given, then <see cref="TimeoutException"/> is thrown and the rest cancelled. More than zero; null (the default) or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero, negative, or beyond what a timer can hold (about 49 days).</exception>
    public TimeSpan? TotalTimeout
    {
        get;
        init => field = TimeoutArguments.RequireLimit(value, nameof(TotalTimeout));
    }
}
