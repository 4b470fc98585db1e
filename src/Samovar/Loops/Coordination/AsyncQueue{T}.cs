using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Samovar.Loops.Coordination;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <summary>Hands items from those who put to those who take, both in order of arrival; bounded or not, and in the order wanted. For code on a loop or off it.</summary>
/// <remarks>
/// <para>Where the oldest item first is all that is wanted, <see cref="Channel{T}"/> does it too; what it lacks are the other orders with a bound, the count of
/// what is done, scopes, and a word in reports on who waits.</para>
/// <para>All members are thread-safe. An item is handed over at once or not at all: who is cancelled at that moment has it or has not touched it.</para>
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class AsyncQueue<T>
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

    /// <summary>Makes one.</summary>
    /// <param name="capacity">How many items it holds; null for no bound.</param>
    /// <param name="order">Which item is the next.</param>
    /// <param name="comparer">For <see cref="AsyncQueueOrder.Priority"/>; null for the type's own order. It is called under the queue's lock. What it throws
    /// goes to who put the item, which is then not in the queue.</param>
    /// <param name="name">Its name in reports.</param>
    /// <exception cref="ArgumentOutOfRangeException">A capacity below 1, or an unknown order.</exception>
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
    }

    /// <summary>Its name in reports.</summary>
    public string? Name { get; }

    /// <summary>How many items it holds at most; null for no bound.</summary>
    public int? Capacity { get; }

    /// <summary>Items that wait to be taken.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _items.Count;
        }
    }

    /// <summary>Whether no more items come and all have been taken.</summary>
    public bool IsCompleted
    {
        get
        {
            lock (_gate) return _isCompleted && _items.Count == 0;
        }
    }

    private string DebuggerText => $"AsyncQueue {Name}: {_items.Count} items, {_takers.Count} taking, {_putters.Count} putting{(_isCompleted ? ", completed" : "")}";

    /// <summary>Puts an item in when there is room.</summary>
    /// <exception cref="InvalidOperationException">Of the task: the item cannot be compared with others (or whatever else the comparer throws).</exception>
    /// <exception cref="ChannelClosedException">Of the task: The queue is completed; the item is not in it.</exception>
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

    /// <summary>Puts an item in if there is room now and the queue is not completed.</summary>
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

    /// <summary>Takes the next item when there is one.</summary>
    /// <exception cref="ChannelClosedException">Of the task: The queue is completed and empty.</exception>
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
                // Completed without an error: the end of the sequence.
                yield break;
            }

            yield return item;
        }
    }

    /// <summary>No more items come. What is there can still be taken; then those who take get a <see cref="ChannelClosedException"/>. So do, at once, those who wait for
    /// room.</summary>
    /// <param name="error">Why, for those who take after the last item; null for no error.</param>
    /// <exception cref="ChannelClosedException">It was completed before.</exception>
    public void Complete(Exception? error = null)
    {
        if (!TryComplete(error)) throw new ChannelClosedException($"The {this} was completed before.");
    }

    /// <summary>No more items come.</summary>
    /// <inheritdoc cref="Complete"/>
    /// <returns>False where it was completed before.</returns>
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

    /// <summary>Throws away what is there, as if it were done. With <see cref="Complete"/> before it, the queue ends at once.</summary>
    /// <returns>How many items were thrown away.</returns>
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

    /// <summary>An item that was taken is done with.</summary>
    /// <exception cref="InvalidOperationException">More were said to be done than were put in.</exception>
    public void Done() => Done(1);

    /// <summary>Items that were taken are done with.</summary>
    /// <param name="count">How many, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    /// <exception cref="InvalidOperationException">Fewer have been taken and are not done; none is counted.</exception>
    public void Done(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        List<Waiter> granted = [];
        lock (_gate)
        {
            if (count > _unfinished - _items.Count) throw new InvalidOperationException($"More items of {this} were said to be done than have been taken.");
            _unfinished -= count;
            if (_unfinished == 0) granted = _doneWaiters.TakeAll();
            CheckInvariantsLocked();
        }

        foreach (var waiter in granted) waiter.Grant();
    }

    /// <summary>Waits until every item that was put in has been taken and said to be done.</summary>
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

    /// <summary>Returns a snapshot of the queue: its items, what is not done, and how many wait.</summary>
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

    /// <summary>Takes an item, and lets the first in that waits for room: the caller grants it.</summary>
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
                // The comparer's: it concerns who put the item, not who takes another one.
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
        Debug.Assert(_takers.Count == 0 || _items.Count == 0, "nobody waits for an item while there is one");
        Debug.Assert(_putters.Count == 0 || _items.Count >= Capacity, "nobody waits for room while there is some");
        Debug.Assert(Capacity is null || _items.Count <= Capacity, "not more items are there than have room");
        Debug.Assert(!_isCompleted || (_putters.Count == 0 && _takers.Count == 0), "nobody waits at a completed queue for an item or for room");
        Debug.Assert(_unfinished >= _items.Count, "an item that is there is not done");
        Debug.Assert(_doneWaiters.Count == 0 || _unfinished > 0, "nobody waits for what is done");
    }

    private ChannelClosedException Closed() => _error is null
        ? new ChannelClosedException($"The {this} is completed.")
        : new ChannelClosedException($"The {this} is completed: {_error.Message}", _error);

    private sealed class Description(AsyncQueue<T> queue, string what) : IWaitedFor
    {
        public string Describe() => $"{what} of {queue} ({queue.Count} items)";
    }
}
