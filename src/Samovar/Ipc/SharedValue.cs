using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>A single value that several processes share, read and changed atomically.</summary>
/// <remarks>
/// <para>Each operation is atomic and ordered like those of <see cref="Volatile"/> and <see cref="Interlocked"/>.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
/// <typeparam name="T">A type of 4 or 8 bytes: a number, an enum, or a struct that consists of such. Put larger values into a
/// <see cref="SharedArray{T}"/> and protect it with a lock.</typeparam>
/// <example>
/// <code>
/// using var counter = new SharedValue&lt;long>();
/// var child = ChildProcess.Start(() => counter.Add(2));
/// counter.Add(40);
/// await child.JoinAsync();
/// Console.WriteLine(counter.Value); // 42
/// </code>
/// </example>
[ShipWith(typeof(SharedValueCodec<>))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : Value} {Name,nq}")]
public sealed unsafe class SharedValue<T> : SharedObject
    where T : unmanaged
{
    /// <summary>Initializes a value.</summary>
    /// <param name="value">The initial value. Default <c>default(T)</c>.</param>
    /// <param name="name">The name by which other processes of the same user open the value: up to 100 ASCII letters, digits, '-', '_' and '.', not
    /// starting with '.'. Null, the default, for an unnamed value.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> does not have 4 or 8 bytes, or contains a pointer or a native-sized
    /// integer.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the operating system refused to create the shared memory.</exception>
    public SharedValue(T value = default, string? name = null)
        : this(value, name, SharedStore.Current)
    {
    }

    internal SharedValue(T value, string? name, SharedStore store)
        : this(SharedReference.Create(Checked() with { Name = name, Capacity = 1, DataLength = sizeof(long), First = SharedWord<T>.Widen(value) }, store))
    {
    }

    internal SharedValue(SharedReference reference)
        : base(reference)
    {
    }

    /// <summary>Gets or sets the value. Reads have acquire and writes have release semantics.</summary>
    /// <exception cref="ObjectDisposedException">The value was disposed in this process.</exception>
    public T Value
    {
        get
        {
            SharedRegion region = Region;
            return Kept(region, SharedWord<T>.Read(region.Data));
        }

        set
        {
            SharedRegion region = Region;
            SharedWord<T>.Write(region.Data, value);
            Kept(region, value);
        }
    }

    internal static SharedFormat Format { get; } = SharedFormat.Of<T>(SharedKind.Value);

    // Each operation keeps the region in a local alive until it has finished: if the value is disposed meanwhile, the memory stays mapped as long as
    // the region is referenced.
    private SharedRegion Region
    {
        get
        {
            SharedRegion? region = Reference.RegionOrNull;
            ObjectDisposedException.ThrowIf(region is null, this);
            return region;
        }
    }

    /// <summary>Opens the named value that living processes hold.</summary>
    /// <param name="name">The name with which the value was created.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is not a valid name.</exception>
    /// <exception cref="SharedObjectException">No living process of this user holds an object of that name, or the object is not a value of type
    /// <typeparamref name="T"/>.</exception>
    public static SharedValue<T> Open(string name) => Open(name, SharedStore.Current);

    internal static SharedValue<T> Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Adds to the value atomically.</summary>
    /// <param name="amount">The amount to add. Integers wrap around on overflow.</param>
    /// <returns>The sum.</returns>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> does not support addition.</exception>
    /// <exception cref="ObjectDisposedException">The value was disposed in this process.</exception>
    public T Add(T amount)
    {
        SharedRegion region = Region;
        return Kept(region, SharedWord<T>.Add(region.Data, amount));
    }

    /// <summary>Replaces the value atomically.</summary>
    /// <param name="value">The new value.</param>
    /// <returns>The previous value.</returns>
    /// <exception cref="ObjectDisposedException">The value was disposed in this process.</exception>
    public T Exchange(T value)
    {
        SharedRegion region = Region;
        return Kept(region, SharedWord<T>.Exchange(region.Data, value));
    }

    /// <summary>Replaces the value atomically if it equals an expected value, compared bit by bit.</summary>
    /// <param name="value">The new value.</param>
    /// <param name="comparand">The expected value.</param>
    /// <returns>The previous value; it equals <paramref name="comparand"/> if the value was replaced.</returns>
    /// <exception cref="ObjectDisposedException">The value was disposed in this process.</exception>
    public T CompareExchange(T value, T comparand)
    {
        SharedRegion region = Region;
        return Kept(region, SharedWord<T>.CompareExchange(region.Data, value, comparand));
    }

    /// <summary>Replaces the value by the result of a function. The function is called again whenever another thread or process has changed the value
    /// in the meantime.</summary>
    /// <param name="argument">Passed to <paramref name="change"/>, so that it does not have to capture.</param>
    /// <param name="change">Computes the new value from the current one.</param>
    /// <returns>The new value.</returns>
    /// <exception cref="ObjectDisposedException">The value was disposed in this process.</exception>
    public T Update<TArgument>(TArgument argument, Func<T, TArgument, T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        SharedRegion region = Region;
        return Kept(region, SharedWord<T>.Update(region.Data, argument, change));
    }

    private static SharedFormat Checked()
    {
        SharedElements.Check<T>();
        SharedWord<T>.Check($"Use a larger number, or a SharedArray<{typeof(T).Name}> under a lock.");
        return Format;
    }

    private T Kept(SharedRegion region, T value)
    {
        GC.KeepAlive(region);
        GC.KeepAlive(this); // keeps the object, and with it the name, from being collected during the operation
        return value;
    }
}

/// <summary>Ships shared values to other processes.</summary>
internal sealed class SharedValueCodec<T> : SharedObjectCodec<SharedValue<T>>
    where T : unmanaged
{
    protected override SharedFormat Format => SharedValue<T>.Format;

    protected override SharedValue<T> Make(SharedReference reference) => new(reference);
}
