using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Core;

/// <summary>Tracks code of the loop that runs off the loop: after <c>ConfigureAwait(false)</c>, in <c>Task.Run</c>, or on threads that it started. In
/// virtual time the clock must not jump while any such code runs or waits for its turn.</summary>
/// <remarks>
/// <list type="number">
/// <item>A task that was submitted to an executor is tracked from its submission to its completion, including while it is queued there.</item>
/// <item>Running code is detected by its execution context: a thread that enters a context which flowed from the loop's main work reports the entry,
/// and reports again when it leaves.</item>
/// <item>Queued code is in the thread pool's queues, whose length the pool reports.</item>
/// <item>Between its dequeue and the entry into its context, a work item is visible to neither check, but the pool then counts a busy thread. If no
/// thread is busy, no code of the loop is in progress. If some are, they may be unrelated; then the quiet state must last for a while. The required
/// time is long enough for a thread that was preempted by the system, if the pool has started or completed work since the last quiet state; threads
/// that have been busy since then are busy with unrelated work. Before a program is declared deadlocked, the quiet state must last longest.</item>
/// <item>Any thread changes the counters; the state that <see cref="IsQuiet"/> keeps belongs to the loop's thread.</item>
/// </list>
/// </remarks>
internal sealed class LoopExternalWork(LoopCore loop) : ExternalWorkTracker
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMicroseconds(500);
    private static readonly TimeSpan s_patienceWithNewWork = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_lastPatience = TimeSpan.FromMilliseconds(50);

    private int _announced;
    private int _threads; // that run code of this loop, not counting the loop's own
    private int _hasReportedSystemTimers;
    private (long Ended, int Busy) _poolWhenQuiet; // completed work items and busy threads of the pool at the last quiet state

    /// <summary>The number of tracked work items in progress elsewhere.</summary>
    public int Announced => Volatile.Read(ref _announced);

    protected override bool IsOnOwnThread => loop.IsHere;

    public override void BeginExternal() => Interlocked.Increment(ref _announced);

    public override void EndExternal()
    {
        if (Interlocked.Decrement(ref _announced) == 0 && !loop.IsHere) loop.Nudge();
    }

    /// <summary>Attributes code that the caller starts from here on to this loop, on whichever thread it runs.</summary>
    public void BecomeCurrent()
    {
        if (loop.Clock.IsVirtual) SetCurrent();
    }

    /// <summary>Returns whether no code of the loop runs, or is about to run, on another thread. Waits until the result is certain. On the loop's
    /// thread.</summary>
    /// <param name="isLast">true if the result decides about more than a jump of the clock, such as a deadlock.</param>
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
                // Work that completed since the queues were checked has posted its entry by now, so HasEntries is read last.
                return Volatile.Read(ref _threads) == 0 && Announced == 0 && !loop.HasEntries;
            }

            if (quiet > s_patience) loop.Parker.Park(1);
            else Thread.Yield();
        }

        return false;
    }

    /// <summary>Called in virtual time when a thread enters from outside the loop. If a timer of the system clock caused the entry, the program is
    /// waiting in real time after all; that is reported once.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.InspectsOnly)]
    public void LookForSystemTimer()
    {
        if (!Thread.CurrentThread.IsThreadPoolThread || Volatile.Read(ref _hasReportedSystemTimers) != 0) return;
        var frames = new StackTrace(fNeedFileInfo: false).GetFrames();

        // Either name: the JIT may inline one method into the other.
        if (!Array.Exists(frames, static frame => frame.GetMethod()?.DeclaringType?.Name is "TimerQueueTimer" or "TimerQueue")) return;
        if (Interlocked.Exchange(ref _hasReportedSystemTimers, 1) != 0) return;
        loop.Owner.Report(
            FailureSource.SystemTimer, 0, null,
            new InvalidOperationException(
                $"A timer of the system clock fired for event loop '{loop.Owner.Name}', which runs in virtual time. " +
                "Its clock does not wait for such timers. Use EventLoop.SleepAsync(delay) or Task.Delay(delay, loop.Time), and pass loop.Time to every API that takes a TimeProvider."));
    }

    protected override bool Owns(ExecutorCore core) => loop.Owner.Owns(core);

    protected override void Entered() => Interlocked.Increment(ref _threads);

    protected override void Left()
    {
        if (Interlocked.Decrement(ref _threads) == 0) loop.Nudge();
    }

    /// <summary>Returns whether the quiet state has lasted long enough to show that no code of the loop is about to run, given the pool's busy
    /// threads.</summary>
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
