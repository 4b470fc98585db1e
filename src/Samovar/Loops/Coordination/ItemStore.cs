namespace Samovar.Loops.Coordination;

/// <summary>The items of a queue, in the order in which they are taken. Guarded by the queue's lock.</summary>
internal abstract class ItemStore<T>
{
    public abstract int Count { get; }

    public static ItemStore<T> For(AsyncQueueOrder order, IComparer<T>? comparer) => order switch
    {
        AsyncQueueOrder.FirstInFirstOut => new Oldest(),
        AsyncQueueOrder.LastInFirstOut => new Newest(),
        AsyncQueueOrder.Priority => new Least(comparer ?? Comparer<T>.Default),
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, "Not a member of AsyncQueueOrder."),
    };

    public abstract void Add(T item);

    public abstract T Take();

    private sealed class Oldest : ItemStore<T>
    {
        private readonly Queue<T> _items = new();

        public override int Count => _items.Count;

        public override void Add(T item) => _items.Enqueue(item);

        public override T Take() => _items.Dequeue();
    }

    private sealed class Newest : ItemStore<T>
    {
        private readonly Stack<T> _items = new();

        public override int Count => _items.Count;

        public override void Add(T item) => _items.Push(item);

        public override T Take() => _items.Pop();
    }

    /// <summary>A binary heap that performs all comparisons before it moves items, so a comparer that throws leaves it unchanged;
    /// <see cref="PriorityQueue{TElement, TPriority}"/> does not guarantee that. Equal items are taken in FIFO order.</summary>
    private sealed class Least(IComparer<T> comparer) : ItemStore<T>
    {
        private readonly List<(T Item, long Number)> _heap = [];
        private readonly List<int> _path = []; // from the root to the place of the last item
        private long _number;

        public override int Count => _heap.Count;

        public override void Add(T item)
        {
            var added = (item, ++_number);
            int place = _heap.Count;
            while (place > 0 && IsBefore(added, _heap[(place - 1) / 2])) place = (place - 1) / 2;
            int top = place;
            _heap.Add(added);
            for (place = _heap.Count - 1; place > top; place = (place - 1) / 2) _heap[place] = _heap[(place - 1) / 2];
            _heap[top] = added;
        }

        public override T Take()
        {
            var last = _heap[^1];
            int count = _heap.Count - 1;
            _path.Clear();
            for (int place = 0; (2 * place) + 1 < count;)
            {
                int child = (2 * place) + 1;
                if (child + 1 < count && IsBefore(_heap[child + 1], _heap[child])) child++;
                if (!IsBefore(_heap[child], last)) break;
                _path.Add(place = child);
            }

            var first = _heap[0].Item;
            int hole = 0;
            foreach (int child in _path)
            {
                _heap[hole] = _heap[child];
                hole = child;
            }

            _heap[hole] = last;
            _heap.RemoveAt(count);
            return first;
        }

        private bool IsBefore((T Item, long Number) left, (T Item, long Number) right)
        {
            int byItem = comparer.Compare(left.Item, right.Item);
            return byItem != 0 ? byItem < 0 : left.Number < right.Number;
        }
    }
}
