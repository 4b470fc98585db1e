using System.Diagnostics;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Core;

/// <summary>Code of the loop that has left it: behind <c>ConfigureAwait(false)</c>, in <c>Task.Run</c>, on threads that it started. In virtual time
/// the clock must not jump while any of it runs or waits for its turn.</summary>
/// <remarks>
/// <list type="number">
/// <item>What was given to an executor is announced from its submission to its end, also while it waits there.</item>
/// <item>What runs elsewhere is seen by the execution context: a thread that enters one which flowed from the loop's main work reports that, and
/// reports when it leaves.</item>
/// <item>What waits for its turn is in the thread pool's queues; the pool counts them.</item>
/// <item>Between leaving the queue and entering its context it is seen by neither, but the pool then counts a busy thread. If none is busy
/// nothing of the loop is under way. If some are, they may have nothing to do with it: then quiet must last for a while. It lasts long enough
/// for a thread that the system has taken the processor from, if the pool has begun or ended work since the last time all was quiet; what has
/// been busy since then is busy with something else. Before a program is called stuck quiet must last longest.</item>
/// <item>Counts are changed by any thread; what <see cref="IsQuiet"/> remembers belongs to the loop's thread.</item>
/// </list>
/// </remarks>
internal sealed class LoopExternalWork(LoopCore loop) : ExternalWorkTracker
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMicroseconds(500);
    private static readonly TimeSpan s_patienceWithNewWork = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_lastPatience = TimeSpan.FromMilliseconds(50);

    private int _announced;
    private int _threads; // that run code of this loop, without its own
    private int _hasReportedSystemTimers;
    private (long Ended, int Busy) _poolWhenQuiet; // what the pool had done and was doing when all was quiet last

    /// <summary>Works under way elsewhere that have been announced.</summary>
    public int Announced => Volatile.Read(ref _announced);

    protected override bool IsOnOwnThread => loop.IsHere;

    public override void BeginExternal() => Interlocked.Increment(ref _announced);

    public override void EndExternal()
    {
        if (Interlocked.Decrement(ref _announced) == 0 && !loop.IsHere) loop.Nudge();
    }

    /// <summary>From here on code that this one starts is known as the loop's, wherever it runs.</summary>
    public void BecomeCurrent()
    {
        if (loop.Clock.IsVirtual) SetCurrent();
    }

    /// <summary>Whether no code of the loop runs, or is about to, on another thread. Waits until that is certain. On the loop's thread.</summary>
    /// <param name="isLast">Whether the answer decides about more than a jump of the clock.</param>
    public bool IsQuiet(bool isLast)
    {
        long quietSince = Stopwatch.GetTimestamp();
        while (!loop.HasEntries)
        {
            if (Volatile.Read(ref _threads) > 0 || ThreadPool.PendingWorkItemCount > 0)
            {
                loop.Parker.Park(1);
                quietSince = Stopwatch.GetTimestamp();
                continue;
            }

            int busy = BusyPoolThreads();
            var quiet = Stopwatch.GetElapsedTime(quietSince);
            if (IsLongEnough(quiet, busy, isLast))
            {
                // What came to its end since the queues were looked at has come in by now: so that is looked at last.
                return Volatile.Read(ref _threads) == 0 && Announced == 0 && !loop.HasEntries;
            }

            if (quiet > s_patience) loop.Parker.Park(1);
            else Thread.Yield();
        }

        return false;
    }

    /// <summary>In virtual time a thread came in from outside: if that was a timer of the system's clock, the program waits for real after
    /// all, which is reported once.</summary>
    public void LookForSystemTimer()
    {
        if (!Thread.CurrentThread.IsThreadPoolThread || Volatile.Read(ref _hasReportedSystemTimers) != 0) return;
        var frames = new StackTrace(fNeedFileInfo: false).GetFrames();
        if (!Array.Exists(frames, static frame => frame.GetMethod()?.DeclaringType?.Name is "TimerQueueTimer" or "TimerQueue")) return; // the JIT may inline the one into the other
        if (Interlocked.Exchange(ref _hasReportedSystemTimers, 1) != 0) return;
        loop.Owner.Report(
            FailureSource.SystemTimer, 0, null,
            new InvalidOperationException(
                $"A timer of the system's clock went off for event loop '{loop.Owner.Name}', which runs in virtual time: its clock does not wait for such timers. " +
                "Use EventLoop.SleepAsync(delay), or Task.Delay(delay, loop.Time), and give loop.Time to whatever else takes a TimeProvider."));
    }

    protected override bool Owns(ExecutorCore core) => loop.Owner.Owns(core);

    protected override void Entered() => Interlocked.Increment(ref _threads);

    protected override void Left()
    {
        if (Interlocked.Decrement(ref _threads) == 0) loop.Nudge();
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
}
