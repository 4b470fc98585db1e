using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>What stays the same over one run of a map.</summary>
/// <param name="Executor">Held so that an executor nobody else holds goes on until the map has ended.</param>
/// <param name="Work">What is run for each item.</param>
/// <param name="Options">How.</param>
/// <param name="EndsWithFirstError">Whether the reader stops at the first error.</param>
internal sealed record MapPlan<T, TResult>(Executor Executor, ItemWork<T, TResult> Work, MapOptions Options, bool EndsWithFirstError)
{
    public ExecutorCore Core => Executor.Core;

    /// <summary>No batch is larger, so that none is a long wait for a reader that wants its first item.</summary>
    public const int LargestBatch = 4096;

    /// <summary>A batch that has run for so long gives back what it has not begun.</summary>
    public TimeSpan Patience { get; } = Executor.Core.BatchDuration * 8;

    /// <summary>The work as the executor has taken it for all batches; null where it travels with none, or with each.</summary>
    public ExecutorSharedWork? Shared { get; private set; }

    /// <summary>Takes the work, and what it captured, as it is now.</summary>
    public void TakeWork() =>
        Shared = Core.Remote?.Share(Work.Work, RuntimeHelpers.IsReferenceOrContainsReferences<T>() && typeof(T) != typeof(string));

    private int _setbacks; // workers in a row that died before they had begun an item

    /// <summary>A worker died before it had begun any item of its batch. False: that has happened so often in a row that the work itself is
    /// likely to be what ends workers, by being read.</summary>
    public bool MayTryAgain() => Interlocked.Increment(ref _setbacks) <= 2 * Core.Parallelism + 1;

    /// <summary>An item has begun.</summary>
    public void HasProgressed()
    {
        if (Volatile.Read(ref _setbacks) != 0) Interlocked.Exchange(ref _setbacks, 0);
    }

    /// <summary>The context the loop was begun in; every item runs in it.</summary>
    public ExecutionContext? Context { get; } = ExecutionContext.Capture();

    /// <summary>The activity the loop was begun under; batches are submitted wherever they are pulled.</summary>
    public Activity? Activity { get; } = ExecutionContext.IsFlowSuppressed() ? null : Activity.Current;

    /// <summary>The cultures the loop was begun under.</summary>
    public CulturePair? Cultures { get; } = CulturePair.Flowing;

    /// <summary>The event loop in virtual time whose code begins the loop over the map: it is told of each batch, wherever that is submitted. Not of the
    /// whole run, since its clock must go on while the reader sleeps between two results.</summary>
    public ExternalWorkTracker? Tracker { get; } = ExternalWorkTracker.CurrentFor(Executor.Core);

    /// <summary>Items that must be tasks of their own.</summary>
    public bool IsSingle => Work.IsAsynchronous || Options.Timeout is not null || Options.Retry is not null;
}
