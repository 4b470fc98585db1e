using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>Bytes that several processes have in common: what one writes, the others see.</summary>
/// <remarks>
/// <para>It travels as itself: captured by work, passed, returned or sent through a queue it arrives as the same memory. A
/// process that is no relative opens it by its name. Only processes of the same user can.</para>
/// <para>The memory goes with the last process that holds it, however that ends. It does not grow. Access is not synchronised:
/// use <see cref="Volatile"/> and <see cref="Interlocked"/> on its elements, or a lock between processes.</para>
/// <para>Dispose it when no thread of this process uses it or a span of it; others keep theirs. What is forgotten is given back
/// by the collector unless a span was taken from it.</para>
/// </remarks>
[ShipWith(typeof(Codec))]
[DebuggerDisplay("{Length} bytes {Name,nq}")]
public sealed unsafe class SharedMemory : SharedObject
{
    private static readonly SharedFormat s_format = new() { Kind = SharedKind.Memory };

    /// <summary>Makes zeroed memory.</summary>
    /// <param name="length">Bytes, from 1.</param>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or there is not enough memory.</exception>
    public SharedMemory(long length, string? name = null)
        : this(length, name, SharedStore.Current)
    {
    }

    internal SharedMemory(long length, string? name, SharedStore store)
        : this(SharedReference.Create(s_format with { Name = name, Capacity = Checked(length), DataLength = length }, store))
    {
    }

    private SharedMemory(SharedReference reference)
        : base(reference) => Length = reference.Region.Format.Capacity;

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>All of it, up to 2 GiB; <see cref="Slice"/> reaches what lies beyond.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    /// <exception cref="OverflowException">It is longer than a span can be.</exception>
    public Span<byte> Span => Slice(0, checked((int)Length));

    /// <summary>Opens the memory that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no memory.</exception>
    public static SharedMemory Open(string name) => Open(name, SharedStore.Current);

    internal static SharedMemory Open(string name, SharedStore store) => new(SharedReference.OpenNamed(s_format, name, store));

    /// <summary>A part of it.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="length">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within.</exception>
    public Span<byte> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Length - length);
        Reference.Expose();
        return new Span<byte>(Reference.Region.Data + start, length);
    }

    private static long Checked(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue / 2);
        return length;
    }

    private sealed class Codec : SharedObjectCodec<SharedMemory>
    {
        protected override SharedFormat Format => s_format;

        protected override SharedMemory Make(SharedReference reference) => new(reference);
    }
}
