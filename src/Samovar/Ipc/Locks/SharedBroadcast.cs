using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Ipc.Locks;

/// <summary>The basis of manual-reset events, countdowns and barriers, as one process sees it: a word, and waiters for a change of it. All waiters
/// are released at once, so they need no order.</summary>
/// <remarks>
/// <para>The object's data: the word at offset 0, a signal at offset 128. A change is one compare-and-swap, so a process that dies leaves either the
/// old or the new word. Waiters look again when a process dies.</para>
/// <para>Barriers break when a participant is lost. A process whose death counts as a loss sets its part in its slot: while it has the object, until
/// it releases the object or exits in an orderly way (<see cref="Join"/>); and once it has arrived, however it exits (<see cref="TakePart"/>). A
/// process that finds it dead changes the word first and then clears the part, so that a death between the two steps leaves the rest to the next
/// process. It reads the word before the part: if another process was faster, and the word has been reset since, it finds the part cleared or the
/// word changed.</para>
/// </remarks>
internal sealed partial class SharedBroadcast : IDisposable
{
    private const int SignalOffset = 128;

    private readonly unsafe ulong* _word;
    private readonly ProcessRegistration _registration;
    private readonly SharedSignal _signal;
    private readonly Func<ulong, ulong>? _lost;
    private readonly Lock _gate = new();
    private bool _isClosed; // _gate
    private int _holders; // _gate: objects in this process for which the process's death is a loss
    private bool _hasCome; // _gate

    /// <param name="region">The object's memory.</param>
    /// <param name="lost">Returns the word after the loss of a participating process; null if the object has no losses.</param>
    private unsafe SharedBroadcast(SharedRegion region, Func<ulong, ulong>? lost)
    {
        if (region.Format.DataLength < SharedSemaphore.DataLength || region.Format.ProcessSlots < 1)
            throw new ChannelCorruptedException($"A shared {region.Format.Kind} cannot have {region.Format.DataLength} bytes and {region.Format.ProcessSlots} slots.");
        Region = region;
        _word = (ulong*)region.Data;
        _lost = lost;
        _registration = region.Join(Repair);
        Volatile.Write(ref PartOf(_registration.Index), 0);
        _signal = new SharedSignal((uint*)(region.Data + SignalOffset), WaitPlatform.Of(region.Kind), _registration);
        if (lost is not null) AppDomain.CurrentDomain.ProcessExit += EndInOrder;
    }

    /// <summary>Whether this process's exit code reports a failure, so that its exit counts as a loss.</summary>
    public static bool HasFailed => Environment.ExitCode != 0;

    /// <summary>The memory; an operation in progress keeps it alive.</summary>
    public SharedRegion Region { get; }

    public unsafe ulong Word => Volatile.Read(ref *_word); // SYNC: broadcast word

    public static SharedFormat Format(SharedKind kind, ulong first, string? name) => new()
    {
        Kind = kind,
        Name = name,
        Capacity = 1,
        First = (long)first,
        ProcessSlots = SharedSemaphore.MostProcesses,
        DataLength = SharedSemaphore.DataLength,
    };

    public static SharedBroadcast Of(SharedReference reference, Func<ulong, ulong>? lost = null) =>
        reference.State(region => new SharedBroadcast(region, lost));

    /// <summary>For tests: called at each point at which this process may die.</summary>
    internal static Action<BroadcastStep>? StepReached { get; set; }

    /// <summary>Records that this process has the object and may be waited for: from now on its death is a loss, until <see cref="Leave"/>.</summary>
    /// <exception cref="ObjectDisposedException">The object was disposed in this process.</exception>
    public void Join()
    {
        lock (_gate)
        {
            _holders++;
            TakePartLocked();
            CheckInvariantsLocked();
        }

        StepReached?.Invoke(BroadcastStep.Joined);
    }

    /// <summary>Records that one joined object does not arrive any more. Unless another object may arrive, or this process has arrived before, its
    /// death is no longer a loss.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_holders == 0 && !_hasCome) ClearPartLocked();
            CheckInvariantsLocked();
        }
    }

    /// <summary>Records that this process arrives: from now on its exit is a loss, however it exits.</summary>
    /// <exception cref="ObjectDisposedException">The object was disposed in this process.</exception>
    public void TakePart()
    {
        lock (_gate)
        {
            TakePartLocked();
            _hasCome = true;
        }

        StepReached?.Invoke(BroadcastStep.PartTaken);
    }

    /// <summary>Records the loss of all processes that have died so far, so that none of them is reported later.</summary>
    public void RepairDead()
    {
        _registration.RepairDead();
        GC.KeepAlive(Region);
    }

    public unsafe bool TryChange(ulong found, ulong next)
    {
        if (Interlocked.CompareExchange(ref *_word, next, found) != found) // SYNC: broadcast word
            return false;
        StepReached?.Invoke(BroadcastStep.Changed);
        return true;
    }

    public void WakeAll()
    {
        _signal.WakeAll();
        GC.KeepAlive(Region);
    }

    public bool Wait<TState>(TState state, Func<TState, bool> ready, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool isReady = _signal.Wait(state, ready, timeout, cancellationToken);
        GC.KeepAlive(Region);
        return isReady;
    }

    public async ValueTask<bool> WaitAsync<TState>(TState state, Func<TState, bool> ready, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool isReady = await _signal.WaitAsync(state, ready, timeout, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(Region);
        return isReady;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= EndInOrder;
        _signal.Close();
        using (_gate.HoldRegardless())
        {
            ClearPartLocked();
            _isClosed = true;
        }

        _registration.Dispose();
    }

    private void EndInOrder(object? sender, EventArgs e)
    {
        lock (_gate)
        {
            if (!_hasCome && !HasFailed) ClearPartLocked();
        }
    }

    private void TakePartLocked()
    {
        if (_isClosed) throw SharedSignal.Disposed(); // the slot may belong to another process by now
        Volatile.Write(ref PartOf(_registration.Index), ProcessIdentity.Own.Word); // SYNC: part taken
    }

    private void ClearPartLocked()
    {
        if (!_isClosed) Volatile.Write(ref PartOf(_registration.Index), 0); // SYNC: part taken
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_holders >= 0, "an object leaves only after it has joined");
    }

    private void Repair(int slot, ProcessIdentity process)
    {
        while (_lost is not null)
        {
            ulong found = Word;
            if (Volatile.Read(ref PartOf(slot)) != process.Word) // SYNC: part taken
                return;
            ulong next = _lost(found);
            if (next != found && !TryChange(found, next)) continue;
            Interlocked.CompareExchange(ref PartOf(slot), 0, process.Word); // SYNC: part taken
            return;
        }
    }

    // The first word of the slot: the identity of the process if its death is a loss; otherwise 0.
    private unsafe ref ulong PartOf(int slot) => ref *(ulong*)Region.Table.Own(slot);
}

/// <summary>The points at which a process may die while it uses a broadcast. Used by tests only.</summary>
internal enum BroadcastStep
{
    /// <summary>The process has the object; its death is a loss from here on.</summary>
    Joined,

    /// <summary>The process's exit is a loss from here on; the word is unchanged.</summary>
    PartTaken,

    /// <summary>The word is changed; no waiter is woken, and a repair has not cleared the dead process's part.</summary>
    Changed,
}
