using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Waiting;

namespace Samovar.Ipc.Locks;

// How many permits are there, and which process holds how many. A lock is one permit; a reader-writer lock is very many, of which a
// reader takes one and a writer all.
//
// The word:                                     A process's account, in its process slot:
//     bits 0-19   available                         bits 0-31   held
//     bit  20     line: somebody may wait           bits 32-63  moves so far
//     bit  21     abandoned
//     bits 22-24  the last move (SemaphoreMove)
//     bits 25-36  whose, an index of a slot
//     bits 37-63  its number among the moves of that slot, the lower 27 bits
//
// 1. A move is one compare-and-swap of the word. It says at once what became available and whose move it was, so there is no moment in
//    which a permit has gone and nobody knows to whom.
// 2. Before it, whoever moves brings the move before into that slot's account, unless it is there: an account that stands one move
//    behind is changed by one compare-and-swap, which succeeds once. So at most the last move is missing from the accounts. What the
//    word says beside the move may change meanwhile (a line, permits added) and takes nothing from this: only another move does, which
//    has settled this one before.
// 3. The numbers run on when a slot gets another owner. Who read the word long ago finds the account further on and changes nothing.
// 4. A dead process's permits are given back by one move of its slot, while its slot is still its own. Several who do it meet in the
//    word: whoever comes later finds an empty account.
// 5. `line` is set by a waiter before each look, and cleared by whoever finds nobody waiting, who then looks again. While it is set,
//    only who is first in the queue takes.
// 6. `abandoned` is set by rule 4, and cleared by the next that takes what a dead process held and can be told.
// 7. A process that lets go of the object says so (SlotOwnership) and makes one move of its slot, which gives back what it holds. Whoever moves
//    for it reads the word before he looks whether it has let go, so he either sees that it has or finds the word changed: nobody takes or
//    gives in a slot that may be another's by now.

