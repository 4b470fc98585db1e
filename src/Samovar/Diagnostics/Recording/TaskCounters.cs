using System.Runtime.InteropServices;

namespace Samovar.Diagnostics.Recording;

/// <summary>
/// Counts the tasks admitted to one executor and their outcomes. Thread-safe without a lock. Draining and shutdown wait on the exact
/// balance "admitted = completed + outstanding".
/// </summary>
/// <remarks>
/// The admission word contains a closed bit, so that "no more admissions" and "how many there were" are one atomic fact. The hot counters
/// are 128 bytes apart from everything else: submitters share one word, and successes, the most frequent outcome, are counted in cells
/// spread over the threads (as in Java's <c>LongAdder</c>) and summed on read.
/// </remarks>
internal sealed class TaskCounters
{
    private const long ClosedBit = 1L << 62;

    private const int Cells = 8;

    private readonly Cell[] _succeeded = new Cell[Cells];
    private HotWord _hot;
    private long _reverted;
    private long _failed;
    private long _canceled;
    private long _retries;
    private long _timedOut;
    private long _abandoned;
    private long _unobserved;
    private int _watched;

    /// <summary>The number of tasks admitted so far, without those whose admission was reverted.</summary>
    public long Admitted
    {
        get
        {
            long reverted = Volatile.Read(ref _reverted); // first, so that the result is never negative
            return Numbered - reverted;
        }
    }

    public bool IsClosed => (Volatile.Read(ref _hot.Admitted) & ClosedBit) != 0;

    public long Succeeded
    {
        get
        {
            long sum = 0;
            foreach (ref readonly var cell in _succeeded.AsSpan()) sum += Volatile.Read(in cell.Count);
            return sum;
        }
    }

    public long Failed => Volatile.Read(ref _failed);

    public long Canceled => Volatile.Read(ref _canceled);

    public long Retries => Volatile.Read(ref _retries);

    public long TimedOut => Volatile.Read(ref _timedOut);

    public long Abandoned => Volatile.Read(ref _abandoned);

    public long Unobserved => Volatile.Read(ref _unobserved);

    /// <summary>The number of tasks that are admitted and not completed.</summary>
    public long Outstanding
    {
        get
        {
            // Completions are read first: a task that completes between the two reads is counted as outstanding, so the result is never
            // negative.
            long ended = Succeeded + Failed + Canceled + Volatile.Read(ref _reverted);
            return Numbered - ended;
        }
    }

    /// <summary>Admits one task and returns its number, from 1; 0 if admissions are closed.</summary>
    public long Admit()
    {
        long word = Interlocked.Increment(ref _hot.Admitted);
        if ((word & ClosedBit) == 0) return word;
        Interlocked.Decrement(ref _hot.Admitted);
        return 0;
    }

    /// <summary>Reverts an admission whose task was not accepted. Its number is not used again: others may have later ones. A full fence.</summary>
    public void Unadmit() => Interlocked.Increment(ref _reverted);

    /// <summary>Closes admissions. Returns true only for the caller that closed them.</summary>
    public bool Close() => (Interlocked.Or(ref _hot.Admitted, ClosedBit) & ClosedBit) == 0;

    /// <summary>Whether a thread waits for the last completion. Must be read after a completion is counted.</summary>
    public bool IsWatched => Volatile.Read(ref _watched) != 0;

    /// <summary>Counts a success. A full fence, as for the other outcomes.</summary>
    public void CountSuccess()
    {
        // SYNC: drain watch. The completion is counted, then watchers are read.
        Interlocked.Increment(ref _succeeded[Environment.CurrentManagedThreadId & (Cells - 1)].Count);
    }

    public void CountFailure() => Interlocked.Increment(ref _failed);

    public void CountCancellation() => Interlocked.Increment(ref _canceled);

    /// <summary>Announces a watcher: from now on each thread that completes a task checks whether it was the last.</summary>
    public void Watch()
    {
        // SYNC: drain watch. The watcher is announced, then completions are read.
        Interlocked.Increment(ref _watched);
    }

    public void Unwatch() => Interlocked.Decrement(ref _watched);

    public void Retried() => Interlocked.Increment(ref _retries);

    public void TimeoutStruck() => Interlocked.Increment(ref _timedOut);

    public void LeftBehind() => Interlocked.Increment(ref _abandoned);

    public void FailureUnobserved() => Interlocked.Increment(ref _unobserved);

    private long Numbered => Volatile.Read(ref _hot.Admitted) & ~ClosedBit;

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct HotWord
    {
        [FieldOffset(128)] public long Admitted;
    }

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Cell
    {
        [FieldOffset(64)] public long Count;
    }
}
