using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>Memory that several processes share: a change by one process is visible to all.</summary>
/// <remarks>
/// <para>An object that is captured by a task, passed, returned or sent through a queue arrives as the same object over the same memory. Unrelated
/// processes of the same user open it by its name; processes of other users cannot.</para>
/// <para>The memory is freed when the last process that holds it releases it or exits, even by a crash. It does not grow. Access to it is not
/// synchronized: use <see cref="Volatile"/> and <see cref="Interlocked"/> on its elements, or a lock between processes.</para>
/// <para>Dispose the object when no thread of this process uses it or a span of it; other processes keep theirs. An object that is not disposed is
/// released by the garbage collector, unless a span was taken from it.</para>
/// </remarks>
[ShipWith(typeof(Codec))]
[DebuggerDisplay("{Length} bytes {Name,nq}")]
public sealed unsafe class SharedMemory : SharedObject
{
    private static readonly SharedFormat s_format = new() { Kind = SharedKind.Memory };

    /// <summary>Initializes zeroed memory.</summary>
    /// <param name="length">The number of bytes, from 1.</param>
    /// <param name="name">The name by which other processes of the same user open the memory: up to 100 ASCII letters, digits, '-', '_' and '.', not
    /// starting with '.'. Null, the default, for unnamed memory.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is out of range.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
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

    /// <summary>Gets the number of bytes.</summary>
    public long Length { get; }

    /// <summary>Gets all bytes as a span, which can have up to 2 GiB; use <see cref="Slice"/> for larger memory.</summary>
    /// <exception cref="ObjectDisposedException">The memory was disposed in this process.</exception>
    /// <exception cref="OverflowException">The memory is longer than a span can be.</exception>
    public Span<byte> Span => Slice(0, checked((int)Length));

    /// <summary>Opens the named memory that living processes hold.</summary>
    /// <param name="name">The name with which the memory was created.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not a
    /// <see cref="SharedMemory"/>.</exception>
    public static SharedMemory Open(string name) => Open(name, SharedStore.Current);

    internal static SharedMemory Open(string name, SharedStore store) => new(SharedReference.OpenNamed(s_format, name, store));

    /// <summary>Gets a range of the bytes as a span. Do not use it after the memory was disposed.</summary>
    /// <param name="start">The offset of the first byte.</param>
    /// <param name="length">The number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the memory.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed in this process.</exception>
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
