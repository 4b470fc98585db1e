using System.Diagnostics;

namespace Samovar.Loops;

/// <content>Code of the loop that has left it: behind <c>ConfigureAwait(false)</c>, in <c>Task.Run</c>, on threads that it started. In virtual time
/// the clock must not jump while any of it runs or waits for its turn.</content>
/// <remarks>
/// <list type="number">
/// <item>What was given to an executor is announced from its submission to its end, also while it waits there.</item>
/// <item>What runs elsewhere is seen by the execution context: a thread that enters one which flowed from the loop's main work tells so, and
/// tells when it leaves.</item>
/// <item>What waits for its turn is in the thread pool's queues; the pool counts them.</item>
/// <item>Between leaving the queue and entering its context it is seen by neither, but the pool then counts a busy thread. If none is busy
/// nothing of the loop is under way. If some are, they may have nothing to do with it: then quiet must last for a while. It lasts long enough
/// for a thread that the system has taken the processor from, if the pool has begun or ended work since the last time all was quiet; what has
/// been busy since then is busy with something else. Before a program is called stuck quiet must last longest.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopCore
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMicroseconds(500);
    private static readonly TimeSpan s_patienceWithNewWork = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_lastPatience = TimeSpan.FromMilliseconds(50);

    private int _outside;
    private int _elsewhere; // threads that run code of this loop, beside its own
    private int _toldOfSystemTimers;
    private (long Ended, int Busy) _poolWhenQuiet; // what the pool had done and was doing when all was quiet last

    /// <summary>Works under way elsewhere that have been announced.</summary>
    public int OutsideWorks => Volatile.Read(ref _outside);

    protected override bool IsAtHome => IsHere;

    public override void OutsideBegins() => Interlocked.Increment(ref _outside);

    public override void OutsideEnds()
    {
        if (Interlocked.Decrement(ref _outside) == 0 && !IsHere) TryEnter(s_nothing, null);
    }

    /// <summary>From here on code that this one starts is known as the loop's, wherever it runs.</summary>
    public void MarkHome()
    {
        if (IsVirtual) Settle();
    }

    protected override bool Owns(TaskHost host) => ReferenceEquals(host, Host);

    protected override void Entered() => Interlocked.Increment(ref _elsewhere);

    protected override void Left()
    {
        if (Interlocked.Decrement(ref _elsewhere) == 0) TryEnter(s_nothing, null);
    }

    /// <summary>Whether no code of the loop runs, or is about to, on another thread. Waits until that is certain.</summary>
    /// <param name="isLast">Whether the answer decides about more than a jump of the clock.</param>
    private bool IsQuietElsewhere(bool isLast)
    {
        long quietSince = Stopwatch.GetTimestamp();
        while (!HasEntries)
        {
            if (Volatile.Read(ref _elsewhere) > 0 || ThreadPool.PendingWorkItemCount > 0)
            {
                SleepFor(1);
                quietSince = Stopwatch.GetTimestamp();
                continue;
            }

            int busy = BusyPoolThreads();
            var quiet = Stopwatch.GetElapsedTime(quietSince);
            if (IsLongEnough(quiet, busy, isLast))
            {
                // What came to its end since the queues were looked at has come in by now: so that is looked at last.
                return Volatile.Read(ref _elsewhere) == 0 && OutsideWorks == 0 && !HasEntries;
            }

            if (quiet > s_patience) SleepFor(1);
            else Thread.Yield();
        }

        return false;
    }

    /// <summary>Whether quiet of this length shows that no code of the loop is about to run, while so many threads of the pool are busy.</summary>
    private bool IsLongEnough(TimeSpan quiet, int busy, bool isLast)
    {
        if (isLast) return quiet > s_lastPatience;
        if (busy == 0) return true;
        if (quiet <= s_patience) return false;
        var pool = (ThreadPool.CompletedWorkItemCount, busy);
        if (pool != _poolWhenQuiet && quiet <= s_patienceWithNewWork) return false;
        _poolWhenQuiet = pool;
        return true;
    }

    private static int BusyPoolThreads()
    {
        ThreadPool.GetMaxThreads(out int most, out _);
        ThreadPool.GetAvailableThreads(out int available, out _);
        return most - available - (Thread.CurrentThread.IsThreadPoolThread ? 1 : 0);
    }

    /// <summary>In virtual time somebody came in from another thread: if that was a timer of the system's clock, the program waits for real after
    /// all, and is told so once.</summary>
    private void LookForSystemTimer()
    {
        if (!Thread.CurrentThread.IsThreadPoolThread || Volatile.Read(ref _toldOfSystemTimers) != 0) return;
        var frames = new StackTrace(fNeedFileInfo: false).GetFrames();
        if (!Array.Exists(frames, static frame => frame.GetMethod()?.DeclaringType?.Name is "TimerQueueTimer" or "TimerQueue")) return; // the JIT may inline the one into the other
        if (Interlocked.Exchange(ref _toldOfSystemTimers, 1) != 0) return;
        Host.Report(
            FailureSource.SystemTimer, 0, null,
            new InvalidOperationException(
                $"A timer of the system's clock went off for event loop '{Host.Name}', which runs in virtual time: its clock does not wait for such timers. " +
                "Use EventLoop.SleepAsync(delay), or Task.Delay(delay, loop.Time), and give loop.Time to whatever else takes a TimeProvider."));
    }
}
