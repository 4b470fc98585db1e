using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Loops.Core;

/// <summary>Notices, from outside, a callback that holds up its loop while it still does: one that computes, or blocks where the loop does not hear of it, in
/// native code.</summary>
/// <remarks>
/// <list type="number">
/// <item>A timer is armed while the loop runs callbacks, and at most once a limit. It looks how old the callback at hand is, and comes again when that one
/// would be too old. So each is found within the limit.</item>
/// <item>When it finds none it is not armed again: a loop that sleeps costs nothing. The loop says that it has begun and then looks whether it is watched; the
/// timer says that it does not watch any more and then looks whether the loop has begun. Both are full fences, so that at least one sees the other.</item>
/// <item>Real time only, whatever the loop's own clock.</item>
/// </list>
/// </remarks>
internal sealed class LoopWatch(LoopCore loop, TimeSpan limit) : IDisposable
{
    private readonly Lock _gate = new();
    private ITimer? _timer; // under the gate
    private bool _isDisposed; // under the gate
    private ThreadPlace? _thread;
    private int _isWatched;
    private long _reported; // the callback that was reported last, by its beginning; in the timer's calls only, which never overlap

    /// <summary>The loop runs on this thread from here on.</summary>
    public void Begin() => Volatile.Write(ref _thread, ThreadPlace.OfThisThread());

    /// <summary>A callback has begun after a time without one.</summary>
    public void Awake()
    {
        // SYNC: begun against unwatched. The beginning is put down (a full fence), then it is read whether it is watched.
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
        Debug.Assert(_timer is null || Volatile.Read(ref _thread) is not null, "only a loop that runs is watched");

    private void Look()
    {
        long began = loop.Began;
        if (began == 0)
        {
            // SYNC: begun against unwatched. That it is not watched is put down (a full fence), then the beginning is read.
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

        // SYNC: wait reported. Whether the thread is in a wait is read first: one that is over has reported itself by then.
        if (!loop.Blocking.IsInWait && loop.Blocking.Reported != began)
        {
            _reported = began;
            var callback = loop.Running;
            string place = $"The thread runs user code: {Volatile.Read(ref _thread)}.";

            // Handlers are called by the pool: what they do is not a timer's doing.
            if (loop.Began == began)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    static slow => slow.Owner.CallbackIsSlow(slow.Callback, slow.Age, slow.Place), (loop.Owner, Callback: callback, Age: age, Place: place), preferLocal: false);
            }
        }

        Arm(limit);
    }
}
