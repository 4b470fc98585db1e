using System.Runtime.InteropServices;

namespace Samovar.Ipc.Queues;

/// <summary>The contents of a process slot of a pipe's direction; docs/reference/ipc-format.md has the same table.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal unsafe struct PipeSlot
{
    /// <summary>The number of ends in transit from one process that the process need not hold. It holds further ones itself until they
    /// arrive.</summary>
    public const int MostTransits = 8;

    /// <summary>The numbers of items taken and of items done, as in the slot of a queue.</summary>
    [FieldOffset(0)] public long Taken;
    [FieldOffset(8)] public long Done;

    /// <summary>The process's parts in the ends, see <see cref="PipePart"/>. Written by the owner.</summary>
    [FieldOffset(16)] public uint Roles;

    /// <summary>Ends in transit from this process: the role in the lower two bits, a number above; 0 for a free entry. Written by the owner; cleared
    /// by the receiving process with one compare-and-swap.</summary>
    [FieldOffset(24)] public fixed uint Transits[MostTransits];
}
