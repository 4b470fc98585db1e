using Samovar.Ipc.Shared;

namespace Samovar.Ipc;

/// <content>Atomic operations on single elements, which need no lock.</content>
public sealed unsafe partial class SharedArray<T>
{
    /// <summary>Adds to an element atomically.</summary>
    /// <param name="index">The element's index.</param>
    /// <param name="amount">The amount to add. Integers wrap around on overflow.</param>
    /// <returns>The sum.</returns>
    /// <remarks>As with a span, no other thread may dispose the array during the call.</remarks>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> does not have 4 or 8 bytes, or does not support addition.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The array was disposed in this process.</exception>
    public T Add(int index, T amount) => Kept(SharedWord<T>.Add(PlaceOf(index), amount));

    /// <summary>Replaces an element atomically.</summary>
    /// <param name="index">The element's index.</param>
    /// <param name="value">The new value.</param>
    /// <returns>The previous value.</returns>
    /// <remarks>As with a span, no other thread may dispose the array during the call.</remarks>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> does not have 4 or 8 bytes.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The array was disposed in this process.</exception>
    public T Exchange(int index, T value) => Kept(SharedWord<T>.Exchange(PlaceOf(index), value));

    /// <summary>Replaces an element atomically if it equals an expected value, compared bit by bit.</summary>
    /// <param name="index">The element's index.</param>
    /// <param name="value">The new value.</param>
    /// <param name="comparand">The expected value.</param>
    /// <returns>The previous value; it equals <paramref name="comparand"/> if the element was replaced.</returns>
    /// <remarks>As with a span, no other thread may dispose the array during the call.</remarks>
    /// <inheritdoc cref="Exchange" path="/exception"/>
    public T CompareExchange(int index, T value, T comparand) => Kept(SharedWord<T>.CompareExchange(PlaceOf(index), value, comparand));

    /// <summary>Replaces an element by the result of a function. The function is called again whenever another thread or process has changed the
    /// element in the meantime.</summary>
    /// <param name="index">The element's index.</param>
    /// <param name="argument">Passed to <paramref name="change"/>, so that it does not have to capture.</param>
    /// <param name="change">Computes the new value from the current one.</param>
    /// <returns>The new value.</returns>
    /// <remarks>If the array is disposed during the call, its memory stays mapped until the function has returned and the element is
    /// changed.</remarks>
    /// <inheritdoc cref="Exchange" path="/exception"/>
    public T Update<TArgument>(int index, TArgument argument, Func<T, TArgument, T> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        using var hold = Reference.Region.Hold(); // the function may be slow, and may dispose the array
        return Kept(SharedWord<T>.Update(PlaceOf(index), argument, change));
    }

    private void* PlaceOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Length, nameof(index));
        SharedWord<T>.Check($"Protect the elements of a SharedArray<{typeof(T).Name}> with a ProcessLock instead.");
        return Start + index;
    }

    private T Kept(T value)
    {
        GC.KeepAlive(this);
        return value;
    }
}
