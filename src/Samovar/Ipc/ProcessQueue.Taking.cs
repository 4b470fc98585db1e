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
    private ConcurrentQueue<ExceptionDispatchInfo>? _unread; // errors of items at which calls for several stopped; null before the first

    /// <summary>Takes an item, and waits for one where there is none.</summary>
    /// <exception cref="ChannelClosedException">The queue is completed, and everything was taken.</exception>
    /// <exception cref="ShippingException">The item cannot be read here. It was taken all the same.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory to read the item with. It was taken all the same.</exception>
    /// <exception cref="OperationCanceledException">The token was tripped, and nothing was there.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public T Take(CancellationToken cancellationToken = default)
    {
        TryTake(out T? item, Timeout.InfiniteTimeSpan, cancellationToken);
        return item!;
    }

    /// <summary>Takes an item if one is there.</summary>
    /// <returns>False where there is none, be it for now or for ever.</returns>
    /// <inheritdoc cref="Take"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        QueueState state = State;
        bool isThere;
        if (QueueItems<T>.IsRaw)
        {
            isThere = state.TryTake(out item);
            if (!isThere) item = default; // the rings leave it as it was
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

    /// <summary>Takes an item, and waits for one for a time.</summary>
    /// <returns>False where the time ran out.</returns>
    /// <inheritdoc cref="Take"/>
    /// <param name="item">What was taken.</param>
    /// <param name="timeout">How long at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
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

    /// <summary>Takes as many items as are there, up to the span's length, and waits for one where there is none.</summary>
    /// <remarks>It stops in front of an item that cannot be read; the next call that takes throws its error, and the one after that goes on behind it.</remarks>
    /// <returns>How many; 0 where the queue is completed and everything was taken.</returns>
    /// <inheritdoc cref="Take"/>
    /// <param name="items">Where they go.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
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

    /// <summary>Takes as many items as are there, up to the span's length.</summary>
    /// <inheritdoc cref="TakeMany" path="/remarks"/>
    /// <returns>How many; 0 where none is there, be it for now or for ever.</returns>
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

    // An error takes nothing from what was read before it: that is given, and the next call throws.
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
