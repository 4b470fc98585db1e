using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;

namespace Samovar.Ipc.Locks;

// How many permits are available, and how many each process holds. A lock has one permit. A reader-writer lock has very many permits: a reader takes
// one, a writer takes all.
//
// The word:                                     A process's account, in its process slot:
//     bits 0-19   available                         bits 0-31   held
//     bit  20     waiters: there may be waiters     bits 32-63  moves so far
//     bit  21     abandoned
//     bits 22-24  the last move (SemaphoreMove)
//     bits 25-36  the index of the slot that moved
//     bits 37-63  the move's number in that slot, the lower 27 bits
//
// 1. A move is one compare-and-swap of the word. It stores the new number of available permits and the slot that moved together, so there is no
//    moment in which a permit is taken without a known owner.
// 2. Before a move, the mover settles the previous move: it applies that move to its slot's account, unless it is applied already. An account that is
//    one move behind is changed by one compare-and-swap, which succeeds once. So at most the last move is missing from the accounts. The other bits
//    of the word (waiters, added permits) may change in the meantime without effect on this: only another move changes the move bits, and that move
//    has settled this one before.
// 3. The numbers continue when a slot gets another owner. A process that read the word long ago finds the account further on and changes nothing.
// 4. A dead process's permits are returned by one move of its slot, while the slot is still its own. Several processes that do this meet in the word:
//    all but the first find an empty account.
// 5. `waiters` is set by a waiter before each look. It is cleared by a process that finds no waiters and then looks again. While it is set, only the
//    first waiter in the queue takes.
// 6. `abandoned` is set by rule 4. It is cleared by the next process that takes the permits and can report it (see TryTake).
// 7. A process that releases the object marks that (SlotOwnership) and makes one move of its slot, which returns what it holds. A thread that moves
//    for this process reads the word before it checks the mark, so it either sees the mark or finds the word changed: no thread takes or gives in a
//    slot that may belong to another process by now.

