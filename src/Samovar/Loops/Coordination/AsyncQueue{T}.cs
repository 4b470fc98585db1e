using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Samovar.Diagnostics.Inspection;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>An asynchronous queue between producers and consumers, both served in order of arrival; bounded or not, with a choice of item order. For
/// code on a loop or off it.</summary>
/// <remarks>
/// <para>If FIFO order is all that is needed, <see cref="Channel{T}"/> suffices. This queue adds the other orders with a capacity, the count of
/// unfinished items, scopes, and descriptions of waiters in reports.</para>
/// <para>All members are thread-safe. An item is handed over atomically: a caller that is cancelled at that moment either has the item or has not
/// touched it.</para>
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
/// <example>
/// <code>
/// var orders = new AsyncQueue&lt;string>(capacity: 10);
/// List&lt;string> served = [];
/// await TaskGroup.RunAsync(async group =>
/// {
///     group.Run(async () =>
///     {
///         await foreach (string order in orders.TakeAllAsync()) served.Add(order);
///     });
///     foreach (string order in (string[])["tea", "cake"]) await orders.PutAsync(order); // waits while the queue is full
///     orders.Complete();
/// });
/// </code>
/// </example>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed partial class AsyncQueue<T>
{
    private readonly Lock _gate = new();
    private readonly ItemStore<T> _items;
    private readonly AsyncWaitQueue _putters;
    private readonly AsyncWaitQueue _takers;
    private readonly AsyncWaitQueue _doneWaiters;
    private readonly Description _forItem;
    private readonly Description _forRoom;
    private readonly Description _forDone;
    private bool _isCompleted;
    private Exception? _error;
    private long _unfinished;

    /// <summary>Initializes an empty queue.</summary>
    /// <param name="capacity">The maximum number of items, at least 1; null for no limit.</param>
    /// <param name="order">Which item is taken next. The default is <see cref="AsyncQueueOrder.FirstInFirstOut"/>.</param>
    /// <param name="comparer">The comparer for <see cref="AsyncQueueOrder.Priority"/>; null for the type's default order. It is called under the
    /// queue's lock. An exception that it throws is passed to the caller that puts the item, and the item is not added.</param>
    /// <param name="name">The queue's name in reports; null for none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is less than 1, or <paramref name="order"/> is not a member of
    /// <see cref="AsyncQueueOrder"/>.</exception>
    public AsyncQueue(int? capacity = null, AsyncQueueOrder order = AsyncQueueOrder.FirstInFirstOut, IComparer<T>? comparer = null, string? name = null)
    {
        if (capacity is { } items) ArgumentOutOfRangeException.ThrowIfLessThan(items, 1, nameof(capacity));
        _items = ItemStore<T>.For(order, comparer);
        Capacity = capacity;
        Name = name;
        _putters = new AsyncWaitQueue(_gate);
        _takers = new AsyncWaitQueue(_gate);
        _doneWaiters = new AsyncWaitQueue(_gate);
        _forItem = new Description(this, "an item");
        _forRoom = new Description(this, "room");
        _forDone = new Description(this, "its items to be done");
        PrimitiveRegistry.Add(this, name);
    }

    /// <summary>Gets the queue's name in reports, or null if it has none.</summary>
    public string? Name { get; }

    /// <summary>Gets the maximum number of items; null for no limit.</summary>
    public int? Capacity { get; }

    /// <summary>Gets the number of items in the queue.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _items.Count;
        }
    }

    /// <summary>Gets whether the queue accepts no more items and is empty.</summary>
    public bool IsCompleted
    {
        get
        {
            lock (_gate) return _isCompleted && _items.Count == 0;
        }
    }

    private string DebuggerText => $"AsyncQueue {Name}: {_items.Count} items, {_takers.Count} taking, {_putters.Count} putting{(_isCompleted ? ", completed" : "")}";

    /// <summary>Adds an item, and waits for room if the queue is full.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Cancels the wait; the item is not added then.</param>
    /// <returns>A task that completes when the item was added.</returns>
    /// <exception cref="InvalidOperationException">The item cannot be compared with others; any other exception of the comparer is thrown as
    /// well.</exception>
    /// <exception cref="ChannelClosedException">The queue is completed; the item was not added. Thrown when the task is awaited.</exception>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    public ValueTask PutAsync(T item, CancellationToken cancellationToken = default)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return RefusedWait.Cancel(canceled);
        Waiter? taker = null, waiter = null;
        lock (_gate)
        {
            if (_isCompleted) return ValueTask.FromException(Closed());
            if (IsFullLocked())
            {
                waiter = _putters.Join(_forRoom);
                waiter.Load = item;
            }
            else
            {
                taker = AddLocked(item);
            }

            CheckInvariantsLocked();
        }

        taker?.Grant();
        return waiter is null ? ValueTask.CompletedTask : new ValueTask(waiter.WaitAsync(cancellationToken));
    }

    /// <summary>Adds an item if there is room now.</summary>
    /// <param name="item">The item.</param>
    /// <returns>true if the item was added; false if the queue is full or completed.</returns>
    public bool TryPut(T item)
    {
        Waiter? taker;
        lock (_gate)
        {
            if (_isCompleted || IsFullLocked()) return false;
            taker = AddLocked(item);
            CheckInvariantsLocked();
        }

        taker?.Grant();
        return true;
    }

    /// <summary>Takes the next item, and waits for one if the queue is empty.</summary>
    /// <param name="cancellationToken">Cancels the wait; no item is taken then.</param>
    /// <returns>The item.</returns>
    /// <exception cref="ChannelClosedException">The queue is completed and empty. Thrown when the task is awaited.</exception>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    public ValueTask<T> TakeAsync(CancellationToken cancellationToken = default)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return RefusedWait.Cancel<T>(canceled);
        T item = default!;
        Waiter? putter = null, waiter = null;
        lock (_gate)
        {
            if (_items.Count > 0) (item, putter) = TakeLocked();
            else if (_isCompleted) return ValueTask.FromException<T>(Closed());
            else waiter = _takers.Join(_forItem);
            CheckInvariantsLocked();
        }

        putter?.Grant();
        return waiter is null ? new ValueTask<T>(item) : new ValueTask<T>(TakeInTurnAsync(waiter, cancellationToken));
    }

    /// <summary>Takes the next item if there is one now.</summary>
    /// <param name="item">The item; the type's default value if the queue is empty.</param>
    /// <returns>true if an item was taken; false if the queue is empty.</returns>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        Waiter? putter;
        lock (_gate)
        {
            if (_items.Count == 0)
            {
                item = default;
                return false;
            }

            (item, putter) = TakeLocked();
            CheckInvariantsLocked();
        }

        putter?.Grant();
        return true;
    }

    /// <summary>Takes items until the queue is completed and empty.</summary>
    /// <param name="cancellationToken">Cancels the wait for the next item.</param>
    /// <returns>The sequence of the items.</returns>
    public async IAsyncEnumerable<T> TakeAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            T item;
            try
            {
                item = await TakeAsync(cancellationToken).ConfigureAwait(true);
            }
            catch (ChannelClosedException closed) when (closed.InnerException is null)
            {
                // Completed without an error: the sequence ends.
                yield break;
            }

            yield return item;
        }
    }

    /// <summary>Completes the queue: it accepts no more items. Items in the queue can still be taken; then consumers get a
    /// <see cref="ChannelClosedException"/>. Producers that wait for room get one immediately.</summary>
    /// <param name="error">The cause, for consumers that take after the last item; null for none.</param>
    /// <exception cref="ChannelClosedException">The queue is already completed.</exception>
    public void Complete(Exception? error = null)
    {
        if (!TryComplete(error)) throw new ChannelClosedException($"The {this} is already completed.");
    }

    /// <summary>Completes the queue like <see cref="Complete"/>, unless it is already completed.</summary>
    /// <param name="error">The cause, for consumers that take after the last item; null for none.</param>
    /// <returns>true if this call completed the queue; false if it was already completed.</returns>
    public bool TryComplete(Exception? error = null)
    {
        List<Waiter> refused;
        lock (_gate)
        {
            if (_isCompleted) return false;
            _isCompleted = true;
            _error = error;
            refused = _putters.TakeAll();
            if (_items.Count == 0) refused.AddRange(_takers.TakeAll());
            CheckInvariantsLocked();
        }

        foreach (var waiter in refused) waiter.Fail(Closed());
        return true;
    }

    /// <summary>Discards the items in the queue and counts them as done. After <see cref="Complete"/>, no item is left to take.</summary>
    /// <returns>The number of discarded items.</returns>
    public int Clear()
    {
        List<Waiter> granted = [];
        int count = 0;
        lock (_gate)
        {
            while (_items.Count > 0)
            {
                var (_, putter) = TakeLocked();
                if (putter is not null) granted.Add(putter);
                count++;
            }

            _unfinished -= count;
            if (_unfinished == 0) granted.AddRange(_doneWaiters.TakeAll());
            CheckInvariantsLocked();
        }

        foreach (var waiter in granted) waiter.Grant();
        return count;
    }

    /// <summary>Reports that an item that was taken is done.</summary>
    /// <exception cref="InvalidOperationException">All items that were taken are already reported as done.</exception>
    public void Done() => Done(1);

    /// <summary>Reports that items that were taken are done.</summary>
    /// <param name="count">The number of items; zero or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="InvalidOperationException">More items are reported as done than were taken; none is counted.</exception>
    public void Done(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        List<Waiter> granted = [];
        lock (_gate)
        {
            if (count > _unfinished - _items.Count)
                throw new InvalidOperationException($"More items of {this} were reported as done than have been taken.");
            _unfinished -= count;
            if (_unfinished == 0) granted = _doneWaiters.TakeAll();
            CheckInvariantsLocked();
        }

        foreach (var waiter in granted) waiter.Grant();
    }

    /// <summary>Waits until every item that was put has been taken and reported as done.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when no item is unfinished.</returns>
    /// <exception cref="OperationCanceledException">The token or the enclosing scope was cancelled.</exception>
    public ValueTask WaitUntilDoneAsync(CancellationToken cancellationToken = default)
    {
        if (AsyncWaitQueue.CanceledBy(cancellationToken) is { } canceled) return RefusedWait.Cancel(canceled);
        Waiter waiter;
        lock (_gate)
        {
            if (_unfinished == 0) return ValueTask.CompletedTask;
            waiter = _doneWaiters.Join(_forDone);
            CheckInvariantsLocked();
        }

        return new ValueTask(waiter.WaitAsync(cancellationToken));
    }

    /// <summary>Returns a snapshot of the queue: its items, the unfinished ones, and the numbers of waiters.</summary>
    /// <returns>The snapshot.</returns>
    public AsyncQueueStatistics GetStatistics()
    {
        lock (_gate) return new AsyncQueueStatistics(Capacity, _items.Count, _unfinished, _putters.Count, _takers.Count, _isCompleted);
    }

    /// <inheritdoc/>
    public override string ToString() => $"queue{(Name is null ? "" : $" '{Name}'")}";

    private static async Task<T> TakeInTurnAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await waiter.WaitAsync(cancellationToken).ConfigureAwait(true);
        return (T)waiter.Load!;
    }

    private bool IsFullLocked() => _items.Count >= Capacity && _takers.Count == 0;

    private Waiter? AddLocked(T item)
    {
        if (_takers.Take() is not { } taker)
        {
            _items.Add(item);
            _unfinished++;
            return null;
        }

        _unfinished++;
        taker.Load = item;
        return taker;
    }

    /// <summary>Takes an item, and adds that of the first producer that waits for room; the caller grants that producer.</summary>
    private (T Item, Waiter? Putter) TakeLocked()
    {
        var item = _items.Take();
        while (_putters.Take() is { } putter)
        {
            try
            {
                _items.Add((T)putter.Load!);
            }
            catch (Exception refused)
            {
                // An exception of the comparer belongs to the producer of the item, not to the consumer of another one.
                putter.Fail(refused);
                continue;
            }

            _unfinished++;
            putter.Load = null;
            return (item, putter);
        }

        return (item, null);
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_takers.Count == 0 || _items.Count == 0, "no consumer waits while there is an item");
        Debug.Assert(_putters.Count == 0 || _items.Count >= Capacity, "no producer waits while there is room");
        Debug.Assert(Capacity is null || _items.Count <= Capacity, "the capacity is respected");
        Debug.Assert(!_isCompleted || (_putters.Count == 0 && _takers.Count == 0), "a completed queue has no waiting producers or consumers");
        Debug.Assert(_unfinished >= _items.Count, "an item in the queue is unfinished");
        Debug.Assert(_doneWaiters.Count == 0 || _unfinished > 0, "no caller waits for completion while no item is unfinished");
    }

    private ChannelClosedException Closed() => _error is null
        ? new ChannelClosedException($"The {this} is completed.")
        : new ChannelClosedException($"The {this} is completed: {_error.Message}", _error);

    private sealed class Description(AsyncQueue<T> queue, string what) : IWaitedFor
    {
        public string Describe() => $"{what} of {queue} ({queue.Count} items)";
    }
}
