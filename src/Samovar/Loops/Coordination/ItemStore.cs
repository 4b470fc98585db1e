namespace Samovar.Loops;

/// <summary>The items of a queue in the order they will be taken. Under the queue's lock.</summary>
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

    private sealed class Least(IComparer<T> comparer) : ItemStore<T>
    {
        private readonly PriorityQueue<T, (T Item, long Number)> _items = new(Comparer<(T Item, long Number)>.Create((left, right) =>
        {
            int byItem = comparer.Compare(left.Item, right.Item);
            return byItem != 0 ? byItem : left.Number.CompareTo(right.Number);
        }));

        private long _number;

        public override int Count => _items.Count;

        public override void Add(T item) => _items.Enqueue(item, (item, ++_number));

        public override T Take() => _items.Dequeue();
    }
}
