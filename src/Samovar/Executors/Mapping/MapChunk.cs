using System.Diagnostics;

namespace Samovar;

/// <summary>The items of a <see cref="MapBatch{T, TResult}"/> with their work, as they travel to a worker elsewhere.</summary>
internal sealed class MapChunk<T, TResult>(ItemWork<T, TResult> work, T[] items, bool endsWithFirstError, TimeSpan patience)
{
    /// <summary>How often a chunk of many items looks at the clock.</summary>
    private const int ClockLooks = 16;

    /// <summary>Runs the items. A single one fails as a task does; of several each has an outcome.</summary>
    public MapChunkResult<TResult> Run()
    {
        var task = RunningTask.Current!;
        return items.Length == 1 ? new MapChunkResult<TResult>([work.Run(items[0], task)]) : RunMany(task);
    }

    /// <summary>Runs the one item of asynchronous work.</summary>
    public async Task<MapChunkResult<TResult>> RunAsync()
    {
        var ended = work.Start(items[0], RunningTask.Current!);
        await ended.ConfigureAwait(true);
        return new MapChunkResult<TResult>([work.ResultOf(ended)]);
    }

    private MapChunkResult<TResult> RunMany(Future task)
    {
        long began = Stopwatch.GetTimestamp();
        int stride = Math.Max(1, items.Length / ClockLooks);
        int untilLook = stride;
        var values = new TResult[items.Length];
        List<(int Index, Exception Error)>? errors = null;
        int ran = 0;
        bool goesOn = true;
        var context = ExecutionContext.Capture();
        while (goesOn && ran < values.Length)
        {
            // What an item puts into the context must not depend on who travels with it.
            if (context is not null) ExecutionContext.Restore(context);
            try
            {
                values[ran] = work.Run(items[ran], task);
            }
            catch (Exception error)
            {
                // The item's own outcome; its neighbours go on unless the map ends with its first error.
                (errors ??= []).Add((ran, error));
                goesOn = !endsWithFirstError;
            }

            ran++;
            if (--untilLook > 0) continue;
            untilLook = stride;
            goesOn &= !task.IsStopRequested && Stopwatch.GetElapsedTime(began) < patience;
        }

        return new MapChunkResult<TResult>(ran == values.Length ? values : values[..ran], errors?.ToArray());
    }
}
