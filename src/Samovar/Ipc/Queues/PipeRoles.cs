using System.Diagnostics;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Ipc.Queues;

// Who has the two ends of a pipe's direction, and when it ends because nobody has one of them. Each process says it in its process slot
// (PipeSlot, PipePart); nobody counts for others, so a death leaves nothing to be put right but the slot, which is given back anyhow.
//
// 1. An end is open while some process uses it, or has it on its way, or was given it with work and does not use the opposite end of the same
//    direction. (A lambda brings along what its neighbours captured: who is given both ends and uses one has no other.)
// 2. The process that has made an end and has not used it keeps it open until some process uses it; once it has sent it on, also no longer than until it
//    uses the opposite end itself. So whoever gives an end away need not close it, and who makes a pipe for two others neither.
// 3. An end is handed on without a gap: the sender writes the transit into its slot; the receiver writes its part into its own, and then clears the
//    transit. What came with work is given up when the work is over.
// 4. Who has given up something looks whether the end is still open. Looking takes many reads, between which an end may be handed on from a slot not
//    yet read to one already read. Who takes a part therefore advances the turn after it has written its part and before anybody gives up his
//    (rule 3); a look in vain counts only if the turn has stood. Both sides have a full fence between their write and their read.
// 5. Of several who give up at once, the last to write sees all; who dies in between is repaired by those who watch, and they look after the dead
//    one's slot is free.
// 6. A direction that has ended is completed, as a queue is, and stays so.

/// <summary>The parts that this process has in the ends of a pipe's direction.</summary>
internal sealed unsafe class PipeRoles(QueueHeader* header, ProcessRegistration registration, Action<PipeRole> end)
{
    private readonly Lock _gate = new();
    private readonly int[] _counts = new int[3 * ((int)PipePart.Closed + 1)]; // end objects here, by part and role
    private readonly PipeSlot* _own = (PipeSlot*)registration.Table.Own(registration.Index);
    private uint _transits; // numbers given

    /// <summary>For tests: called at each point between which this process may die.</summary>
    internal static Action<PipeStep>? StepReached { get; set; }

    /// <summary>Takes over the slot: nothing of its former owner's counts.</summary>
    public void Begin()
    {
        Volatile.Write(ref _own->Roles, 0);
        for (int i = 0; i < PipeSlot.MostTransits; i++) Volatile.Write(ref _own->Transits[i], 0);
    }

    /// <summary>An end object of this process goes over from one part to another.</summary>
    public void Change(PipeRole role, PipePart before, PipePart after)
    {
        using (_gate.HoldRegardless())
        {
            _counts[(3 * (int)before) + (int)role]--;
            _counts[(3 * (int)after) + (int)role]++;
            uint word = 0;
            for (PipePart part = PipePart.Used; part < PipePart.None; part++)
            {
                for (int r = 1; r <= 2; r++) word |= _counts[(3 * (int)part) + r] > 0 ? Bit(part, (PipeRole)r) : 0;
            }

            Interlocked.Exchange(ref _own->Roles, word); // SYNC: part taken or looked for
            if (after == PipePart.Used)
                Interlocked.Or(ref header->UsedRoles, (uint)role); // after the part: who sees this sees that
            Interlocked.Increment(ref header->RoleTurn); // SYNC: role turn
            CheckInvariantsLocked();
        }
    }

    /// <summary>Writes down an end that is on its way.</summary>
    /// <returns>Where and what; 0 where there is no place.</returns>
    public (int Cell, uint Transit) BeginTransit(PipeRole role)
    {
        lock (_gate)
        {
            for (int i = 0; i < PipeSlot.MostTransits; i++)
            {
                if (Volatile.Read(ref _own->Transits[i]) != 0) continue;
                _transits = (_transits + 1) & 0x3FFF_FFFF;
                uint transit = (Math.Max(1, _transits) << 2) | (uint)role;
                Interlocked.Exchange(ref _own->Transits[i], transit); // SYNC: part taken or looked for
                Interlocked.Increment(ref header->RoleTurn); // SYNC: role turn
                return (i, transit);
            }

            return default;
        }
    }

    /// <summary>Clears a transit of this process's, or of another's whose end has arrived here.</summary>
    /// <returns>False where it was cleared before.</returns>
    public bool TryEndTransit(int slot, int cell, uint transit) =>
        Interlocked.CompareExchange(ref ((PipeSlot*)registration.Table.Own(slot))->Transits[cell], 0, transit) == transit;

    /// <summary>After something was given up: ends the direction if nobody has one of its ends any more.</summary>
    public void Look()
    {
        StepReached?.Invoke(PipeStep.GivenUp);
        if (Volatile.Read(ref header->Completion) == QueueHeader.Completed) // SYNC: queue completed
            return;
        foreach (PipeRole role in (ReadOnlySpan<PipeRole>)[PipeRole.Sender, PipeRole.Receiver])
        {
            if (!IsOpen(role)) end(role);
        }
    }

    /// <summary>Whether some process has an end of the role.</summary>
    public bool IsOpen(PipeRole role)
    {
        while (true)
        {
            Interlocked.MemoryBarrier(); // SYNC: part taken or looked for
            uint turn = Volatile.Read(ref header->RoleTurn); // SYNC: role turn
            bool wasUsed = (Volatile.Read(ref header->UsedRoles) & (uint)role) != 0;
            for (int i = 0; i < registration.Table.Capacity; i++)
            {
                if (registration.Table[i] is not null && IsIn((PipeSlot*)registration.Table.Own(i), role, wasUsed)) return true;
            }

            if (Volatile.Read(ref header->RoleTurn) == turn) return false;
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        for (PipePart part = PipePart.Used; part < PipePart.None; part++)
        {
            Debug.Assert(_counts[(3 * (int)part) + (int)PipeRole.Sender] >= 0 && _counts[(3 * (int)part) + (int)PipeRole.Receiver] >= 0, "only an end that had a part gives it up");
        }
    }

    private static uint Bit(PipePart part, PipeRole role) => (uint)role << (2 * (int)part);

    private static bool IsIn(PipeSlot* slot, PipeRole role, bool wasUsed)
    {
        uint roles = Volatile.Read(ref slot->Roles);
        bool usesOpposite = (roles & Bit(PipePart.Used, (PipeRole)((uint)role ^ 3))) != 0;
        if (Has(PipePart.Used) || Has(PipePart.OnItsWay) || (Has(PipePart.Arrived) && !usesOpposite)) return true;
        if (!wasUsed && (Has(PipePart.Made) || (Has(PipePart.Lent) && !usesOpposite))) return true;
        for (int i = 0; i < PipeSlot.MostTransits; i++)
        {
            if ((Volatile.Read(ref slot->Transits[i]) & 3) == (uint)role) return true;
        }

        return false;

        bool Has(PipePart part) => (roles & Bit(part, role)) != 0;
    }
}
