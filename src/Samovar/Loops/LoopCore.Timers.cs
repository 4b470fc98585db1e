namespace Samovar.Loops;

/// <content>The clock, real or virtual, and what waits for it.</content>
internal sealed partial class LoopCore
{
    private readonly TimerQueue _timers = new();
    private readonly long _unitsPerTick; // of the clock, in a tick of TimeSpan
    private long _virtualNow;
    private long _looksLeft = long.MaxValue; // at the clock: then the host is asked whether the end of the loop is overdue
    private int _fewestReady; // since the end began

    /// <summary>The clock below: the real one, which in virtual time only measures how long callbacks take.</summary>
    public TimeProvider Source
    {
        get;
        private init
        {
            field = value;
            _unitsPerTick = Math.Max(1, value.TimestampFrequency / TimeSpan.TicksPerSecond);
        }
    }

    public bool IsVirtual { get; }

    /// <summary>The time, in units of <see cref="Frequency"/>. From any thread.</summary>
    public long Now => IsVirtual ? Volatile.Read(ref _virtualNow) : Source.GetTimestamp();

    public long Frequency => IsVirtual ? TimeSpan.TicksPerSecond : Source.TimestampFrequency;

    /// <summary>What is ready next, in words; null where nothing is. On the loop's thread.</summary>
    public string? NextOrigin => _ready.Count == 0 ? null : CallbackOrigin.Describe(_ready.Oldest);

    private long LooksAtTheEnd => IsVirtual ? 1_000 : 16; // each after 64 callbacks at most

    /// <summary>Has the host asked (<see cref="LoopHost.EndIsOverdue"/>) when many callbacks more have run one after the other, in virtual time at the same moment, and no
    /// fewer are ready than before. For a loop that is to end: work that yields again and again lets neither the ready queue run empty nor virtual time pass. On the loop's
    /// thread.</summary>
    public void BoundEnd()
    {
        _looksLeft = LooksAtTheEnd;
        _fewestReady = int.MaxValue;
    }

    private void LookAtTheEnd()
    {
        int ready = _ready.Count;
        bool hasProgressed = ready < _fewestReady;
        _fewestReady = Math.Min(ready, _fewestReady);
        _looksLeft = IsVirtual ? Math.Max(LooksAtTheEnd, ready) : LooksAtTheEnd; // in virtual time each that is ready has 64 steps, during which no fewer are ready
        if (ready > 0 && !hasProgressed) Host.EndIsOverdue();
    }

    /// <summary>Timers that are armed. On the loop's thread.</summary>
    public int ArmedTimers => _timers.Count;

    /// <summary>Arms a timer; one with an infinite delay only stands there to be called off. On the loop's thread.</summary>
    public void Arm(TimerNode node, TimeSpan delay)
    {
        long now = Now;
        double units = delay.Ticks * (double)Frequency / TimeSpan.TicksPerSecond;
        long due = delay == Timeout.InfiniteTimeSpan || units >= long.MaxValue - now ? TimerQueue.Never : now + DueIn(delay);
        _timers.Add(due, node);
    }

    /// <summary>Calls a timer off. On the loop's thread. False: its moment has come, or it was called off before.</summary>
    public bool Disarm(TimerNode node) => _timers.Cancel(node);

    /// <summary>Cancels the sleeps that stand under no scope but the root.</summary>
    private void CancelRootSleeps()
    {
        foreach (var node in _timers.Armed())
        {
            if (node is LoopSleep { ObeysRoot: true } sleep) sleep.Cancel();
        }
    }

    /// <summary>When the next timer is due; false where none ever is.</summary>
    private bool HasNext(out long due) => _timers.TryPeek(out due) && due != TimerQueue.Never;

    private long DueIn(TimeSpan delay) => Frequency == TimeSpan.TicksPerSecond
        ? delay.Ticks
        : (long)((Int128)delay.Ticks * Frequency / TimeSpan.TicksPerSecond);

    /// <summary>Makes ready what is due.</summary>
    private void QueueDue()
    {
        if (--_looksLeft == 0) LookAtTheEnd();
        if (_timers.Kept == 0) return;
        long now = Now;
        while (_timers.TakeDue(now) is { } node) node.Due(this);
    }

    /// <summary>Moves virtual time on to the next timer. False: there is none.</summary>
    private bool TryJump()
    {
        if (!HasNext(out long due)) return false;
        if (due > _virtualNow)
        {
            Volatile.Write(ref _virtualNow, due);
            if (_looksLeft <= int.MaxValue) BoundEnd(); // the loop is to end, and another moment begins
        }

        return true;
    }
}
