namespace Samovar.Executors.Mapping;

/// <summary>The items of a map, from either kind of sequence.</summary>
internal readonly record struct MapSource<T>(IEnumerable<T>? Synchronous, IAsyncEnumerable<T>? Asynchronous);
