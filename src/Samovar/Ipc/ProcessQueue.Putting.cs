using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Samovar.Ipc.Queues;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Ipc;

public sealed partial class ProcessQueue<T>
{
    private const int LooksBeforeWaiting = 4;

    /// <summary>Puts an item into the queue; blocks until there is room.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Cancels the wait; the item is not in the queue then.</param>
    /// <exception cref="ChannelClosedException">The queue is completed.</exception>
    /// <exception cref="UnshippableException">A part of the item cannot be serialized; the message names the member.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was room.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    /// <example>
    /// <code>
    /// using var queue = new ProcessQueue&lt;int>(capacity: 2);
    /// queue.Put(1);
    /// queue.Put(2);
    /// bool hasRoom = queue.TryPut(3); // false; Put would block until an item is taken
    /// </code>
    /// </example>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Put(T item, CancellationToken cancellationToken = default) => TryPut(item, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Puts an item into the queue if there is room and the queue is not completed.</summary>
    /// <param name="item">The item.</param>
    /// <returns>False if there is no room, or the queue is completed.</returns>
    /// <exception cref="UnshippableException">A part of the item cannot be serialized; the message names the member.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryPut(T item) => TryPutNow(item) == PutOutcome.Put;

    /// <summary>Puts an item into the queue; blocks until there is room or the timeout elapses.</summary>
    /// <returns>False if the timeout elapsed.</returns>
    /// <inheritdoc cref="Put"/>
    /// <param name="item">The item.</param>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait; the item is not in the queue then.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryPut(T item, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        QueueState state = State;
        if (QueueItems<T>.IsRaw)
        {
            PutOutcome outcome = state.TryPut(in item);
            if (outcome != PutOutcome.Full)
            {
                GC.KeepAlive(this);
                return outcome == PutOutcome.Put ? true : throw Closed();
            }
        }

        return Wait(new PutAttempt<T>(state, item), timeout, cancellationToken);
    }

    /// <summary>Puts items into the queue in order; blocks while there is no room. For items that are copied as raw bytes, this is faster than
    /// putting them one by one.</summary>
    /// <inheritdoc cref="Put"/>
    /// <param name="items">The items.</param>
    /// <param name="cancellationToken">Cancels the wait; some of the items may have been put.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PutMany(ReadOnlySpan<T> items, CancellationToken cancellationToken = default)
    {
        QueueState state = State;
        if (!QueueItems<T>.IsRaw || state.Layout.FullMode != ProcessQueueFullMode.Wait)
        {
            foreach (T item in items) Put(item, cancellationToken);
            return;
        }

        for (int looks = 0; !items.IsEmpty;)
        {
            PutOutcome outcome = state.TryPut(items, out int put);
            items = items[put..];
            if (outcome == PutOutcome.Completed) throw Closed();
            if (outcome == PutOutcome.Put) looks = 0;
            else if (++looks < LooksBeforeWaiting) Thread.SpinWait(8); // gives consumers the time to free more than one slot
            else
                state.Room.Wait(state, static s => s.HasRoomFor(0) || s.IsCompleted, Timeout.InfiniteTimeSpan, cancellationToken);
        }

        GC.KeepAlive(this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal PutOutcome TryPutNow(T item)
    {
        QueueState state = State;
        PutOutcome outcome = QueueItems<T>.IsRaw ? state.TryPut(in item) : TryShip(state, item);
        GC.KeepAlive(this);
        return outcome;
    }

    private static PutOutcome TryShip(QueueState state, T item)
    {
        using var attempt = new PutAttempt<T>(state, item);
        return attempt.Try() ? attempt.Outcome : PutOutcome.Full;
    }

    private bool Wait(PutAttempt<T> attempt, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using (attempt)
        {
            if (!State.Room.Wait(attempt, static a => a.Try(), timeout, cancellationToken)) return false;
            GC.KeepAlive(this);
            return attempt.Outcome == PutOutcome.Put ? true : throw Closed();
        }
    }
}
