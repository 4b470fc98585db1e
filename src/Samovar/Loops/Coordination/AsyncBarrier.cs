using System.Diagnostics;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>A barrier that is awaited: participants wait until all of them have arrived; then a new round begins. For code on a loop or off
/// it.</summary>
/// <remarks>A participant that is cancelled while it waits withdraws its arrival, as with <see cref="Barrier"/>; another may arrive in its place. All
/// members are thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncBarrier : IWaitedFor
{
    private readonly Lock _gate = new();
    private readonly AsyncWaitQueue _queue;

    /// <summary>Initializes a barrier for <paramref name="participantCount"/> participants.</summary>
    /// <param name="participantCount">The number of participants in a round; at least 1.</param>
    /// <param name="name">The barrier's name in reports; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="participantCount"/> is less than 1.</exception>
    public AsyncBarrier(int participantCount, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(participantCount, 1);
        ParticipantCount = participantCount;
        Name = name;
        _queue = new AsyncWaitQueue(_gate);
    }

    /// <summary>Gets the barrier's name in reports, or null if it has none.</summary>
    public string? Name { get; }

    /// <summary>Gets the number of participants in a round.</summary>
    public int ParticipantCount { get; }

    /// <summary>Gets the number of participants that have not arrived in the current round.</summary>
    public int ParticipantsRemaining
    {
        get
        {
            lock (_gate) return ParticipantCount - _queue.Count;
        }
    }

    /// <summary>Gets whether the barrier is broken. <see cref="Reset"/> repairs it.</summary>
    public bool IsBroken
    {
        get
        {
            lock (_gate) return field;
        }

        private set;
    }

    private string DebuggerText => $"AsyncBarrier {Name}: {_queue.Count} of {ParticipantCount} have arrived{(IsBroken ? ", broken" : "")}";

    /// <summary>Arrives at the barrier and waits for the other participants.</summary>
    /// <param name="cancellationToken">Cancels the wait and withdraws the arrival.</param>
    /// <returns>The participant's number in the round, from 0 in order of arrival. Each number is returned once per round.</returns>
    /// <exception cref="BarrierBrokenException">The barrier is broken, or was broken or reset during the wait.</exception>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
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
            for (int place = 0; place < round.Count; place++) round[place].Load = place; // not earlier: until now a waiter may leave
            CheckInvariantsLocked();
        }

        foreach (var other in round) other.Grant();
        if (waiter is null) return round.Count;
        await waiter.WaitAsync(cancellationToken).ConfigureAwait(true);
        return (int)waiter.Load!;
    }

    /// <summary>Breaks the barrier: participants that wait or arrive get a <see cref="BarrierBrokenException"/>.</summary>
    public void Abort() => End(isBroken: true);

    /// <summary>Starts a new round, even if the barrier is broken. Participants that wait get a <see cref="BarrierBrokenException"/>.</summary>
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
        Debug.Assert(_queue.Count < ParticipantCount, "a complete round does not wait");
        Debug.Assert(!IsBroken || _queue.Count == 0, "a broken barrier has no waiters");
    }

    private BarrierBrokenException Broken() => new(
        $"Barrier {(Name is null ? "" : $"'{Name}' ")}of {ParticipantCount} participants is broken: it was aborted, or was reset during a wait. " +
        "Call Reset to repair it.");
}
