namespace Samovar.Executors.Mapping;

/// <summary>One run of a map, as its reader sees it.</summary>
internal interface IMapBatches<T, TResult>
{
    /// <summary>The next batch that has ended; null at the end.</summary>
    ValueTask<MapBatch<T, TResult>?> NextAsync();

    /// <summary>Says that a batch was read; before the next one is asked for.</summary>
    void HasRead(MapBatch<T, TResult> batch);

    /// <summary>Ends the run; called once. Completes when none of its items runs any more. Throws no error of the source or of an item.</summary>
    ValueTask StopAsync();
}
