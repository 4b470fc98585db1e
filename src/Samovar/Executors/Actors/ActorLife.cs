using System.Diagnostics;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors;

/// <summary>Decides, each time that an actor has lost its instance, whether it gets another one, and creates the errors for its calls.</summary>
/// <remarks>The gate guards all fields. A loss for good is never reverted.</remarks>
internal sealed class ActorLife(ExecutorCore owner, string name, ActorRestart policy)
{
    private readonly Lock _gate = new();
    private readonly Queue<long> _restartedAt = [];
    private bool _isCreated;
    private int _restarts;
    private int _lastDead;
    private Exception? _lostBy;

    /// <summary>Whether the first instance was created. Before that, nothing can be lost.</summary>
    public bool IsCreated
    {
        get => Volatile.Read(ref _isCreated);
        set => Volatile.Write(ref _isCreated, value);
    }

    /// <summary>How many times the actor was restarted.</summary>
    public int Restarts
    {
        get
        {
            lock (_gate) return _restarts;
        }
    }

    /// <summary>Why the actor is lost for good; null if it is not.</summary>
    public Exception? LostBy => Volatile.Read(ref _lostBy);

    /// <summary>Throws if the actor is lost for good.</summary>
    /// <exception cref="ActorLostException">The actor is lost for good.</exception>
    public void ThrowIfLost()
    {
        if (LostBy is not null) throw Lost();
    }

    /// <summary>Called when a worker with the actor's instance has died; only the first call for each worker counts.</summary>
    /// <returns>Whether another instance may be created.</returns>
    public bool NoteDeath(int worker, Exception cause)
    {
        lock (_gate)
        {
            if (_lastDead == worker) return _lostBy is null;
            _lastDead = worker;
            return NoteLossLocked(cause);
        }
    }

    /// <summary>Called when the actor has lost its instance.</summary>
    /// <returns>Whether another instance may be created.</returns>
    public bool NoteLoss(Exception cause)
    {
        lock (_gate) return NoteLossLocked(cause);
    }

    /// <summary>Called when the factory has thrown at a restart: the actor is lost for good.</summary>
    public void Lose(Exception cause)
    {
        lock (_gate) _lostBy ??= cause;
    }

    /// <summary>Creates the error of a call that did not run, or ended, because the actor is lost for good.</summary>
    public ActorLostException Lost() => Lost(LostBy!);

    /// <inheritdoc cref="Lost()"/>
    public ActorLostException Lost(Exception cause) => new(
        $"Actor '{name}' of '{owner.Name}' was lost: {cause.Message} Its restart policy is {policy}{(Restarts is > 0 and var count ? $", and it was restarted {count} time{(count == 1 ? "" : "s")}" : "")}, " +
        "so its queued and later calls fail. Create another actor, or let it be restarted by ActorOptions.Restart.", cause)
    {
        Actor = name,
        Executor = owner.Name,
    };

    /// <summary>Creates the error of the call that was running when the actor lost its instance.</summary>
    public ActorLostException ErrorOfRunningCall(Exception cause) => LostBy is not null ? Lost(cause) : new(
        $"Actor '{name}' of '{owner.Name}' lost its instance while it ran this call: {cause.Message} " +
        "A new instance from the factory runs the next calls; whether this call had any effect is not known.", cause)
    {
        Actor = name,
        Executor = owner.Name,
        IsRestarted = true,
    };

    private bool NoteLossLocked(Exception cause)
    {
        if (_lostBy is not null) return false;
        if (!MayRestartLocked())
        {
            Volatile.Write(ref _lostBy, cause);
            return false;
        }

        _restarts++;
        CheckInvariantsLocked();
        return true;
    }

    private bool MayRestartLocked()
    {
        if (policy.MaxRestarts == 0) return false;
        long now = owner.Time.GetTimestamp();
        if (policy.Window != Timeout.InfiniteTimeSpan)
        {
            while (_restartedAt.TryPeek(out long first) && owner.Time.GetElapsedTime(first, now) > policy.Window) _restartedAt.Dequeue();
        }

        if (_restartedAt.Count >= policy.MaxRestarts) return false;
        _restartedAt.Enqueue(now);
        return true;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the losses");
        Debug.Assert(_restartedAt.Count <= policy.MaxRestarts, "no more restarts than the policy allows");
        Debug.Assert(_restarts >= _restartedAt.Count, "the restarts of the window are restarts");
    }
}
