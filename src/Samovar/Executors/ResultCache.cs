using System.Diagnostics.CodeAnalysis;
using Samovar.Executors.Caching;

namespace Samovar;

/// <summary>Keeps results of functions, so that a call with an equal argument is not computed again. <c>DiskResultCache</c>, in the package
/// <c>Samovar.Cache</c>, keeps them in files; derive from this class to keep them elsewhere.</summary>
/// <remarks>
/// <para>All members are thread-safe, and those of a derived class must be.</para>
/// <para>A cache never fails a call. If it cannot read or store a result, the result is computed, and <see cref="Failed"/> says why.</para>
/// </remarks>
public abstract class ResultCache
{
    private long _hits;
    private long _misses;
    private long _shared;
    private long _failures;

    /// <summary>Occurs when a result could not be read or stored. Handlers run on the thread of the call and should return quickly.</summary>
    public event Action<ResultCacheFailure>? Failed;

    /// <summary>The calls that are under way.</summary>
    internal PendingCalls Pending { get; } = new();

    /// <summary>Looks up a result.</summary>
    /// <param name="key">The key.</param>
    /// <param name="result">The bytes that were stored; null if the cache has no such result.</param>
    /// <returns>Whether the result is there.</returns>
    /// <remarks>An exception counts as a miss, and is reported through <see cref="Failed"/>.</remarks>
    public abstract bool TryGet(ResultCacheKey key, [NotNullWhen(true)] out byte[]? result);

    /// <summary>Stores a result, in the place of an earlier one with the same key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="name">The name of the function, for lists.</param>
    /// <param name="result">The bytes to store.</param>
    /// <remarks>The cache may drop the result at any time. An exception is reported through <see cref="Failed"/>.</remarks>
    public abstract void Set(ResultCacheKey key, string name, ReadOnlySpan<byte> result);

    /// <summary>Removes a result, if it is there.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether it was there.</returns>
    public abstract bool Remove(ResultCacheKey key);

    /// <summary>Returns a snapshot of the counters of this object.</summary>
    /// <returns>An immutable snapshot.</returns>
    public ResultCacheStatistics GetStatistics() => new()
    {
        Hits = Volatile.Read(ref _hits),
        Misses = Volatile.Read(ref _misses),
        Shared = Volatile.Read(ref _shared),
        Failures = Volatile.Read(ref _failures),
    };

    /// <summary>Raises <see cref="Failed"/>. A handler that throws is ignored.</summary>
    /// <param name="failure">What happened.</param>
    protected internal void ReportFailure(ResultCacheFailure failure)
    {
        Interlocked.Increment(ref _failures);
        try
        {
            Failed?.Invoke(failure);
        }
        catch (Exception)
        {
            // The handler belongs to the program. Its error must not fail the call, which needs no cache, and the failure itself was counted.
        }
    }

    internal void CountHit() => Interlocked.Increment(ref _hits);

    internal void CountMiss() => Interlocked.Increment(ref _misses);

    internal void CountShared() => Interlocked.Increment(ref _shared);
}
