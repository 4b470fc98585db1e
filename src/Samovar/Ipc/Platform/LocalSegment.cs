using System.Runtime.InteropServices;

namespace Samovar.Ipc.Platform;

/// <summary>
/// The process-local counterpart of a shared segment: the same interface over ordinary memory, for tests and in-process debugging.
/// </summary>
internal sealed unsafe class LocalSegment : SharedSegment
{
    private const int Alignment = 4096;

    private readonly Action? _freed;

    public LocalSegment(long length, SegmentAddress address = default, Action? freed = null)
        : base(Allocate(length), length, address) => _freed = freed;

    protected override void Unmap(byte* start)
    {
        NativeMemory.AlignedFree(start);
        _freed?.Invoke();
    }

    private static byte* Allocate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        void* memory = NativeMemory.AlignedAlloc((nuint)length, Alignment);
        NativeMemory.Clear(memory, (nuint)length);
        return (byte*)memory;
    }
}