/// <summary>The moves of a word that counts permits. Nothing else changes it.</summary>
internal readonly unsafe struct SemaphoreWord(ulong* word, ProcessTable processes, uint capacity, SlotOwnership ownership)
{
    /// <summary>As many as the word can count.</summary>
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

    /// <summary>For tests: called at each point between which this process may die.</summary>
    internal static Action<SemaphoreStep>? StepReached { get; set; }

    public uint Capacity => capacity;

    /// <summary>Permits that nobody holds.</summary>
    public uint Available => (uint)(Volatile.Read(ref *word) & AvailableMask); // SYNC: permits moved

    /// <summary>Whether somebody may wait.</summary>
    public bool HasWaiters => (Volatile.Read(ref *word) & WaitersFlag) != 0; // SYNC: permits moved

    /// <summary>Whether a process died with permits, and nobody has been told.</summary>
    public bool IsAbandoned => (Volatile.Read(ref *word) & Abandoned) != 0; // SYNC: permits moved

    /// <summary>Takes one permit, or all, for the process of a slot; or one for nobody, which is gone for good.</summary>
    /// <param name="slot">The process's, or -1 for nobody.</param>
    /// <param name="all">All permits.</param>
    /// <param name="isFirst">Who asks is first in the queue.</param>
    /// <param name="wasAbandoned">A process died with what is taken.</param>
    /// <returns>False where there are too few, or others wait.</returns>
    /// <exception cref="ObjectDisposedException">This process has let go of the object.</exception>
    public bool TryTake(int slot, bool all, bool isFirst, out bool wasAbandoned)
    {
        uint amount = all ? capacity : 1;
        while (true)
        {
            ulong found = Volatile.Read(ref *word);
            wasAbandoned = (found & Abandoned) != 0;
            if (ownership.IsOver) // SYNC: slot let go
                throw SharedSignal.Disposed();
            if ((found & AvailableMask) < amount || (!isFirst && (found & WaitersFlag) != 0)) return false;

            // A reader leaves the notice standing for the writer, who can mend what he finds; who takes for nobody has no lease to tell by.
            ulong told = slot >= 0 && (all || capacity != Most) ? Abandoned : 0;
            ulong next = Next(found, slot, all ? SemaphoreMove.TookAll : SemaphoreMove.TookOne);
            if (TryMove(found, (next - amount) & ~told)) // SYNC: permits moved
                return true;
        }
    }

    /// <summary>Gives back what the process of a slot took.</summary>
    /// <param name="slot">The process's.</param>
    /// <param name="all">As it was taken.</param>
    /// <param name="isAbandoned">Leaves the notice of an abandonment to the next.</param>
    /// <returns>False where it holds none any more: it has let go of the object.</returns>
    public bool TryGive(int slot, bool all, bool isAbandoned = false)
    {
        uint amount = all ? capacity : 1;
        while (true)
        {
            ulong found = Volatile.Read(ref *word);
            if (ownership.IsOver) // SYNC: slot let go
                return false;
            ulong next = Next(found, slot, all ? SemaphoreMove.GaveAll : SemaphoreMove.GaveOne);
            if (HeldBy(slot) < amount) return false;
            ulong available = Math.Min(capacity, (found & AvailableMask) + amount); // more may have been added meanwhile
            if (TryMove(found, (next & ~AvailableMask) | available | (isAbandoned ? Abandoned : 0))) // SYNC: permits moved
                return true;
        }
    }

    /// <summary>Adds permits that nobody held.</summary>
    /// <returns>False where there would be more than may be.</returns>
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

    /// <summary>Takes away what nobody holds, down to a number.</summary>
    public void Lower(uint available)
    {
        while (true)
        {
            ulong found = Volatile.Read(ref *word);
            if ((found & AvailableMask) <= available || TryMove(found, (found & ~AvailableMask) | available)) return;
        }
    }

    /// <summary>Gives back all that a process holds that has died, or has let go of the object.</summary>
    /// <param name="slot">The process's.</param>
    /// <param name="process">It; where the slot is no longer its own, there is nothing to do.</param>
    /// <param name="leastToTell">From how many permits on the next is told.</param>
    /// <returns>How many this call gave back.</returns>
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

    /// <summary>Waiter: says that there are waiters.</summary>
    public void MarkWaiters()
    {
        if (!HasWaiters) Interlocked.Or(ref *word, WaitersFlag);
    }

    /// <summary>Says that there is no line; whoever says so looks once more whether there is.</summary>
    public void ClearWaiters()
    {
        if (HasWaiters) Interlocked.And(ref *word, ~WaitersFlag);
        StepReached?.Invoke(SemaphoreStep.WaitersCleared);
    }

    /// <summary>How many permits the process of a slot holds.</summary>
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

    // What the word becomes by a move, before the number available is changed; the move before is settled.
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
            throw new ChannelCorruptedException($"The word of permits names move {(int)move} of slot {slot}; there are {processes.Capacity} slots.");
        ulong account = Volatile.Read(ref Account(slot)); // SYNC: account settled
        ulong moves = account >> 32;
        if (((moves + 1) & NumberMask) != found >> NumberShift || Volatile.Read(ref *word) >> MoveShift != found >> MoveShift)
            return; // in the account already
        uint held = (uint)account;
        uint given = move switch { SemaphoreMove.GaveOne => 1, SemaphoreMove.GaveAll => capacity, _ => 0 };
        if (held < given || (found & AvailableMask) > capacity)
            throw new ChannelCorruptedException($"{given} permits are given back by slot {slot}, which holds {held}; {found & AvailableMask} of {capacity} are available.");
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

    // A word that another process has overwritten is no mistake of this one's: what is wrong in what was found is told when it is settled.
    [Conditional("DEBUG")]
    private void CheckInvariants(ulong found, ulong next)
    {
        bool isSound = (found & AvailableMask) <= capacity;
        Debug.Assert(!isSound || (next & AvailableMask) <= capacity, "no move leaves more permits than there are");
        Debug.Assert((next & WaitersFlag) == (found & WaitersFlag), "only a waiter, or who finds nobody waiting, changes the line");
        bool isMove = next >> MoveShift != found >> MoveShift;
        Debug.Assert(!isMove || ((next >> SlotShift) & SlotMask) < (ulong)processes.Capacity, "a move names the slot of a participant");
        Debug.Assert(!isMove || (SemaphoreMove)((next >> MoveShift) & MoveMask) is > SemaphoreMove.None and <= SemaphoreMove.Returned, "a move is one of those there are");
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

/// <summary>The moments between which a process may die at a word of permits. Tests stop at each; nothing else looks at them.</summary>
internal enum SemaphoreStep
{
    /// <summary>The word is changed, the account is not.</summary>
    Moved,

    /// <summary>The account is changed too, nobody is woken.</summary>
    Settled,

    /// <summary>The word says that nobody waits, and nobody has looked again.</summary>
    WaitersCleared,

    /// <summary>A waiter has taken its place in the queue.</summary>
    Arrived,

    /// <summary>A waiter has left the queue, and the next has not been woken.</summary>
    Left,

    /// <summary>Who repairs: has seen what a dead process left in the queue, and has not removed it.</summary>
    Removing,
}
