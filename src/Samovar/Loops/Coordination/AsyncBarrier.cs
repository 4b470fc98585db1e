using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>Holds whoever arrives until all have; then a new round begins. For code on a loop or off it.</summary>
/// <remarks>One who is cancelled while it waits takes its arrival back, as at <see cref="Barrier"/>: another may come in its place. All members are thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncBarrier : IWaitedFor
{
    private readonly Lock _gate = new();
    private readonly AsyncWaitQueue _queue;

    /// <summary>Makes one.</summary>
    /// <param name="participantCount">How many make a round; at least 1.</param>
    /// <param name="name">Its name in reports.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than one.</exception>
    public AsyncBarrier(int participantCount, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(participantCount, 1);
        ParticipantCount = participantCount;
        Name = name;
        _queue = new AsyncWaitQueue(_gate);
    }

    /// <summary>Its name in reports.</summary>
    public string? Name { get; }

    /// <summary>How many make a round.</summary>
    public int ParticipantCount { get; }

    /// <summary>How many of this round have not arrived.</summary>
    public int ParticipantsRemaining
    {
        get
        {
            lock (_gate) return ParticipantCount - _queue.Count;
        }
    }

    /// <summary>Whether it is broken; <see cref="Reset"/> mends it.</summary>
    public bool IsBroken
    {
        get
        {
            lock (_gate) return field;
        }

        private set;
    }

    private string DebuggerText => $"AsyncBarrier {Name}: {_queue.Count} of {ParticipantCount} have arrived{(IsBroken ? ", broken" : "")}";

    /// <summary>Arrives, and waits for the others.</summary>
    /// <param name="cancellationToken">Gives up waiting, and takes the arrival back.</param>
    /// <returns>Which of the round this one was, from 0 in order of arrival: each number is given once.</returns>
    /// <exception cref="BarrierBrokenException">The barrier is broken, or was while this one waited.</exception>
    public async ValueTask<int> SignalAndWaitAsync(CancellationToken cancellationToken = default)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return await RefusedWait.Cancel<int>(canceled).ConfigureAwait(true);
        Waiter? waiter = null;
        List<Waiter> round = [];
        lock (_gate)
        {
            if (IsBroken) throw Broken();
            if (_queue.Count < ParticipantCount - 1) waiter = _queue.Join(this);
            else round = _queue.TakeAll();
            for (int place = 0; place < round.Count; place++) round[place].Load = place; // only now: until then one of them may leave
            CheckInvariantsLocked();
        }

        foreach (var other in round) other.Grant();
        if (waiter is null) return round.Count;
        await waiter.WaitAsync(cancellationToken).ConfigureAwait(true);
        return (int)waiter.Load!;
    }

    /// <summary>Breaks it: those who wait, and those who arrive, get a <see cref="BarrierBrokenException"/>.</summary>
    public void Abort() => End(isBroken: true);

    /// <summary>Begins anew, also after it was broken. Those who wait get a <see cref="BarrierBrokenException"/>.</summary>
    public void Reset() => End(isBroken: false);

    string IWaitedFor.Describe() => $"barrier {(Name is null ? "" : $"'{Name}' ")}({ParticipantsRemaining} of {ParticipantCount} have not arrived)";

    private void End(bool isBroken)
    {
        List<Waiter> waiting;
        lock (_gate)
        {
            IsBroken = isBroken;
            waiting = _queue.TakeAll();
            CheckInvariantsLocked();
        }

        foreach (var waiter in waiting) waiter.Fail(Broken());
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_queue.Count < ParticipantCount, "a round that is complete does not wait");
        Debug.Assert(!IsBroken || _queue.Count == 0, "nobody waits at a broken barrier");
    }

    private BarrierBrokenException Broken() => new(
        $"Barrier {(Name is null ? "" : $"'{Name}' ")}of {ParticipantCount} is broken: it was aborted, or reset while some waited.");
}
