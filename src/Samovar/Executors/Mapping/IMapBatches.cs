namespace Samovar.Executors.Mapping;

/// <summary>One run of a map, from the reader's point of view.</summary>
internal interface IMapBatches<T, TResult>
{
    /// <summary>Returns the next completed batch; null at the end.</summary>
    ValueTask<MapBatch<T, TResult>?> NextAsync();

    /// <summary>Reports that a batch was read. Called before the next batch is requested.</summary>
    void HasRead(MapBatch<T, TResult> batch);

    /// <summary>Stops the run; called once. Completes when no item runs any more. Throws no errors of the source or of an item.</summary>
    ValueTask StopAsync();
}
