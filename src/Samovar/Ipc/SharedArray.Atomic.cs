using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <content>Changes of one element as a whole, which need no lock.</content>
public sealed unsafe partial class SharedArray<T>
{
    /// <summary>Adds to an element, atomically.</summary>
    /// <param name="index">Which.</param>
    /// <param name="amount">What to add.</param>
    /// <returns>The sum.</returns>
    /// <remarks>
    /// <para>Integers wrap around.</para>
    /// <para>As with a span, another thread must not dispose the array meanwhile.</para>
    /// </remarks>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> has not 4 or 8 bytes, or cannot be added.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no element of that index.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public T Add(int index, T amount) => Kept(SharedWord<T>.Add(PlaceOf(index), amount));

    /// <summary>Puts another value in the place of an element, atomically.</summary>
    /// <param name="index">Which.</param>
    /// <param name="value">The new value.</param>
    /// <returns>What it was.</returns>
    /// <remarks>As with a span, another thread must not dispose the array meanwhile.</remarks>
    /// <inheritdoc cref="Add" path="/exception"/>
    public T Exchange(int index, T value) => Kept(SharedWord<T>.Exchange(PlaceOf(index), value));

    /// <summary>Puts another value in the place of an element where it is what is expected, bit by bit, atomically.</summary>
    /// <param name="index">Which.</param>
    /// <param name="value">The new value.</param>
    /// <param name="comparand">What is expected.</param>
    /// <returns>What it was; equal to <paramref name="comparand"/> where it was exchanged.</returns>
    /// <remarks>As with a span, another thread must not dispose the array meanwhile.</remarks>
    /// <inheritdoc cref="Add" path="/exception"/>
    public T CompareExchange(int index, T value, T comparand) => Kept(SharedWord<T>.CompareExchange(PlaceOf(index), value, comparand));

    /// <summary>Changes an element by a function, which may be called again where another was faster.</summary>
    /// <param name="index">Which.</param>
    /// <param name="argument">Given to the function, so that it need not capture.</param>
    /// <param name="change">Makes the new value of the old one.</param>
    /// <returns>The new value.</returns>
    /// <remarks>Where the array is disposed meanwhile, its memory stays until the function has returned and the element is changed.</remarks>
    /// <inheritdoc cref="Add" path="/exception"/>
    public T Update<TArgument>(int index, TArgument argument, Func<T, TArgument, T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        using var hold = Reference.Region.Hold(); // the function may take long, and may dispose the array
        return Kept(SharedWord<T>.Update(PlaceOf(index), argument, change));
    }

    private void* PlaceOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
        SharedWord<T>.Check($"Change an element of a SharedArray<{typeof(T).Name}> under a ProcessLock.");
        return Start + index;
    }

    private T Kept(T value)
    {
        GC.KeepAlive(this);
        return value;
    }
}
