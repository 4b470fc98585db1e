using System.Collections.Concurrent;

namespace Samovar.Loops;

/// <content>How other threads come in, and how the loop sleeps until they do.</content>
/// <remarks>
/// <list type="number">
/// <item>Whoever comes in puts its callback into the entry queue and raises <c>_hasEntries</c>; the loop lowers it and then takes what is
/// there. So no entry stays behind unseen.</item>
/// <item>Nobody is woken who does not sleep: the loop says that it sleeps and looks once more; whoever comes in puts down and then looks
/// whether it sleeps. Both are full fences, so that at least one sees the other. One of many that come in at once wakes it.</item>
/// <item>Likewise at the end: the loop says that it is closed and empties the queue; whoever comes in puts down and then looks whether it is
/// closed. What is found is handed to the thread pool by whoever finds it.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopCore
{
    private const int MostAtOnce = 256;
    private const int WaitTimedOut = 258; // WAIT_TIMEOUT, as SynchronizationContext.Wait gives it on every platform

    private readonly ConcurrentQueue<ReadyItem> _entries = new();
    private readonly object _sleep = new(); // Monitor.Wait and Pulse
    private ITimer? _wakeTimer;
    private int _hasEntries;
    private int _isAsleep;
    private int _isClosed;

    /// <summary>How long code may block the loop before it is told of.</summary>
    private TimeSpan BlockLimit { get; }

    private bool HasEntries => Volatile.Read(ref _hasEntries) != 0;

    /// <summary>Whether the loop has ended for good.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Ends it for good, after its last <see cref="Run"/>. On the thread that ran it.</summary>
    public void Close()
    {
        // SYNC: entry against close. It is announced (a full fence), then the queue is emptied.
        Interlocked.Exchange(ref _isClosed, 1);
        while (_ready.Count > 0) Forward(_ready.Dequeue());
        ForwardEntries();
        _wakeTimer?.Dispose();
        _watch?.Dispose();
    }

    private void Enter(object callback, object? state)
    {
        if (!TryEnter(callback, state)) throw Host.Ended();
    }

    private bool TryEnter(object callback, object? state)
    {
        if (IsClosed) return false;
        if (IsVirtual) LookForSystemTimer();
        _entries.Enqueue(new ReadyItem(callback, state));
        Volatile.Write(ref _hasEntries, 1);

        // SYNC: entry against sleep. It is put down (a full fence), then it is read whether the loop sleeps.
        // SYNC: entry against close. It is put down (a full fence), then it is read whether the loop has ended.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isAsleep) != 0) Wake();
        if (IsClosed) ForwardEntries();
        else Host.EnsureThread();
        return true;
    }

    private void TakeEntries()
    {
        Volatile.Write(ref _hasEntries, 0);
        Interlocked.MemoryBarrier(); // lowered before the queue is read: what comes later raises it again
        if (Volatile.Read(ref _asides) is not null) RunAsides();

        // A number of its own bounds it, not the queue's count: that waits for a moment in which nobody comes in, and under a flood there is none. And for
        // each that is taken in one is run before more are: otherwise the loop would do nothing else.
        int taken = 0;
        for (; taken < MostAtOnce && _entries.TryDequeue(out var item); taken++) _ready.Enqueue(item.Callback, item.State);
        _untilEntries = taken;
        if (!_entries.IsEmpty) Volatile.Write(ref _hasEntries, 1);
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _isAsleep, 0) == 0) return;
        lock (_sleep) Monitor.Pulse(_sleep);
    }

    /// <summary>Blocks until somebody comes in or the next timer is due.</summary>
    private void SleepUntilCalled()
    {
        bool hasNext = HasNext(out long due) && !IsVirtual;
        var spin = new ThreadSpin();
        while (spin.TrySpin())
        {
            if (HasEntries) return;
        }

        SleepFor(hasNext ? ArmWake(due) : Timeout.Infinite);
    }

    private void SleepFor(int milliseconds)
    {
        if (milliseconds == 0) return;
        SynchronizationContext.SetSynchronizationContext(null); // this wait is not one of user code
        lock (_sleep)
        {
            // SYNC: entry against sleep. Sleep is announced (a full fence), then entries are read.
            Interlocked.Exchange(ref _isAsleep, 1);
            if (!HasEntries) Monitor.Wait(_sleep, milliseconds);
            Volatile.Write(ref _isAsleep, 0);
        }

        SynchronizationContext.SetSynchronizationContext(Context);
    }

    /// <summary>How many milliseconds to sleep; with a clock of somebody else's, a timer of its calls instead.</summary>
    private int ArmWake(long due)
    {
        long left = due - Now;
        if (left <= 0) return 0;
        if (ReferenceEquals(Source, TimeProvider.System))
        {
            long unit = Source.TimestampFrequency / 1000;
            return (int)Math.Min(int.MaxValue, (left + unit - 1) / unit);
        }

        _wakeTimer ??= Source.CreateUnflowedTimer(static loop => ((LoopCore)loop!).TryEnter(s_nothing, null), this);
        var period = TimeSpan.FromTicks((left + _unitsPerTick - 1) / _unitsPerTick);
        _wakeTimer.Change(period < Durations.Longest ? period : Durations.Longest, Timeout.InfiniteTimeSpan);
        return due - Now <= 0 ? 0 : Timeout.Infinite;
    }

    private static readonly Action s_nothing = static () => { };

    private void ForwardEntries()
    {
        while (_entries.TryDequeue(out var item)) Forward(item);
    }

    private void Forward(ReadyItem item) =>
        ThreadPool.UnsafeQueueUserWorkItem(
            static forwarded =>
            {
                try
                {
                    forwarded.Item.Run();
                }
                catch (Exception error)
                {
                    // As on the loop: whoever owned it is told.
                    forwarded.Loop.Host.CallbackFailed(error, forwarded.Item);
                }
            },
            (Loop: this, Item: item), preferLocal: false);
}
