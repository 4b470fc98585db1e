namespace Samovar.Executors.Caching;

/// <summary>How a map uses its cache, where the default does not fit: <c>samovar map</c>, whose items and results are not those of the user's method.</summary>
/// <param name="Name">The name with which results are stored.</param>
/// <param name="KeyOf">Returns the key of an item; null for an item whose result is not kept.</param>
/// <param name="Keep">Returns whether a result is stored, and in which form.</param>
/// <param name="Restore">Returns a stored result as that of an item.</param>
internal sealed record MapCacheRules<T, TResult>(string Name, Func<T, ResultCacheKey?> KeyOf, Func<TResult, (bool IsKept, TResult Result)> Keep, Func<T, TResult, TResult> Restore);
