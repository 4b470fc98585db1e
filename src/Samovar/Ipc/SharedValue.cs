using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>One value that several processes have in common, read and changed as a whole.</summary>
/// <remarks>
/// <para>Each operation is atomic, and ordered as those of <see cref="Volatile"/> and <see cref="Interlocked"/>.</para>
/// <inheritdoc cref="SharedMemory" path="/remarks"/>
/// </remarks>
/// <typeparam name="T">Of 4 or 8 bytes: a number, an enum, or a struct of such. Larger ones go into a <see cref="SharedArray{T}"/> under a
/// lock.</typeparam>
[ShipWith(typeof(SharedValueCodec<>))]
[DebuggerDisplay("{Reference.IsDisposed ? (object)\"disposed\" : Value} {Name,nq}")]
public sealed unsafe class SharedValue<T> : SharedObject
    where T : unmanaged
{
    /// <summary>Makes a value.</summary>
    /// <param name="value">What it is at first.</param>
    /// <param name="name">Under which other processes of this user find it: up to 100 letters, digits, '-', '_', '.'. Null for none.</param>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> has not 4 or 8 bytes, or holds a pointer.</exception>
    /// <exception cref="SharedObjectException">The name is taken, or the system has refused.</exception>
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

    /// <summary>The value: read with acquire, written with release.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
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

    // Each operation has it in a local and keeps that alive to its end: when the value is disposed meanwhile, the memory goes with the region.
    private SharedRegion Region
    {
        get
        {
            SharedRegion? region = Reference.RegionOrNull;
            ObjectDisposedException.ThrowIf(region is null, this);
            return region;
        }
    }

    /// <summary>Opens the value that living processes hold under a name.</summary>
    /// <exception cref="SharedObjectException">There is none of that name, or it is no value of that type.</exception>
    public static SharedValue<T> Open(string name) => Open(name, SharedStore.Current);

    internal static SharedValue<T> Open(string name, SharedStore store) => new(SharedReference.OpenNamed(Format, name, store));

    /// <summary>Adds to the value.</summary>
    /// <returns>The sum.</returns>
    /// <remarks>Integers wrap around.</remarks>
    public T Add(T amount)
    {
        SharedRegion region = Region;
        return Kept(region, SharedWord<T>.Add(region.Data, amount));
    }

    /// <summary>Puts another value in its place.</summary>
    /// <returns>What it was.</returns>
    public T Exchange(T value)
    {
        SharedRegion region = Region;
        return Kept(region, SharedWord<T>.Exchange(region.Data, value));
    }

    /// <summary>Puts another value in its place where it is what is expected, bit by bit.</summary>
    /// <returns>What it was; equal to <paramref name="comparand"/> where it was exchanged.</returns>
    public T CompareExchange(T value, T comparand)
    {
        SharedRegion region = Region;
        return Kept(region, SharedWord<T>.CompareExchange(region.Data, value, comparand));
    }

    /// <summary>Changes the value by a function, which may be called again where another was faster.</summary>
    /// <param name="argument">Given to the function, so that it need not capture.</param>
    /// <param name="change">Makes the new value of the old one.</param>
    /// <returns>The new value.</returns>
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
        GC.KeepAlive(this); // not collected meanwhile, and the name with it
        return value;
    }
}

/// <summary>Carries shared values.</summary>
internal sealed class SharedValueCodec<T> : SharedObjectCodec<SharedValue<T>>
    where T : unmanaged
{
    protected override SharedFormat Format => SharedValue<T>.Format;

    protected override SharedValue<T> Make(SharedReference reference) => new(reference);
}
