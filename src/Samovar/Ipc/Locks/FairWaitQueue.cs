using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Ipc.Locks;

// Who comes first. In each process's slot, behind its account:
//
//     +8  ulong ticket     of this process's first waiter; 0 = nobody waits here
//     +16 ulong waiting    how many wait here in the lower half, for those who count; how often it was changed in the upper
//     +24 uint[4]          signal words; a waiter sleeps at the one of its ticket modulo 4
//
// 1. A waiter draws a ticket, and is first when no slot holds a lower one. Whether it may pass is decided by whoever is first, by looking;
//    nothing is handed to anybody, so nothing is lost with a waiter that gives up or dies.
// 2. Whoever changes what is waited for, and whoever leaves the queue, then wakes the first (WakeFirst). Both the change and the leaving
//    are full fences before the slots are looked through, so either the one sees the other's change or the other way round.
// 3. A process's waiters stand in a list of its own, in the order of their tickets; its slot shows the first. List and slot are changed
//    under the gate.
// 4. A ticket in a dead process's slot is removed by those who find it dead, by one compare-and-swap; they all look again afterwards.
//    Tickets and the counts of changes never come again, so who is late finds another one and changes nothing, though the slot has
//    another owner by then. A ticket in a free slot is nobody's.
// 5. Who joins wakes all that sleep, so that they watch the process from then on.

/// <summary>Waiters of all processes in the order in which they came: this process's side.</summary>
/// <remarks>Whoever comes while another is drawing its ticket may be before or after that one; whoever comes after another sleeps is after it.</remarks>
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

    /// <param name="registration">This process.</param>
    /// <param name="platform">How to sleep.</param>
    /// <param name="tickets">The last ticket drawn.</param>
    /// <param name="used">How many slots have ever been taken: the rest need no look.</param>
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
                WordOf(i, word).WakeAllRegardless(); // those who sleep already are to watch this process
        }
    }

    /// <summary>Slots that need a look.</summary>
    public int Used => (int)Math.Min(Volatile.Read(ref *_used), (uint)_table.Capacity); // SYNC: slot in use

    /// <summary>Who waits, of all processes.</summary>
    public int Waiting
    {
        get
        {
            uint sum = 0;
            for (int i = 0; i < Used; i++) sum += (uint)Volatile.Read(ref WaitingOf(i));
            return (int)sum;
        }
    }

    /// <summary>Whether anybody waits.</summary>
    public bool Any
    {
        get
        {
            Interlocked.MemoryBarrier(); // SYNC: queue or permits
            return !IsFirst(ulong.MaxValue);
        }
    }

    /// <summary>Removes what a process left in the queue that has died, or lets go of the object.</summary>
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

    /// <summary>Takes the last place.</summary>
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

    /// <summary>Passes the waiter, if it is first and finds what it waits for.</summary>
    /// <returns>Whether it has passed, now or before.</returns>
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

    /// <summary>Gives the place up.</summary>
    /// <returns>Whether the waiter had passed: what it waited for is its own.</returns>
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
            if (wasInterrupted) Thread.CurrentThread.Interrupt(); // for the caller's next wait, which it is meant for
        }

        SemaphoreWord.StepReached?.Invoke(SemaphoreStep.Left);
        return false;
    }

    /// <summary>Where a waiter sleeps.</summary>
    public SharedSignal SignalOf(QueuedWaiter waiter) => _signals[waiter.Ticket % Words];

    /// <summary>Wakes the first, whose look decides.</summary>
    /// <returns>False where nobody waits.</returns>
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

    /// <summary>Sends this process's waiters away, with <see cref="ObjectDisposedException"/>. The slot is not touched afterwards.</summary>
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
        Debug.Assert(!_isClosed || _waiters.Count == 0, "nobody waits at a closed object");
        Debug.Assert(_waiters.First is not { } first || (ReferenceEquals(first.Value.Place, first) && !first.Value.HasPassed), "whoever is first here knows its place, and has not passed");
        Debug.Assert(_waiters.Last is not { } last || ReferenceEquals(last.Value.Place, last), "whoever is last here knows its place");
    }

    private static ulong Counted(ulong before, int waiting) => (((before >> 32) + 1) << 32) | (uint)waiting;

    // Nobody who has a place may be kept from giving it up, not even by Thread.Interrupt: the others would wait behind it for ever.
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
                wasInterrupted = true; // told again by the caller
            }
        }
    }

    private SharedSignal Signal(ProcessRegistration registration, WaitPlatform platform, int index) =>
        new((uint*)(_table.Own(registration.Index) + WordsOffset) + index, platform, registration);

    private SignalWord WordOf(int slot, uint index) => new((uint*)(_table.Own(slot) + WordsOffset) + index, _platform);

    private ref ulong TicketOf(int slot) => ref *(ulong*)(_table.Own(slot) + TicketOffset);

    private ref ulong WaitingOf(int slot) => ref *(ulong*)(_table.Own(slot) + WaitingOffset);
}

/// <summary>One that waits in the queue.</summary>
internal abstract class QueuedWaiter
{
    public ulong Ticket { get; set; }

    /// <summary>In the list of its process; null where it is in no queue. Under the queue's gate.</summary>
    public LinkedListNode<QueuedWaiter>? Place { get; set; }

    /// <summary>It has what it waited for. Under the queue's gate.</summary>
    public bool HasPassed { get; set; }

    /// <summary>Before each look, under the queue's gate: says that there are waiters.</summary>
    public abstract void Announce();

    /// <summary>It is the first: takes what it waits for, if that is there. Under the queue's gate.</summary>
    public abstract bool TryPass();

    /// <summary>It has passed, and left the queue.</summary>
    public abstract void Passed();
}
