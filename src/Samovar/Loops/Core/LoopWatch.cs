using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Loops.Core;

/// <summary>Detects, from another thread, a callback that still occupies its loop: one that computes, or that blocks in native code, where the loop
/// is not notified.</summary>
/// <remarks>
/// <list type="number">
/// <item>A timer is armed while the loop runs callbacks, and fires at most once per limit. It checks the age of the running callback and is armed
/// again for the time at which that callback would exceed the limit. So each slow callback is detected within one more limit.</item>
/// <item>If no callback runs, the timer is not armed again: a loop that sleeps costs nothing. The loop publishes that a callback has begun and then
/// reads whether it is watched; the timer publishes that it stops watching and then reads whether a callback has begun. Both use a full fence, so at
/// least one sees the other's write.</item>
/// <item>The watch uses real time, whatever the loop's own clock.</item>
/// </list>
/// </remarks>
internal sealed class LoopWatch(LoopCore loop, TimeSpan limit) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer; // under the gate
    private bool _isDisposed; // under the gate
    private ThreadPlace? _thread;
    private int _isWatched;
    private long _reported; // start timestamp of the last reported callback; used only in the timer's callbacks, which never overlap

    /// <summary>Records that the loop runs on the calling thread from now on.</summary>
    public void Begin() => Volatile.Write(ref _thread, ThreadPlace.OfThisThread());

    /// <summary>Called when a callback begins after the loop was idle.</summary>
    public void Awake()
    {
        // SYNC: begun against unwatched. The start timestamp is published (a full fence), then the watched flag is read.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isWatched) == 0 && Interlocked.Exchange(ref _isWatched, 1) == 0) Arm(limit);
    }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            CheckInvariantsLocked();
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    private void Arm(TimeSpan due)
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _timer ??= TimeProvider.System.CreateTimerWithoutFlow(static watch => ((LoopWatch)watch!).Look(), this);
            _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
            CheckInvariantsLocked();
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() =>
        Debug.Assert(_timer is null || Volatile.Read(ref _thread) is not null, "only a running loop is watched");

    private void Look()
    {
        long began = loop.Began;
        if (began == 0)
        {
            // SYNC: begun against unwatched. The watched flag is cleared (a full fence), then the start timestamp is read.
            Interlocked.Exchange(ref _isWatched, 0);
            if (loop.Began != 0 && Interlocked.Exchange(ref _isWatched, 1) == 0) Arm(limit);
            return;
        }

        var age = Stopwatch.GetElapsedTime(began);
        if (age < limit || began == _reported)
        {
            Arm(age < limit ? limit - age : limit);
            return;
        }

        // SYNC: wait reported. The wait flag is read first: if it is clear, a wait that exceeded its limit has published its report.
        if (!loop.Blocking.IsInWait && loop.Blocking.Reported != began)
        {
            _reported = began;
            var callback = loop.Running;
            string place = $"The thread runs user code: {Volatile.Read(ref _thread)}.";

            // Handlers run as a separate thread-pool work item, not in the timer's callback.
            if (loop.Began == began)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    static slow => slow.Owner.CallbackIsSlow(slow.Callback, slow.Age, slow.Place), (loop.Owner, Callback: callback, Age: age, Place: place), preferLocal: false);
            }
        }

        Arm(limit);
    }
}
