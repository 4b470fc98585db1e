using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>The state that does not change during one run of a map.</summary>
/// <param name="Executor">Referenced so that an executor without other references stays alive until the map has completed.</param>
/// <param name="Work">The delegate that runs for each item.</param>
/// <param name="Options">The options of the map.</param>
/// <param name="EndsWithFirstError">Whether the reader stops at the first error.</param>
internal sealed record MapPlan<T, TResult>(Executor Executor, ItemWork<T, TResult> Work, MapOptions Options, bool EndsWithFirstError)
{
    public ExecutorCore Core => Executor.Core;

    /// <summary>Counts the items by their outcome.</summary>
    public MapTally Tally { get; } = new(Executor.Core, Work.Work, Options);

    /// <summary>The maximum size of a batch, so that a reader never waits long for its first item.</summary>
    public const int LargestBatch = 4096;

    /// <summary>A batch that has run for this long returns the items that it has not started.</summary>
    public TimeSpan Patience { get; } = Executor.Core.BatchDuration * 8;

    /// <summary>The work as the executor has captured it for all batches; null if each batch carries it, or if it is not sent at
    /// all.</summary>
    public ExecutorSharedWork? Shared { get; private set; }

    /// <summary>Captures the work and its state as they are now.</summary>
    public void TakeWork() =>
        Shared = Core.Remote?.Share(Work.Work, RuntimeHelpers.IsReferenceOrContainsReferences<T>() && typeof(T) != typeof(string));

    private int _setbacks; // how many workers in a row died before they had started an item

    /// <summary>Records that a worker died before it started any item of its batch. Returns false if that has happened so often in a row
    /// that deserializing the work itself is probably what kills the workers.</summary>
    public bool MayTryAgain() => Interlocked.Increment(ref _setbacks) <= 2 * Core.Parallelism + 1;

    /// <summary>Records that an item has started.</summary>
    public void HasProgressed()
    {
        if (Volatile.Read(ref _setbacks) != 0) Interlocked.Exchange(ref _setbacks, 0);
    }

    /// <summary>The execution context in which the enumeration began; every item runs in it.</summary>
    public ExecutionContext? Context { get; } = ExecutionContext.Capture();

    /// <summary>The activity in which the enumeration began. Batches are submitted on other threads, so it is captured here.</summary>
    public Activity? Activity { get; } = ExecutionContext.IsFlowSuppressed() ? null : Activity.Current;

    /// <summary>The cultures in which the enumeration began.</summary>
    public CulturePair? Cultures { get; } = CulturePair.Flowing;

    /// <summary>The virtual-time event loop whose code began the enumeration. It is notified of each batch, on whichever thread that is
    /// submitted; not of the whole run, since its clock must advance while the reader sleeps between two results.</summary>
    public ExternalWorkTracker? Tracker { get; } = ExternalWorkTracker.CurrentFor(Executor.Core);

    /// <summary>Whether each item must be a task of its own.</summary>
    public bool IsSingle => Work.IsAsynchronous || Options.Timeout is not null || Options.Retry is not null || RunsSingly;

    /// <summary>Whether the executor sends each item as a task of its own.</summary>
    public bool RunsSingly { get; } = Executor.Core.Remote is { RunsItemsSingly: true };
}
