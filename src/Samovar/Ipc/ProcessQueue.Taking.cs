using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Samovar.Ipc.Queues;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

public sealed partial class ProcessQueue<T>
{
    private ConcurrentQueue<ExceptionDispatchInfo>? _unread; // errors that later calls throw; null before the first

    /// <summary>Takes the next item; blocks until one is available.</summary>
    /// <param name="cancellationToken">Cancels the wait; no item was taken then.</param>
    /// <exception cref="ChannelClosedException">The queue is completed, and all items were taken.</exception>
    /// <exception cref="ShippingException">The item was taken, but it cannot be deserialized in this process.</exception>
    /// <exception cref="OutOfMemoryException">The item was taken, but there is not enough memory to deserialize it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before an item was available.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    /// <example>
    /// <code>
    /// using var words = new ProcessQueue&lt;string>(capacity: 10);
    /// var producer = ChildProcess.Start(() => words.Put("samovar"));
    /// string word = words.Take(); // blocks until the other process has put it
    /// </code>
    /// </example>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public T Take(CancellationToken cancellationToken = default)
    {
        TryTake(out T? item, Timeout.InfiniteTimeSpan, cancellationToken);
        return item!;
    }

    /// <summary>Takes the next item if one is available.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False if no item is available, whether or not more can arrive.</returns>
    /// <inheritdoc cref="Take"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        QueueState state = State;
        bool isThere;
        if (QueueItems<T>.IsRaw)
        {
            isThere = state.TryTake(out item);
            if (!isThere) item = default; // the rings leave it uninitialized
        }
        else
        {
            if (Volatile.Read(ref _unread) is { } unread && unread.TryDequeue(out ExceptionDispatchInfo? error)) error.Throw();
            isThere = state.TryTake(out TakenBytes<T> bytes);
            item = isThere ? bytes.Read() : default;
        }

        GC.KeepAlive(this);
        return isThere;
    }

    /// <summary>Takes the next item; blocks until one is available or the timeout elapses.</summary>
    /// <returns>False if the timeout elapsed.</returns>
    /// <inheritdoc cref="Take"/>
    /// <param name="item">The item.</param>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait; no item was taken then.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryTake([MaybeNullWhen(false)] out T item, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        if (TryTake(out item)) return true;
        var attempt = new TakeAttempt<T>(State);
        if (!State.Items.Wait(attempt, static a => a.Try(), timeout, cancellationToken)) return false;
        item = attempt.IsAtEnd ? throw Closed() : attempt.Item;
        GC.KeepAlive(this);
        return true;
    }

    /// <summary>Takes all available items, up to the length of the span; blocks until at least one is available.</summary>
    /// <remarks>The call stops before an item that cannot be deserialized. The next call that takes throws the error of that item; the call after it
    /// continues with the next item.</remarks>
    /// <returns>The number of items taken; 0 if the queue is completed and all items were taken.</returns>
    /// <inheritdoc cref="Take"/>
    /// <param name="items">The destination.</param>
    /// <param name="cancellationToken">Cancels the wait; no item was taken then.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int TakeMany(Span<T> items, CancellationToken cancellationToken = default)
    {
        QueueState state = State;
        while (true)
        {
            int count = TryTakeMany(items);
            if (count > 0 || items.IsEmpty) return count;
            state.Items.Wait(state, static s => s.HasItems || s.IsDrained, Timeout.InfiniteTimeSpan, cancellationToken);
            if (state.IsDrained) return state.Error is null ? 0 : throw Closed();
        }
    }

    /// <summary>Takes all available items, up to the length of the span, without waiting.</summary>
    /// <inheritdoc cref="TakeMany" path="/remarks"/>
    /// <param name="items">The destination.</param>
    /// <returns>The number of items taken; 0 if none is available, whether or not more can arrive.</returns>
    /// <inheritdoc cref="Take"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int TryTakeMany(Span<T> items)
    {
        int count = 0;
        if (QueueItems<T>.IsRaw)
        {
            count = items.IsEmpty ? 0 : State.TryTake(items);
        }
        else
        {
            count = TryTakeShipped(items);
        }

        GC.KeepAlive(this);
        return count;
    }

    // Items read before an error are returned; the next call throws the error.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int TryTakeShipped(Span<T> items)
    {
        int count = 0;
        try
        {
            while (count < items.Length && TryTake(out T? item)) items[count++] = item;
        }
        catch (Exception error) when (count > 0)
        {
            LazyInitializer.EnsureInitialized(ref _unread).Enqueue(ExceptionDispatchInfo.Capture(error));
        }

        return count;
    }
}
