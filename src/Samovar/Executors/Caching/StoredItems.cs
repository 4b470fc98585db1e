using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Samovar.Executors.Mapping;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Executors.Caching;

/// <summary>The source of a map with a cache: it passes on the items whose results are not stored, and keeps the others for the reader.</summary>
/// <remarks>Used by two parties under the gate: the run that pulls the items, and the reader. The source waits while the reader has
/// <paramref name="room"/> stored results to read.</remarks>
/// <param name="source">The items.</param>
/// <param name="cache">The cache.</param>
/// <param name="rules">How the map uses the cache.</param>
/// <param name="tally">Counts the items.</param>
/// <param name="isOrdered">Whether results are read in the order of the source.</param>
/// <param name="room">How many stored results may wait for the reader.</param>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
internal sealed class StoredItems<T, TResult>(MapSource<T> source, ResultCache cache, MapCacheRules<T, TResult> rules, MapTally tally, bool isOrdered, int room) : IAsyncEnumerable<T>
{
    private readonly Lock _gate = new();
    private readonly Queue<StoredItem<T, TResult>> _line = new(); // ordered: all items that were pulled and not read; otherwise those that are stored
    private readonly Dictionary<long, (long Index, ResultCacheKey? Key)> _open = []; // the items that are not stored, by their position among themselves
    private readonly AsyncSignal _forReader = new();
    private readonly AsyncSignal _forSource = new();
    private int _stored; // how many items of the line are stored

    /// <summary>Takes the next item if its result is stored. For the reader.</summary>
    public bool TryTake(out StoredItem<T, TResult> item)
    {
        lock (_gate)
        {
            if (!_line.TryPeek(out item) || !item.IsStored) return false;
            _line.Dequeue();
            _stored--;
            CheckInvariantsLocked();
        }

        _forSource.Set();
        return true;
    }

    /// <summary>Takes an item whose result was computed. For the reader, after <see cref="TryTake"/> has returned false.</summary>
    /// <param name="place">Its position among the items that are not stored.</param>
    public (long Index, ResultCacheKey? Key) TakeComputed(long place)
    {
        lock (_gate)
        {
            if (isOrdered) _line.Dequeue();
            _open.Remove(place, out var found);
            CheckInvariantsLocked();
            return found;
        }
    }

    /// <summary>Completes when <see cref="TryTake"/> may return another item. For the reader.</summary>
    public ValueTask WaitAsync() => _forReader.WaitAsync();

    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        using var wakes = cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), _forSource);
        long index = 0, computed = 0;
        var items = ItemsAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (items.ConfigureAwait(false))
        {
            while (await items.MoveNextAsync().ConfigureAwait(false))
            {
                var item = items.Current;
                var key = KeyOf(item);
                if (key is { } known && StoredResults.TryGet<TResult>(cache, known, out var result))
                {
                    tally.CountStored();
                    Add(new StoredItem<T, TResult>(index++, item, rules.Restore(item, result), IsStored: true));
                    while (IsFull())
                    {
                        await _forSource.WaitAsync().ConfigureAwait(false);
                        cancellationToken.ThrowIfCancellationRequested();
                    }

                    continue;
                }

                AddOpen(index++, computed++, key);
                yield return item;
            }
        }
    }

    private async IAsyncEnumerable<T> ItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (source.Synchronous is { } items)
        {
            foreach (var item in items) yield return item;
            yield break;
        }

        await foreach (var item in source.Asynchronous!.WithCancellation(cancellationToken).ConfigureAwait(false)) yield return item;
    }

    private ResultCacheKey? KeyOf(T item)
    {
        try
        {
            return rules.KeyOf(item);
        }
        catch (UnshippableException error)
        {
            cache.ReportFailure(new ResultCacheFailure($"An item of a map has no key, because it cannot be serialized, and is computed: {error.Message}", error));
            return null;
        }
    }

    private void Add(StoredItem<T, TResult> item)
    {
        lock (_gate)
        {
            _line.Enqueue(item);
            _stored++;
            CheckInvariantsLocked();
        }

        _forReader.Set();
    }

    private void AddOpen(long index, long place, ResultCacheKey? key)
    {
        lock (_gate)
        {
            _open[place] = (index, key);
            if (isOrdered) _line.Enqueue(new StoredItem<T, TResult>(index, default!, default!, IsStored: false));
            CheckInvariantsLocked();
        }
    }

    private bool IsFull()
    {
        lock (_gate) return _stored >= room;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_stored >= 0 && _stored <= _line.Count, "stored items are in the line");
        Debug.Assert(!isOrdered || _line.Count == _stored + _open.Count, "in an ordered map each item that is not read is in the line");
    }
}

/// <summary>An item of a map, and its result if that is stored.</summary>
internal readonly record struct StoredItem<T, TResult>(long Index, T Item, TResult Result, bool IsStored);
