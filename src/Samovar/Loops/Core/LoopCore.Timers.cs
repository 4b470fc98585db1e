using System.Diagnostics;

namespace Samovar.Loops.Core;

/// <content>What waits for the clock, and the bound of a loop that is to end. All on the loop's thread.</content>
internal sealed partial class LoopCore
{
    private readonly TimerQueue _timers = new();
    private long _looksLeft = long.MaxValue; // at the clock: then the owner is asked whether the end of the loop is overdue
    private int _fewestReady; // since the end began

    /// <summary>Timers that are armed.</summary>
    public int ArmedTimers => _timers.Count;

    private long LooksAtTheEnd => Clock.IsVirtual ? 1_000 : 16; // each after 64 callbacks at most

    /// <summary>Arms a timer; one with an infinite delay is only there to be called off.</summary>
    public void Arm(TimerNode node, TimeSpan delay) => _timers.Add(Clock.After(delay), node);

    /// <summary>Calls a timer off. False: its moment has come, or it was called off before.</summary>
    public bool Disarm(TimerNode node) => _timers.Cancel(node);

    /// <summary>Has the owner asked (<see cref="LoopOwner.EndIsOverdue"/>) when many callbacks more have run one after the other, in virtual time at the same moment, and no
    /// fewer are ready than before. For a loop that is to end: work that yields again and again lets neither the ready queue run empty nor virtual time pass.</summary>
    public void BoundEnd()
    {
        _looksLeft = LooksAtTheEnd;
        _fewestReady = int.MaxValue;
    }

    /// <summary>Cancels the sleeps that obey the whole loop and no scope. Does nothing on another thread: the loop has ended.</summary>
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
        _looksLeft = Clock.IsVirtual ? Math.Max(LooksAtTheEnd, ready) : LooksAtTheEnd; // in virtual time each that is ready has 64 steps, during which no fewer are ready
        if (ready > 0 && !hasProgressed) Owner.EndIsOverdue();
    }

    /// <summary>When the next timer is due; false where none ever is.</summary>
    private bool HasNext(out long due) => _timers.TryPeek(out due) && due != TimerQueue.Never;

    /// <summary>Makes ready what is due.</summary>
    private void QueueDue()
    {
        if (--_looksLeft == 0) LookAtTheEnd();
        if (_timers.Kept == 0) return;
        long now = Clock.Now;
        while (_timers.TakeDue(now) is { } node) node.Due(this);
    }

    /// <summary>Moves virtual time on to the next timer. False: there is none.</summary>
    private bool TryJump()
    {
        if (!HasNext(out long due)) return false;
        if (Clock.TryMoveTo(due) && _looksLeft <= int.MaxValue) BoundEnd(); // the loop is to end, and another moment begins
        return true;
    }

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Debug.Assert(IsHere, "the loop's state belongs to the thread that runs it");
        Debug.Assert(_running.Callback is null, "between two callbacks none runs");
        Debug.Assert(!IsClosed, "a loop that has ended runs nothing");
        _ready.CheckInvariants();
        _timers.CheckInvariants();
    }
}
