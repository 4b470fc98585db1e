using System.Diagnostics;
using System.Runtime.CompilerServices;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>An array in memory that several processes share: a change by one process is visible to all.</summary>
/// <remarks><inheritdoc cref="SharedMemory" path="/remarks"/></remarks>
/// <typeparam name="T">The type of the elements: numbers, and structs that consist of them. References, pointers and handles are meaningless in
/// another process.</typeparam>
/// <example>
/// <code>
/// using var squares = new SharedArray&lt;int>(length: 10);
/// await executor.ForEachAsync(Enumerable.Range(0, 10), index => squares[index] = index * index);
/// Console.WriteLine(squares[9]); // 81
/// </code>
/// </example>
[ShipWith(typeof(SharedArrayCodec<>))]
[DebuggerDisplay("{typeof(T).Name,nq}[{Length}] {Name,nq}")]
[DebuggerTypeProxy(typeof(SharedArrayDebugView<>))]
public sealed unsafe partial class SharedArray<T> : SharedObject
    where T : unmanaged
{
    private readonly T* _data;

    /// <summary>Initializes a zeroed array.</summary>
    /// <param name="length">The number of elements, from 1.</param>
    /// <param name="name">The name by which other processes of the same user open the array: up to 100 ASCII letters, digits, '-', '_' and '.', not
    /// starting with '.'. Null, the default, for an unnamed array.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is zero or negative.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is or contains a pointer or a native-sized integer.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
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

    /// <summary>Gets the number of elements.</summary>
    public int Length { get; }

    /// <summary>Gets all elements as a span over the shared memory. Do not use it after the array was disposed.</summary>
    /// <exception cref="ObjectDisposedException">The array was disposed in this process.</exception>
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

    /// <summary>Gets a reference to an element in the shared memory. Do not use it after the array was disposed.</summary>
    /// <param name="index">The element's index.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The array was disposed in this process.</exception>
    public ref T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
            Reference.Expose();
            return ref Start[index];
        }
    }

    /// <summary>Opens the named array that living processes hold.</summary>
    /// <param name="name">The name with which the array was created.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not an array of
    /// <typeparamref name="T"/>.</exception>
    public static SharedArray<T> Open(string name) => Open(name, SharedStore.Current);

    internal static SharedArray<T> Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Copies the elements to a new array.</summary>
    /// <exception cref="ObjectDisposedException">The array was disposed in this process.</exception>
    public T[] ToArray()
    {
        using var hold = Reference.Region.Hold(); // another thread may dispose the array during a long copy
        return new Span<T>(_data, Length).ToArray();
    }

    private static int Checked(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        SharedElements.Check<T>();
        return length;
    }
}

/// <summary>Ships shared arrays to other processes.</summary>
internal sealed class SharedArrayCodec<T> : SharedObjectCodec<SharedArray<T>>
    where T : unmanaged
{
    protected override SharedFormat Format => SharedArray<T>.Format;

    protected override SharedArray<T> Make(SharedReference reference) => new(reference);
}

/// <summary>Shows the elements in the debugger.</summary>
internal sealed class SharedArrayDebugView<T>(SharedArray<T> array)
    where T : unmanaged
{
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T[] Elements => array.Reference.IsDisposed ? [] : array.ToArray();
}
