namespace Samovar.Executors.Mapping;

/// <summary>The items of a map, from one of the two kinds of sequence.</summary>
internal readonly record struct MapSource<T>(IEnumerable<T>? Synchronous, IAsyncEnumerable<T>? Asynchronous);
