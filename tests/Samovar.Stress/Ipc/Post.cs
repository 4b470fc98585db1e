using System.Globalization;
using Samovar.Ipc;

namespace Samovar.Stress.Ipc;

/// <summary>A queue of items that say who has put them and as which.</summary>
internal abstract class Post : IDisposable
{
    public abstract long Count { get; }

    public abstract ProcessQueueStatistics Statistics { get; }

    public abstract void Put(int producer, int number);

    public abstract (int Producer, int Number) Take();

    public abstract void Dispose();
}

/// <summary>Items that are moved as bytes.</summary>
internal sealed class NumberPost(int capacity) : Post
{
    private readonly ProcessQueue<long> _queue = new(capacity);

    public override long Count => _queue.Count;

    public override ProcessQueueStatistics Statistics => _queue.GetStatistics();

    public override void Put(int producer, int number) => _queue.Put(((long)producer << 32) | (uint)number);

    public override (int Producer, int Number) Take() => _queue.Take() is var item ? ((int)(item >> 32), (int)item) : default;

    public override void Dispose() => _queue.Dispose();

    public override string ToString() => $"numbers, capacity {_queue.Capacity}";
}

/// <summary>Items that are shipped, some of them larger than the queue.</summary>
internal sealed class TextPost(int capacity) : Post
{
    private readonly ProcessQueue<string> _queue = new(new ProcessQueueOptions { Capacity = capacity, BytesPerProcess = 4096 });

    public override long Count => _queue.Count;

    public override ProcessQueueStatistics Statistics => _queue.GetStatistics();

    public override void Put(int producer, int number) =>
        _queue.Put(string.Create(CultureInfo.InvariantCulture, $"{producer}:{number}:{new string('x', number % 11 == 0 ? 40_000 : number % 100)}"));

    public override (int Producer, int Number) Take()
    {
        string[] parts = _queue.Take().Split(':');
        int number = int.Parse(parts[1], CultureInfo.InvariantCulture);
        if (parts[2].Length != (number % 11 == 0 ? 40_000 : number % 100) || parts[2].Trim('x').Length > 0)
            throw new InvalidDataException($"item {number} has arrived damaged");
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), number);
    }

    public override void Dispose() => _queue.Dispose();

    public override string ToString() => $"texts, capacity {_queue.Capacity}";
}
