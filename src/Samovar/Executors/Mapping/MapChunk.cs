using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>The items of a <see cref="MapBatch{T, TResult}"/> with their work, in the form in which they are sent to a worker
/// process.</summary>
internal sealed class MapChunk<T, TResult>(ItemWork<T, TResult> work, T[] items, bool endsWithFirstError, TimeSpan patience, bool measures) : IItemWork
{
    /// <summary>The number of times that a chunk of many items reads the clock.</summary>
    private const int ClockLooks = 16;

    private readonly long _patience = patience.Ticks; // a number, whose code for sending it is precompiled

    Delegate IItemWork.Work => work.Work;

    int IItemWork.Count => items.Length;

    object? IItemWork.First => items.Length > 0 ? items[0] : null;

    /// <summary>Runs the items. A single item fails as a task does; with several, each item has its own outcome.</summary>
    public ItemsDone Run()
    {
        var task = RunningTask.Current!;
        var keeper = ItemKeeper.Current;
        keeper.Open();
        if (items.Length > 1) return RunMany(task, keeper);
        keeper.Begin();
        return keeper.KeepLast(work.Run(items[0], task));
    }

    /// <summary>Runs the single item of asynchronous work.</summary>
    public async Task<ItemsDone> RunAsync()
    {
        var keeper = ItemKeeper.Current;
        keeper.Open();
        keeper.Begin();
        var ended = work.Start(items[0], RunningTask.Current!);
        await ended.ConfigureAwait(true);
        return new LastItem<TResult>(work.ResultOf(ended)); // stored by its sender: an abandoned item must not write to the journal
    }

    private ItemsDone RunMany(Future task, ItemKeeper keeper)
    {
        long began = Stopwatch.GetTimestamp();
        var clock = new ItemClock(TimeProvider.System, began, measures);
        int stride = Math.Max(1, items.Length / ClockLooks);
        int untilLook = stride;
        int last = items.Length - 1;
        var elsewhere = keeper.Elsewhere<TResult>();
        var context = ExecutionContext.Capture();
        for (int i = 0; i <= last; i++)
        {
            // Changes that an item makes to the execution context must not be visible to the other items of its chunk.
            if (context is not null) ExecutionContext.Restore(context);
            keeper.Begin();
            TResult value;
            try
            {
                value = work.Run(items[i], task);
            }
            catch (Exception error)
            {
                // The item's own outcome; the other items continue unless the map stops at its first error.
                keeper.Fail(error);
                if (clock.IsOn) clock.Ended(i);
                if (endsWithFirstError) break;
                if (IsTimeToStop()) break;
                continue;
            }

            if (clock.IsOn) clock.Ended(i);
            if (i == last) return With(clock.Slowest, keeper.KeepLast(value));
            keeper.Keep(value, elsewhere);
            if (IsTimeToStop()) break;
        }

        return With(clock.Slowest, ItemsDone.AllKept);

        static ItemsDone With(SlowestOfChunk slowest, ItemsDone done)
        {
            if (!slowest.HasValue) return done;
            if (ReferenceEquals(done, ItemsDone.AllKept)) done = new ItemsDone(); // that instance is shared
            done.Slowest = slowest;
            return done;
        }

        bool IsTimeToStop()
        {
            if (--untilLook > 0) return false;
            untilLook = stride;
            return task.IsStopRequested || Stopwatch.GetElapsedTime(began).Ticks >= _patience;
        }
    }
}
