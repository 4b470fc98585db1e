using Samovar.Ipc;

namespace Samovar.Stress.Ipc;

/// <summary>Processes that put and take until they are killed. Each writes down in shared memory how far it has come.</summary>
internal sealed class QueueKillLoad(Post post, Random random)
{
    private const int LongestLog = 1 << 20;

    private readonly List<Producer> _producers = [];
    private readonly List<Consumer> _consumers = [];
    private int _consumersKilled;
    private int _missing;
    private long _put;

    public void StartProducer()
    {
        var put = new SharedValue<int>(0);
        int id = _producers.Count + 1;
        _producers.Add(new Producer(put, ChildProcess.Start(Producing(post, id, put))));
    }

    public void StartConsumer()
    {
        var log = new SharedArray<long>(LongestLog);
        _consumers.Add(new Consumer(log, ChildProcess.Start(Consuming(post, log))));
    }

    /// <summary>Kills one that has put or taken something, and starts another.</summary>
    public async Task KillOneAsync()
    {
        if (random.Next(2) == 0)
        {
            Producer victim = Living(_producers, static p => p.Child)[random.Next(2)];
            await KillAsync(victim.Child, () => victim.Put.Value > 0);
            StartProducer();
        }
        else
        {
            Consumer victim = Living(_consumers, static c => c.Child)[random.Next(2)];
            await KillAsync(victim.Child, () => Volatile.Read(ref victim.Log[0]) != 0);
            _consumersKilled++;
            StartConsumer();
        }
    }

    /// <summary>Ends the producers; the consumers take what is left.</summary>
    public async Task DrainAsync()
    {
        foreach (Producer producer in Living(_producers, static p => p.Child)) await KillAsync(producer.Child, static () => true);
        for (var spin = default(SpinWait); post.Count > 0; spin.SpinOnce()) { }

        // Each that has taken the last items has written them down, or is in the midst of it.
        foreach (Consumer consumer in Living(_consumers, static c => c.Child))
        {
            await KillAsync(consumer.Child, static () => true);
            _consumersKilled++;
        }
    }

    public IEnumerable<string> Problems()
    {
        var seen = _producers.Select(static _ => new HashSet<int>()).ToArray();
        for (int c = 0; c < _consumers.Count; c++)
        {
            int[] last = new int[_producers.Count];
            Array.Fill(last, -1);
            for (int i = 0; i < LongestLog && _consumers[c].Log[i] is not 0 and var entry; i++)
            {
                int producer = (int)(entry >> 32) - 1, number = (int)entry;
                if (!seen[producer].Add(number)) yield return $"{post}: item {number} of producer {producer} was taken twice";
                if (number <= last[producer]) yield return $"{post}: consumer {c} got item {number} of producer {producer} after item {last[producer]}";
                last[producer] = number;
            }
        }

        for (int p = 0; p < _producers.Count; p++)
        {
            int put = _producers[p].Put.Value;
            int most = seen[p].Count == 0 ? 0 : seen[p].Max() + 1;
            if (most > put + 1) yield return $"{post}: item {most - 1} of producer {p} was taken, and {put} were put";
            _put += put;
            _missing += Enumerable.Range(0, Math.Max(put, most)).Count(n => !seen[p].Contains(n));
        }

        // In the hands of each consumer that was killed there was one item at most.
        if (_missing > _consumersKilled) yield return $"{post}: {_missing} items are missing, and {_consumersKilled} consumers were killed";
        foreach (ChildProcess child in _producers.Select(static p => p.Child).Concat(_consumers.Select(static c => c.Child)))
        {
            if (child.ExitCode is not (-9 or 0)) yield return $"{post}: {child.Name} has ended with {child.ExitCode}";
        }

        foreach (Producer producer in _producers) producer.Put.Dispose();
        foreach (Consumer consumer in _consumers) consumer.Log.Dispose();
    }

    public override string ToString() =>
        $"{_put:N0} put by {_producers.Count}, {_consumers.Count} consumers; {_missing} items were in the hands of " +
        $"{_consumersKilled} killed consumers; puts broken off: {post.Statistics.AbortedWrites}";

    private static List<T> Living<T>(List<T> all, Func<T, ChildProcess> child) => [.. all.Where(one => !child(one).Exited.IsCompleted)];

    // After a time that is different each time, so that it happens anywhere.
    private async Task KillAsync(ChildProcess child, Func<bool> hasBegun)
    {
        for (var spin = default(SpinWait); !hasBegun() && !child.Exited.IsCompleted; spin.SpinOnce()) { }
        Thread.SpinWait(random.Next(200_000));
        child.Kill();
        await child.Exited;
    }

    private static Action Producing(Post post, int id, SharedValue<int> put) => () =>
    {
        for (int n = 0; ; n++)
        {
            post.Put(id, n);
            put.Value = n + 1;
            Thread.SpinWait(100);
        }
    };

    private static Action Consuming(Post post, SharedArray<long> log) => () =>
    {
        for (int i = 0; i < log.Length; i++)
        {
            var (producer, number) = post.Take();
            Volatile.Write(ref log[i], ((long)producer << 32) | (uint)number);
        }
    };

    private sealed record Producer(SharedValue<int> Put, ChildProcess Child);

    private sealed record Consumer(SharedArray<long> Log, ChildProcess Child);
}
