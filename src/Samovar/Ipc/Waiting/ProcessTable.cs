using Samovar.Ipc.Platform;

namespace Samovar.Ipc.Waiting;

// The processes that use an object, in its segment. Each has one slot:
//
//     +0 ulong owner     ProcessIdentity.Word; 0 = free
//     +8 the rest of the 64 bytes belongs to the object
//
// 1. A process takes a slot by one compare-and-swap of the owner, so a slot never has an unknown owner.
// 2. It returns the slot when it closes the object: it clears the object's bytes in the slot and stores 0, with release.
// 3. The slot of a dead process is returned by the processes that find it dead, after they have repaired what it left. The object defines the repair,
//    and which of several processes does it; the last step is one compare-and-swap of the owner.
// 4. SharedHeader.Joins counts the slots taken so far. A waiter compares it with the last value it saw, and reads the table if it differs.

/// <summary>The processes that use a shared object.</summary>
internal readonly unsafe struct ProcessTable(byte* slots, int capacity, uint* joins)
{
    public const int SlotSize = 64;

    public int Capacity => capacity;

    /// <summary>How often a process has joined.</summary>
    public uint Joins => Volatile.Read(ref *joins); // SYNC: process joined

    /// <summary>Takes a slot for this process.</summary>
    /// <exception cref="SharedObjectException">All slots are taken.</exception>
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
            $"{capacity} processes use this object already, the most for which it was created. Create it for more processes.");
    }

    /// <summary>Gets the owner of a slot; null if the slot is free.</summary>
    public ProcessIdentity? this[int index] =>
        Volatile.Read(ref Owner(index)) is not 0 and var word ? ProcessIdentity.From(word) : null; // SYNC: process left

    /// <summary>Gets the object's own bytes in a slot.</summary>
    public byte* Own(int index) => slots + ((long)index * SlotSize) + sizeof(ulong);

    /// <summary>Returns the slot of this process, or of a dead process.</summary>
    /// <returns>False if the slot was returned already.</returns>
    public bool TryLeave(int index, ProcessIdentity process) =>
        Interlocked.CompareExchange(ref Owner(index), 0, process.Word) == process.Word; // SYNC: process left

    private ref ulong Owner(int index) => ref *(ulong*)(slots + ((long)index * SlotSize));
}
