using System.Diagnostics;

namespace Samovar.Loops.Core;

/// <content>Timers, and the bound on a loop that is shutting down. All members run on the loop's thread.</content>
internal sealed partial class LoopCore
{
    private readonly TimerQueue _timers = new();
    private long _looksLeft = long.MaxValue; // clock checks until the shutdown is checked for progress
    private int _fewestReady; // the lowest ready count seen since the shutdown began

    /// <summary>The number of armed timers.</summary>
    public int ArmedTimers => _timers.Count;

    private long LooksAtTheEnd => Clock.IsVirtual ? 1_000 : 16; // each after at most 64 callbacks

    /// <summary>Arms a timer. A timer with an infinite delay never becomes due and can only be cancelled.</summary>
    public void Arm(TimerNode node, TimeSpan delay) => _timers.Add(Clock.After(delay), node);

    /// <summary>Cancels a timer. Returns false if it was already due or cancelled.</summary>
    public bool Disarm(TimerNode node) => _timers.Cancel(node);

    /// <summary>Makes the loop call <see cref="LoopOwner.EndIsOverdue"/> when many more callbacks have run (in virtual time, without the clock
    /// advancing) and the number of ready callbacks has not dropped. For a loop that is shutting down: work that yields repeatedly keeps the ready
    /// queue from running empty and virtual time from advancing.</summary>
    public void BoundEnd()
    {
        _looksLeft = LooksAtTheEnd;
        _fewestReady = int.MaxValue;
    }

    /// <summary>Cancels the sleeps that belong to the whole loop and to no scope. Does nothing on another thread, because the loop has stopped
    /// then.</summary>
    public void CancelSleeps()
    {
        if (!IsHere) return;
        foreach (var node in _timers.Armed())
        {
            if (node is LoopSleep { ObeysRoot: true } sleep) sleep.Cancel();
        }
    }

    private void LookAtTheEnd()
    {
        int ready = _ready.Count;
        bool hasProgressed = ready < _fewestReady;
        _fewestReady = Math.Min(ready, _fewestReady);
        // In virtual time each ready callback gets 64 steps before the count of ready callbacks must have dropped.
        _looksLeft = Clock.IsVirtual ? Math.Max(LooksAtTheEnd, ready) : LooksAtTheEnd;
        if (ready > 0 && !hasProgressed) Owner.EndIsOverdue();
    }

    /// <summary>Gets when the next timer is due. Returns false if no timer will ever be due.</summary>
    private bool HasNext(out long due) => _timers.TryPeek(out due) && due != TimerQueue.Never;

    /// <summary>Moves the due timers to the ready queue.</summary>
    private void QueueDue()
    {
        if (--_looksLeft == 0) LookAtTheEnd();
        if (_timers.Kept == 0) return;
        long now = Clock.Now;
        while (_timers.TakeDue(now) is { } node) node.Due(this);
    }

    /// <summary>Advances virtual time to the next timer. Returns false if no timer is armed.</summary>
    private bool TryJump()
    {
        if (!HasNext(out long due)) return false;
        if (Clock.TryMoveTo(due) && _looksLeft <= int.MaxValue) BoundEnd(); // shutting down: time advanced, so the bound starts again
        return true;
    }

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Debug.Assert(IsHere, "the loop's state is accessed by the thread that runs it");
        Debug.Assert(_running.Callback is null, "no callback is recorded as running between two callbacks");
        Debug.Assert(!IsClosed, "a closed loop runs no callbacks");
        _ready.CheckInvariants();
        _timers.CheckInvariants();
    }
}
