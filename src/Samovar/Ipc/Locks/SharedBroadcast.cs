using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Ipc.Locks;

/// <summary>What manual events, countdowns and barriers stand on: a word, and those who wait for it to change. All who wait are let go at once,
/// so there is no line. A process's side.</summary>
/// <remarks>
/// <para>The data of the object: at 0 the word, at 128 a signal. A change is one compare-and-swap, so a death leaves either the old word or the
/// new one, and those who wait look again when a process dies.</para>
/// <para>A process whose death is a loss says so in its slot: where a kind has losses, each that has the object, until it lets go of it or ends in
/// order (<see cref="Join"/>); and each that has come, however it ends (<see cref="TakePart"/>). Who finds it dead changes the word first and clears the
/// slot's part then, so that a death between the two leaves the rest to the next. He reads the word before the part: where another was faster,
/// and the word has been begun anew since, he finds the part cleared or the word changed.</para>
/// </remarks>
internal sealed class SharedBroadcast : IDisposable
{
    private const int SignalOffset = 128;

    private readonly unsafe ulong* _word;
    private readonly ProcessRegistration _registration;
    private readonly SharedSignal _signal;
    private readonly Func<ulong, ulong>? _lost;
    private readonly Lock _gate = new();
    private bool _isClosed; // _gate
    private int _holders; // _gate: objects here for which this process's death is a loss
    private bool _hasCome; // _gate

    /// <param name="region">The object.</param>
    /// <param name="lost">A process that took part has died: what the word becomes.</param>
    private unsafe SharedBroadcast(SharedRegion region, Func<ulong, ulong>? lost)
    {
        if (region.Format.DataLength < SharedSemaphore.DataLength || region.Format.ProcessSlots < 1)
            throw new ChannelCorruptedException($"A shared object has {region.Format.DataLength} bytes and {region.Format.ProcessSlots} process slots.");
        Region = region;
        _word = (ulong*)region.Data;
        _lost = lost;
        _registration = region.Join(Repair);
        Volatile.Write(ref PartOf(_registration.Index), 0);
        _signal = new SharedSignal((uint*)(region.Data + SignalOffset), WaitPlatform.Of(region.Kind), _registration);
        if (lost is not null) AppDomain.CurrentDomain.ProcessExit += EndInOrder;
    }

    /// <summary>Whether this process says by its exit code that it has failed: then its end is no end in order.</summary>
    public static bool HasFailed => Environment.ExitCode != 0;

    /// <summary>The memory; whoever is in an operation keeps it alive.</summary>
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

    /// <summary>For tests: called at each point between which this process may die.</summary>
    internal static Action<BroadcastStep>? StepReached { get; set; }

    /// <summary>This process has the object, and may be waited for: from now on its death is a loss, until <see cref="Leave"/>.</summary>
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

    /// <summary>One that joined does not come any more. Unless another may, or has come, this process's death is no loss.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (--_holders == 0 && !_hasCome) ClearPartLocked();
            CheckInvariantsLocked();
        }
    }

    /// <summary>It comes: from now on this process's end is a loss, however it ends.</summary>
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

    /// <summary>Says of all that have died by now that they are lost; nobody says so later.</summary>
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
        if (_isClosed) throw SharedSignal.Disposed(); // the slot may be another's by now
        Volatile.Write(ref PartOf(_registration.Index), ProcessIdentity.Own.Word); // SYNC: part taken
    }

    private void ClearPartLocked()
    {
        if (!_isClosed) Volatile.Write(ref PartOf(_registration.Index), 0); // SYNC: part taken
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_holders >= 0, "who leaves has joined");
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

    // The slot's own first word: whose death is a loss; 0 for nobody's.
    private unsafe ref ulong PartOf(int slot) => ref *(ulong*)Region.Table.Own(slot);
}

/// <summary>The moments between which a process may die at a broadcast. Tests stop at each; nothing else looks at them.</summary>
internal enum BroadcastStep
{
    /// <summary>It has the object: its death is a loss from here on.</summary>
    Joined,

    /// <summary>Its end is a loss from here on, and it has changed nothing.</summary>
    PartTaken,

    /// <summary>The word is changed, nobody is woken; who repairs has not said that he has.</summary>
    Changed,
}
