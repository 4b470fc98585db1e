namespace Samovar.Executors.Mapping;

/// <summary>How many items of a batch have which outcome.</summary>
internal readonly record struct MapBatchCounts(int Succeeded, int Failed, int Canceled);
