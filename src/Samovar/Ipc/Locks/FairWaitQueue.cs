using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Ipc.Locks;

// The order of waiters. Each process's slot holds, behind its account:
//
//     +8  ulong ticket     the ticket of this process's first waiter; 0 = this process has no waiters
//     +16 ulong waiting    lower half: number of waiters in this process, for statistics; upper half: number of changes
//     +24 uint[4]          signal words; a waiter sleeps at the word of its ticket modulo 4
//
// 1. A waiter draws a ticket, and is first when no slot holds a lower one. The first waiter itself checks whether it may pass. Nothing is handed over
//    to a waiter, so nothing is lost when a waiter is cancelled or dies.
// 2. A thread that changes the awaited state, or leaves the queue, then wakes the first waiter (WakeFirst). Changing and leaving are full fences that
//    precede the scan of the slots, so of two concurrent threads at least one sees the other's change.
// 3. A process keeps its waiters in a list of its own, in ticket order; its slot shows the first ticket. List and slot change under the gate.
// 4. A ticket in a dead process's slot is removed by the processes that find it dead, with one compare-and-swap; all of them look again afterwards.
//    Tickets and change counts never repeat, so a late compare-and-swap finds another value and changes nothing, even if the slot has a new owner by
//    then. A ticket in a free slot is ignored.
// 5. A process that joins wakes all sleepers, so that they watch it from then on.

/// <summary>The waiters of all processes in the order in which they arrived, as seen by this process.</summary>
/// <remarks>A waiter that arrives while another one draws its ticket may be before or after it; a waiter that arrives after another one has gone to
/// sleep is behind it.</remarks>
internal sealed unsafe class FairWaitQueue
{
    private const int TicketOffset = 8;
    private const int WaitingOffset = 16;
    private const int WordsOffset = 24;
    private const int Words = 4;

    private readonly Lock _gate = new();
    private readonly LinkedList<QueuedWaiter> _waiters = []; // _gate
    private readonly ProcessRegistration _registration;
    private readonly ProcessTable _table;
    private readonly WaitPlatform _platform;
    private readonly SharedSignal[] _signals;
    private readonly ulong* _tickets;
    private readonly uint* _used;
    private bool _isClosed; // _gate

    /// <param name="registration">This process's registration at the object.</param>
    /// <param name="platform">How threads sleep.</param>
    /// <param name="tickets">The last ticket drawn, in shared memory.</param>
    /// <param name="used">How many slots have ever been taken, in shared memory; the rest are not scanned.</param>
    public FairWaitQueue(ProcessRegistration registration, WaitPlatform platform, ulong* tickets, uint* used)
    {
        _registration = registration;
        _table = registration.Table;
        _platform = platform;
        _tickets = tickets;
        _used = used;
        for (uint seen = Volatile.Read(ref *used); seen <= registration.Index;)
        {
            uint found = Interlocked.CompareExchange(ref *used, (uint)registration.Index + 1, seen); // SYNC: slot in use
            if (found == seen) break;
            seen = found;
        }

        _signals = [.. Enumerable.Range(0, Words).Select(i => Signal(registration, platform, i))];
        for (int i = 0; i < Used; i++)
        {
            for (uint word = 0; word < Words && _table[i] is not null; word++)
                WordOf(i, word).WakeAllRegardless(); // sleepers have to watch this process from now on
        }
    }

    /// <summary>The number of slots to scan.</summary>
    public int Used => (int)Math.Min(Volatile.Read(ref *_used), (uint)_table.Capacity); // SYNC: slot in use

    /// <summary>The number of waiters, in all processes.</summary>
    public int Waiting
    {
        get
        {
            uint sum = 0;
            for (int i = 0; i < Used; i++) sum += (uint)Volatile.Read(ref WaitingOf(i));
            return (int)sum;
        }
    }

    /// <summary>Whether there are waiters in any process.</summary>
    public bool Any
    {
        get
        {
            Interlocked.MemoryBarrier(); // SYNC: queue or permits
            return !IsFirst(ulong.MaxValue);
        }
    }

    /// <summary>Removes what a process has left in the queue when it died or released the object.</summary>
    public static void Remove(ProcessTable table, int slot, ProcessIdentity process)
    {
        ref ulong shown = ref *(ulong*)(table.Own(slot) + TicketOffset);
        ref ulong counted = ref *(ulong*)(table.Own(slot) + WaitingOffset);
        ulong ticket = Volatile.Read(ref shown);
        ulong waiting = Volatile.Read(ref counted);
        if (table[slot] != process) return;
        SemaphoreWord.StepReached?.Invoke(SemaphoreStep.Removing);
        Interlocked.CompareExchange(ref counted, Counted(waiting, 0), waiting);
        Interlocked.CompareExchange(ref shown, 0, ticket); // SYNC: queue or permits
    }

    /// <summary>Enqueues a waiter.</summary>
    /// <exception cref="ObjectDisposedException">The object was disposed in this process.</exception>
    public void Arrive(QueuedWaiter waiter)
    {
        lock (_gate)
        {
            if (_isClosed) throw SharedSignal.Disposed();
            waiter.Ticket = Interlocked.Increment(ref *_tickets);
            waiter.Place = _waiters.AddLast(waiter);
            ShowLocked();
        }

        SemaphoreWord.StepReached?.Invoke(SemaphoreStep.Arrived);
    }

