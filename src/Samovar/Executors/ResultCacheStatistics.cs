namespace Samovar;

/// <summary>A snapshot of what a <see cref="ResultCache"/> was used for by this process. Immutable.</summary>
public sealed record ResultCacheStatistics
{
    /// <summary>Gets the number of calls whose result was in the cache.</summary>
    public long Hits { get; init; }

    /// <summary>Gets the number of calls whose result was not in the cache.</summary>
    public long Misses { get; init; }

    /// <summary>Gets the number of calls that waited for an equal call which was under way, instead of computing the result too. They are counted in
    /// <see cref="Misses"/> as well.</summary>
    public long Shared { get; init; }

    /// <summary>Gets the number of failures that were reported through <see cref="ResultCache.Failed"/>.</summary>
    public long Failures { get; init; }
}
