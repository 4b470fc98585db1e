using System.Runtime.InteropServices;
using Samovar.Ipc.Channel;

namespace Samovar.Tests.Ipc.Channel;

/// <summary>A ring over plain memory with a guard zone on either side, and its two roles.</summary>
internal sealed unsafe class RingUnderTest : IDisposable
{
    private const int Guard = 4096;
    private const byte GuardByte = 0xA5;
    private readonly byte* _memory;
    private readonly long* _head;

    public RingUnderTest(int capacity)
    {
        Capacity = capacity;
        _memory = (byte*)NativeMemory.Alloc((nuint)(capacity + (2 * Guard)));
        new Span<byte>(_memory, capacity + (2 * Guard)).Fill(GuardByte);
        Bytes.Clear();
        _head = (long*)NativeMemory.AllocZeroed(sizeof(long));
        var ring = new MessageRing(_memory + Guard, capacity, _head);
        Writer = new MessageRingWriter(ring);
        Reader = new MessageRingReader(ring);
    }

    public int Capacity { get; }

    public MessageRingWriter Writer { get; }

    public MessageRingReader Reader { get; }

    public Span<byte> Bytes => new(_memory + Guard, Capacity);

    public long Head
    {
        get => Volatile.Read(ref *_head);
        set => Volatile.Write(ref *_head, value);
    }

    public void AssertGuardsUntouched()
    {
        new Span<byte>(_memory, Guard).ContainsAnyExcept(GuardByte).ShouldBeFalse("written before the ring");
        new Span<byte>(_memory + Guard + Capacity, Guard).ContainsAnyExcept(GuardByte).ShouldBeFalse("written behind the ring");
    }

    public void Dispose()
    {
        NativeMemory.Free(_memory);
        NativeMemory.Free(_head);
    }
}
