using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Samovar.Cache.Tests;

/// <summary>A cache in memory, which can be made to fail.</summary>
internal sealed class MemoryResultCache : ResultCache
{
    public ConcurrentDictionary<ResultCacheKey, byte[]> Stored { get; } = new();

    public bool Fails { get; set; }

    /// <summary>What <see cref="Set"/> throws if the cache fails.</summary>
    public Exception SetError { get; set; } = new IOException("no room");

    public override bool TryGet(ResultCacheKey key, [NotNullWhen(true)] out byte[]? result)
    {
        if (Fails) throw new IOException("no look-ups");
        return Stored.TryGetValue(key, out result);
    }

    public override void Set(ResultCacheKey key, string name, ReadOnlySpan<byte> result)
    {
        if (Fails) throw SetError;
        Stored[key] = result.ToArray();
    }

    public override bool Remove(ResultCacheKey key) => Stored.TryRemove(key, out _);
}