/// <summary>The transitions of a word that counts permits. Nothing else changes it.</summary>
internal readonly unsafe struct SemaphoreWord(ulong* word, ProcessTable processes, uint capacity, SlotOwnership ownership)
{
    /// <summary>The largest number of permits that the word can hold.</summary>
    public const uint Most = (1u << 20) - 1;

    private const ulong AvailableMask = Most;
    private const ulong WaitersFlag = 1ul << 20;
    private const ulong Abandoned = 1ul << 21;
    private const ulong Plain = AvailableMask | WaitersFlag | Abandoned;
    private const int MoveShift = 22;
    private const int SlotShift = 25;
    private const int NumberShift = 37;
    private const uint MoveMask = 7;
    private const uint SlotMask = (1u << 12) - 1;
    private const uint NumberMask = (1u << 27) - 1;

    /// <summary>For tests: called at each point at which this process may die.</summary>
    internal static Action<SemaphoreStep>? StepReached { get; set; }

    public uint Capacity => capacity;

    /// <summary>The number of permits without a holder.</summary>
    public uint Available => (uint)(Volatile.Read(ref *word) & AvailableMask); // SYNC: permits moved

    /// <summary>Whether there may be waiters.</summary>
    public bool HasWaiters => (Volatile.Read(ref *word) & WaitersFlag) != 0; // SYNC: permits moved

    /// <summary>The last move: which slot made it, and its number in that slot. It is different after each entry and each exit.</summary>
    public ulong LastMove => Volatile.Read(ref *word) >> MoveShift; // SYNC: permits moved

    /// <summary>Whether a process died with permits and no holder has been notified.</summary>
    public bool IsAbandoned => (Volatile.Read(ref *word) & Abandoned) != 0; // SYNC: permits moved

    /// <summary>Takes one or all permits for the process of a slot, or removes one permit permanently.</summary>
    /// <param name="slot">The process's slot, or -1 to remove the permit permanently.</param>
    /// <param name="all">Whether to take all permits.</param>
    /// <param name="isFirst">Whether the caller is first in the queue.</param>
    /// <param name="wasAbandoned">Whether a process died while it held what is taken.</param>
    /// <returns>False if there are too few permits, or others wait.</returns>
    /// <exception cref="ObjectDisposedException">This process has released the object.</exception>
    public bool TryTake(int slot, bool all, bool isFirst, out bool wasAbandoned)
    {
        uint amount = all ? capacity : 1;
        while (true)
        {
            ulong found = Volatile.Read(ref *word);
            wasAbandoned = (found & Abandoned) != 0;
            if (ownership.IsOver) // SYNC: slot released
                throw SharedSignal.Disposed();
            if ((found & AvailableMask) < amount || (!isFirst && (found & WaitersFlag) != 0)) return false;

            // A reader keeps the mark for the writer, which can repair what is protected; a permit that is removed permanently has no lease to report
            // it.
            ulong told = slot >= 0 && (all || capacity != Most) ? Abandoned : 0;
            ulong next = Next(found, slot, all ? SemaphoreMove.TookAll : SemaphoreMove.TookOne);
            if (TryMove(found, (next - amount) & ~told)) // SYNC: permits moved
                return true;
        }
    }

    /// <summary>Returns what the process of a slot took.</summary>
    /// <param name="slot">The process's slot.</param>
    /// <param name="all">Whether all permits were taken.</param>
    /// <param name="isAbandoned">Whether the next holder is to be notified of an abandonment.</param>
    /// <returns>False if the process holds nothing, because it has released the object.</returns>
    public bool TryGive(int slot, bool all, bool isAbandoned = false)
    {
        uint amount = all ? capacity : 1;
        while (true)
        {
            ulong found = Volatile.Read(ref *word);
            if (ownership.IsOver) // SYNC: slot released
                return false;
            ulong next = Next(found, slot, all ? SemaphoreMove.GaveAll : SemaphoreMove.GaveOne);
            if (HeldBy(slot) < amount) return false;
            ulong available = Math.Min(capacity, (found & AvailableMask) + amount); // permits may have been added in the meantime
            if (TryMove(found, (next & ~AvailableMask) | available | (isAbandoned ? Abandoned : 0))) // SYNC: permits moved
                return true;
        }
    }

    /// <summary>Adds permits without a previous holder.</summary>
    /// <returns>False if that would exceed the capacity.</returns>
    public bool TryAdd(uint amount)
    {
        while (true)
        {
            ulong found = Volatile.Read(ref *word);
            if ((found & AvailableMask) + amount > capacity) return false;
            if (TryMove(found, found + amount)) // SYNC: permits moved
                return true;
        }
    }

    /// <summary>Removes available permits, down to a number.</summary>
    public void Lower(uint available)
    {
        while (true)
        {
            ulong found = Volatile.Read(ref *word);
            if ((found & AvailableMask) <= available || TryMove(found, (found & ~AvailableMask) | available)) return;
        }
    }

    /// <summary>Returns all permits of a process that has died or has released the object.</summary>
    /// <param name="slot">The process's slot.</param>
    /// <param name="process">The process; nothing is done if the slot has another owner.</param>
    /// <param name="leastToTell">The number of permits from which the next holder is notified.</param>
    /// <returns>The number of permits that this call returned.</returns>
    public uint Return(int slot, ProcessIdentity process, uint leastToTell)
    {
        while (true)
        {
            ulong found = Volatile.Read(ref *word);
            ulong next = Next(found, slot, SemaphoreMove.Returned);
            uint held = HeldBy(slot);
            if ((held == 0 && !ownership.IsOver) || processes[slot] != process) return 0;
            ulong available = Math.Min(capacity, (found & AvailableMask) + held);
            if (TryMove(found, (next & ~AvailableMask) | available | (held >= leastToTell ? Abandoned : 0))) return held;
        }
    }

    /// <summary>Called by a waiter: marks that there are waiters.</summary>
    public void MarkWaiters()
    {
        if (!HasWaiters) Interlocked.Or(ref *word, WaitersFlag);
    }

    /// <summary>Clears the mark of waiters; the caller then looks again whether there are any.</summary>
    public void ClearWaiters()
    {
        if (HasWaiters) Interlocked.And(ref *word, ~WaitersFlag);
        StepReached?.Invoke(SemaphoreStep.WaitersCleared);
    }

    /// <summary>The number of permits that the process of a slot holds.</summary>
    public uint Held(int slot)
    {
        Settle(Volatile.Read(ref *word));
        return HeldBy(slot);
    }

    private uint HeldBy(int slot) => (uint)Volatile.Read(ref Account(slot));

    private bool TryMove(ulong found, ulong next)
    {
        CheckInvariants(found, next);
        if (Interlocked.CompareExchange(ref *word, next, found) != found) // SYNC: permits moved
            return false;
        StepReached?.Invoke(SemaphoreStep.Moved);
        Settle(next);
        return true;
    }

    // Returns the word after a move, before the number of available permits is changed. Settles the previous move.
    private ulong Next(ulong found, int slot, SemaphoreMove move)
    {
        Settle(found);
        if (slot < 0) return found;
        ulong number = ((Volatile.Read(ref Account(slot)) >> 32) + 1) & NumberMask;
        return (found & Plain) | ((ulong)move << MoveShift) | ((ulong)slot << SlotShift) | (number << NumberShift);
    }

    private void Settle(ulong found)
    {
        var move = (SemaphoreMove)((found >> MoveShift) & MoveMask);
        if (move == SemaphoreMove.None) return;
        int slot = (int)((found >> SlotShift) & SlotMask);
        if (slot >= processes.Capacity || move > SemaphoreMove.Returned)
            throw new ChannelCorruptedException($"The permit word names move {(int)move} of slot {slot}; there are {processes.Capacity} slots.");
        ulong account = Volatile.Read(ref Account(slot)); // SYNC: account settled
        ulong moves = account >> 32;
        if (((moves + 1) & NumberMask) != found >> NumberShift || Volatile.Read(ref *word) >> MoveShift != found >> MoveShift)
            return; // settled already
        uint held = (uint)account;
        uint given = move switch { SemaphoreMove.GaveOne => 1, SemaphoreMove.GaveAll => capacity, _ => 0 };
        if (held < given || (found & AvailableMask) > capacity)
            throw new ChannelCorruptedException($"Slot {slot} returns {given} permits and holds {held}; {found & AvailableMask} of {capacity} are free.");
        held = move switch
        {
            SemaphoreMove.TookOne => held + 1,
            SemaphoreMove.TookAll => held + capacity,
            SemaphoreMove.Returned => 0,
            _ => held - given,
        };
        ulong settled = ((ulong)(uint)(moves + 1) << 32) | held;
        Interlocked.CompareExchange(ref Account(slot), settled, account); // SYNC: account settled
        StepReached?.Invoke(SemaphoreStep.Settled);
    }

    // Another process may have overwritten the word; that is not an error of this process, and settling the word reports it.
    [Conditional("DEBUG")]
    private void CheckInvariants(ulong found, ulong next)
    {
        bool isSound = (found & AvailableMask) <= capacity;
        Debug.Assert(!isSound || (next & AvailableMask) <= capacity, "no move leaves more permits available than the capacity");
        Debug.Assert((next & WaitersFlag) == (found & WaitersFlag), "a move does not change the mark of waiters");
        bool isMove = next >> MoveShift != found >> MoveShift;
        Debug.Assert(!isMove || ((next >> SlotShift) & SlotMask) < (ulong)processes.Capacity, "a move names an existing slot");
        Debug.Assert(!isMove || (SemaphoreMove)((next >> MoveShift) & MoveMask) is > SemaphoreMove.None and <= SemaphoreMove.Returned, "a move has a defined kind");
    }

    private ref ulong Account(int slot) => ref *(ulong*)processes.Own(slot);

    private enum SemaphoreMove
    {
        None,
        TookOne,
        GaveOne,
        TookAll,
        GaveAll,
        Returned,
    }
}

/// <summary>The points at which a process may die while it changes a permit word. Used by tests only.</summary>
internal enum SemaphoreStep
{
    /// <summary>The word is changed; the account is not.</summary>
    Moved,

    /// <summary>The account is changed too; no waiter is woken.</summary>
    Settled,

    /// <summary>The mark of waiters is cleared; the process has not looked again.</summary>
    WaitersCleared,

    /// <summary>A waiter is enqueued.</summary>
    Arrived,

    /// <summary>A waiter has left the queue; the next one is not woken.</summary>
    Left,

    /// <summary>Repair: the queue entry of a dead process was read and is not removed.</summary>
    Removing,
}
