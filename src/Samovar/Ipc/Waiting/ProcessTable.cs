using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Waiting;

// Which processes use an object, in its segment: one slot to each,
//
//     +0 ulong owner     ProcessIdentity.Word; 0 = free
//     +8 the rest of 64 bytes is the object's own
//
// 1. A process takes a slot by one compare-and-swap of the owner, so that there is no moment in which a slot is taken and nobody
//    knows by whom.
// 2. It gives the slot back when it closes the object: it clears what is its own there and stores 0, with release.
// 3. The slot of a process that has died is given back by those who find it dead, after they have repaired what it left. What
//    there is to repair, and who of several does it, is the object's affair; the last step is one compare-and-swap of the owner.
// 4. SharedHeader.Joins counts takings. Who waits compares it with the last value it saw, and looks at the table where it differs.

/// <summary>The processes that use a shared object.</summary>
internal readonly unsafe struct ProcessTable(byte* slots, int capacity, uint* joins)
{
    public const int SlotSize = 64;

    public int Capacity => capacity;

    /// <summary>How often a process has joined.</summary>
    public uint Joins => Volatile.Read(ref *joins); // SYNC: process joined

    /// <summary>Takes a slot for this process.</summary>
    /// <exception cref="SharedObjectException">There is none left.</exception>
    public int Join(ProcessIdentity process)
    {
        for (int i = 0; i < capacity; i++)
        {
            if (Volatile.Read(ref Owner(i)) == 0 && Interlocked.CompareExchange(ref Owner(i), process.Word, 0) == 0)
            {
                Interlocked.Increment(ref *joins); // SYNC: process joined
                return i;
            }
        }

        throw new SharedObjectException(SharedObjectFault.TooManyProcesses,
            $"{capacity} processes use this object already, as many as it was made for. Make it for more.");
    }

    /// <summary>Whose a slot is; null where it is free.</summary>
    public ProcessIdentity? this[int index] =>
        Volatile.Read(ref Owner(index)) is not 0 and var word ? ProcessIdentity.From(word) : null; // SYNC: process left

    /// <summary>The object's own bytes of a slot.</summary>
    public byte* Own(int index) => slots + ((long)index * SlotSize) + sizeof(ulong);

    /// <summary>Gives a slot back, one's own or a dead process's.</summary>
    /// <returns>False where it was given back already.</returns>
    public bool TryLeave(int index, ProcessIdentity process) =>
        Interlocked.CompareExchange(ref Owner(index), 0, process.Word) == process.Word; // SYNC: process left

    private ref ulong Owner(int index) => ref *(ulong*)(slots + ((long)index * SlotSize));
}
