namespace Samovar;

/// <summary>Describes a result in a <see cref="DiskResultCache"/>.</summary>
/// <param name="Key">The key.</param>
/// <param name="Name">The name of the function.</param>
/// <param name="Bytes">The size of the stored result, in bytes.</param>
/// <param name="Created">When it was computed.</param>
/// <param name="LastUsed">When it was used last. Processes write this from time to time, so a recent use may not be in it.</param>
public sealed record StoredResult(ResultCacheKey Key, string Name, long Bytes, DateTimeOffset Created, DateTimeOffset LastUsed);
