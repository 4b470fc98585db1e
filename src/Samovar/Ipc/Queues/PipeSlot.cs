using System.Runtime.InteropServices;

namespace Samovar.Ipc.Queues;

/// <summary>What a process keeps in its process slot of a pipe's direction; docs/reference/ipc-format.md holds the same table.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal unsafe struct PipeSlot
{
    /// <summary>How many ends a process can have on their way at once and be rid of when they arrive. Further ones it holds itself until then.</summary>
    public const int MostTransits = 8;

    /// <summary>Items taken and items done, as in the slot of a queue.</summary>
    [FieldOffset(0)] public long Taken;
    [FieldOffset(8)] public long Done;

    /// <summary>What the process has of the ends, see <see cref="PipePart"/>. Written by the owner.</summary>
    [FieldOffset(16)] public uint Roles;

    /// <summary>Ends on their way from this process: the role in the lower two bits, a number above; 0 for none. Written by the owner; cleared by the
    /// process where the end has arrived, by one compare-and-swap.</summary>
    [FieldOffset(24)] public fixed uint Transits[MostTransits];
}
