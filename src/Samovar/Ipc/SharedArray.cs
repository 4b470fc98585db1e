using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>An array that several processes have in common: what one writes, the others see.</summary>
/// <remarks><inheritdoc cref="SharedMemory" path="/remarks"/></remarks>
/// <typeparam name="T">The elements: numbers, and structs of such. References, pointers and handles mean nothing in another process.</typeparam>
[ShipWith(typeof(SharedArrayCodec<>))]
[DebuggerDisplay("{typeof(T).Name,nq}[{Length}] {Name,nq}")]
[DebuggerTypeProxy(typeof(SharedArrayDebugView<>))]
public sealed unsafe partial class SharedArray<T> : SharedObject
    where T : unmanaged
{
    private readonly T* _data;

    /// <summary>Makes an array of zeros.</summary>
    /// <param name="length">Elements, from 1.</param>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="SharedObjectException">The name is taken, or there is not enough memory.</exception>
    public SharedArray(int length, string? name = null)
        : this(length, name, SharedStore.Current)
    {
    }

    internal SharedArray(int length, string? name, SharedStore store)
        : this(SharedReference.Create(
            Format with { Name = name, Capacity = Checked(length), DataLength = (long)length * Unsafe.SizeOf<T>() }, store))
    {
    }

    internal SharedArray(SharedReference reference)
        : base(reference)
    {
        SharedRegion region = reference.Region;
        Length = checked((int)region.Format.Capacity);
        _data = (T*)region.Data;
    }

    /// <summary>Elements.</summary>
    public int Length { get; }

    /// <summary>All elements.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public Span<T> Span
    {
        get
        {
            Reference.Expose();
            return new Span<T>(Start, Length);
        }
    }

    internal static SharedFormat Format { get; } = SharedFormat.Of<T>(SharedKind.Array);

    private T* Start
    {
        get
        {
            ThrowIfDisposed();
            return _data;
        }
    }

    /// <summary>An element, in place.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none of that index.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
            Reference.Expose();
            return ref Start[index];
        }
    }

    /// <summary>Opens the array that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no array of such elements.</exception>
    public static SharedArray<T> Open(string name) => Open(name, SharedStore.Current);

    internal static SharedArray<T> Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>A copy in an ordinary array.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public T[] ToArray()
    {
        using var hold = Reference.Region.Hold(); // another thread may dispose the array while a long one is copied
        return new Span<T>(_data, Length).ToArray();
    }

    private static int Checked(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        SharedElements.Check<T>();
        return length;
    }
}

/// <summary>Carries shared arrays.</summary>
internal sealed class SharedArrayCodec<T> : SharedObjectCodec<SharedArray<T>>
    where T : unmanaged
{
    protected override SharedFormat Format => SharedArray<T>.Format;

    protected override SharedArray<T> Make(SharedReference reference) => new(reference);
}

/// <summary>Shows the elements.</summary>
internal sealed class SharedArrayDebugView<T>(SharedArray<T> array)
    where T : unmanaged
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T[] Elements => array.Reference.IsDisposed ? [] : array.ToArray();
}