    /// <summary>Lets the waiter pass if it is first and what it waits for is available.</summary>
    /// <returns>Whether the waiter has passed, now or earlier.</returns>
    public bool Look(QueuedWaiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Place is null) return waiter.HasPassed;
            waiter.Announce();
            if (!IsFirst(waiter.Ticket) || !waiter.TryPass()) return false;
            waiter.HasPassed = true;
            RemoveLocked(waiter);
        }

        waiter.Passed();
        return true;
    }

    /// <summary>Removes a waiter from the queue.</summary>
    /// <returns>Whether the waiter had passed, so that it owns what it waited for.</returns>
    public bool Leave(QueuedWaiter waiter)
    {
        bool wasInterrupted = EnterGateRegardless();
        try
        {
            if (waiter.Place is null) return waiter.HasPassed;
            RemoveLocked(waiter);
        }
        finally
        {
            _gate.Exit();
            if (wasInterrupted) Thread.CurrentThread.Interrupt(); // re-raised for the caller's next wait
        }

        SemaphoreWord.StepReached?.Invoke(SemaphoreStep.Left);
        return false;
    }

    /// <summary>Returns the signal at which a waiter sleeps.</summary>
    public SharedSignal SignalOf(QueuedWaiter waiter) => _signals[waiter.Ticket % Words];

    /// <summary>Wakes the first waiter, which then checks whether it may pass.</summary>
    /// <returns>False if there are no waiters.</returns>
    public bool WakeFirst()
    {
        Interlocked.MemoryBarrier(); // SYNC: queue or permits
        ulong first = ulong.MaxValue;
        int slot = -1;
        for (int i = 0; i < Used; i++)
        {
            if (Volatile.Read(ref TicketOf(i)) is not 0 and var ticket && ticket < first && _table[i] is not null)
                (first, slot) = (ticket, i);
        }

        if (slot < 0) return false;
        WordOf(slot, (uint)(first % Words)).WakeAll();
        return true;
    }

    /// <summary>Fails this process's waiters with <see cref="ObjectDisposedException"/>. The slot is not accessed afterwards.</summary>
    public void Close()
    {
        using (_gate.HoldRegardless())
        {
            _isClosed = true;
            foreach (QueuedWaiter waiter in _waiters) waiter.Place = null;
            _waiters.Clear();
            ShowLocked();
        }

        foreach (SharedSignal signal in _signals) signal.Close();
    }

    private bool IsFirst(ulong ticket)
    {
        for (int i = 0; i < Used; i++)
        {
            if (Volatile.Read(ref TicketOf(i)) is not 0 and var other && other < ticket && _table[i] is not null) return false;
        }

        return true;
    }

    private void RemoveLocked(QueuedWaiter waiter)
    {
        _waiters.Remove(waiter.Place!);
        waiter.Place = null;
        ShowLocked();
    }

    private void ShowLocked()
    {
        int own = _registration.Index;
        Volatile.Write(ref WaitingOf(own), Counted(WaitingOf(own), _waiters.Count));
        Interlocked.Exchange(ref TicketOf(own), _waiters.First?.Value.Ticket ?? 0); // SYNC: queue or permits
        CheckInvariantsLocked();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(!_isClosed || _waiters.Count == 0, "a closed object has no waiters");
        Debug.Assert(_waiters.First is not { } first || (ReferenceEquals(first.Value.Place, first) && !first.Value.HasPassed), "the first waiter has its node and has not passed");
        Debug.Assert(_waiters.Last is not { } last || ReferenceEquals(last.Value.Place, last), "the last waiter has its node");
    }

    private static ulong Counted(ulong before, int waiting) => (((before >> 32) + 1) << 32) | (uint)waiting;

    // Even Thread.Interrupt must not prevent a waiter from leaving: the waiters behind it would wait forever.
    private bool EnterGateRegardless()
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                _gate.Enter();
                return wasInterrupted;
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true; // the caller re-raises it
            }
        }
    }

    private SharedSignal Signal(ProcessRegistration registration, WaitPlatform platform, int index) =>
        new((uint*)(_table.Own(registration.Index) + WordsOffset) + index, platform, registration);

    private SignalWord WordOf(int slot, uint index) => new((uint*)(_table.Own(slot) + WordsOffset) + index, _platform);

    private ref ulong TicketOf(int slot) => ref *(ulong*)(_table.Own(slot) + TicketOffset);

    private ref ulong WaitingOf(int slot) => ref *(ulong*)(_table.Own(slot) + WaitingOffset);
}

/// <summary>A waiter in the queue.</summary>
internal abstract class QueuedWaiter
{
    public ulong Ticket { get; set; }

    /// <summary>The node in the list of its process; null while it is in no queue. Guarded by the queue's gate.</summary>
    public LinkedListNode<QueuedWaiter>? Place { get; set; }

    /// <summary>Whether the waiter owns what it waited for. Guarded by the queue's gate.</summary>
    public bool HasPassed { get; set; }

    /// <summary>Marks that there are waiters. Called before each check, under the queue's gate.</summary>
    public abstract void Announce();

    /// <summary>Takes what the waiter waits for, if it is available. Called for the first waiter, under the queue's gate.</summary>
    public abstract bool TryPass();

    /// <summary>Called after the waiter has passed and left the queue.</summary>
    public abstract void Passed();
}
