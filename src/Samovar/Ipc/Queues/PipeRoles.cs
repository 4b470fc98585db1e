using System.Diagnostics;
using Samovar.Ipc.Waiting;
using Samovar.Primitives;

namespace Samovar.Ipc.Queues;

// Which processes have the two ends of a pipe's direction, and when the direction ends because no process has one of them. Each process records this
// in its own process slot (PipeSlot, PipePart). No process counts for others, so a death leaves nothing to repair except the slot, which is returned
// in any case.
//
// 1. An end is open while some process uses it, or has it in transit, or received it with a task and does not use the opposite end of the same
//    direction. (A lambda also captures the variables that other lambdas of its scope capture, so a process that received both ends and uses one does
//    not count as having the other.)
// 2. A process that created an end and has not used it keeps it open until some process uses it; once it has sent the end, only until it uses the
//    opposite end itself. So neither a process that gives an end away nor one that creates a pipe for two others has to close it.
// 3. An end is transferred without a gap: the sender writes the transit into its slot; the receiver writes its part into its own slot, and then
//    clears the transit. A part that arrived with a task is dropped when the task completes.
// 4. A process that has dropped a part checks whether the end is still open. The check takes many reads, between which an end may be transferred from
//    a slot not read yet to one already read. Therefore a process that takes a part advances the turn after it has written its part, and before any
//    process drops its part because of that (rule 3). A check that finds no holder counts only if the turn has not changed. Both sides have a full
//    fence between their write and their read.
// 5. If several processes drop their parts at once, the last one to write sees all. If it dies in between, the processes that watch it repair its
//    slot and check after the slot is free.
// 6. The end of a direction completes it, as a queue is completed, permanently.

/// <summary>The parts that this process has in the ends of a pipe's direction.</summary>
internal sealed unsafe class PipeRoles(QueueHeader* header, ProcessRegistration registration, Action<PipeRole> end)
{
    private readonly Lock _gate = new();
    private readonly int[] _counts = new int[3 * ((int)PipePart.Closed + 1)]; // end objects in this process, by part and role
    private readonly PipeSlot* _own = (PipeSlot*)registration.Table.Own(registration.Index);
    private uint _transits; // numbers assigned so far

    /// <summary>For tests: called at each point at which this process may die.</summary>
    internal static Action<PipeStep>? StepReached { get; set; }

    /// <summary>Takes over the slot, and clears what its former owner left there.</summary>
    public void Begin()
    {
        Volatile.Write(ref _own->Roles, 0);
        for (int i = 0; i < PipeSlot.MostTransits; i++) Volatile.Write(ref _own->Transits[i], 0);
    }

    /// <summary>Changes the part of an end object of this process.</summary>
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
                Interlocked.Or(ref header->UsedRoles, (uint)role); // after the part: a process that sees this also sees the part
            Interlocked.Increment(ref header->RoleTurn); // SYNC: role turn
            CheckInvariantsLocked();
        }
    }

    /// <summary>Records an end in transit.</summary>
    /// <returns>The entry and its value; 0 if there is no free entry.</returns>
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

    /// <summary>Clears a transit of this process, or of the process from which an end has arrived here.</summary>
    /// <returns>False if it was cleared before.</returns>
    public bool TryEndTransit(int slot, int cell, uint transit) =>
        Interlocked.CompareExchange(ref ((PipeSlot*)registration.Table.Own(slot))->Transits[cell], 0, transit) == transit;

    /// <summary>Called after a part was dropped: ends the direction if no process has one of its ends any more.</summary>
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
            Debug.Assert(_counts[(3 * (int)part) + (int)PipeRole.Sender] >= 0 && _counts[(3 * (int)part) + (int)PipeRole.Receiver] >= 0, "an end drops only a part that it had");
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
