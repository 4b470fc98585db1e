using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Samovar.Ipc;

namespace Samovar.Benchmarks.Contestants;

/// <summary>Queues between processes, and <see cref="Channel{T}"/> within a process.</summary>
internal static class QueueContestants
{
    private const int Capacity = 1 << 16;
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(2);

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P6 Samovar", static request => IntegersAsync(request, inBatches: false)), new("P6.batches Samovar", static request => IntegersAsync(request, inBatches: true)),
        new("P6 .NET Channel (threads)", ChannelIntegersAsync), new("P7 Samovar", static request => TripsAsync(request, 20_000, TimeSpan.Zero)),
        new("P7.idle Samovar", static request => TripsAsync(request, 100, s_rest)), new("P7 .NET Channel (threads)", ChannelTripsAsync),
        new("P7.async Samovar", AwaitedTripsAsync),
        new("P8 Samovar", static request => StreamAsync<Kibibyte>(request, SendKibibytes, ReadKibibytes)), new("P8 .NET Channel (threads)", ChannelKibibytesAsync),
        new("P8.arrays Samovar", static request => StreamAsync<byte[]>(request, SendArrays, ReadArrays)), new("P6.pairs Samovar", static request => PairsAsync(request, pairs: 4)),
    ];

    private static async IAsyncEnumerable<double> IntegersAsync(Request request, bool inBatches)
    {
        using var queue = new ProcessQueue<int>(Capacity);
        using var answers = new ProcessQueue<long>(4);
        await using var reader = ChildProcess.Start(() => Sum(queue, answers, inBatches));
        int[] numbers = [.. Enumerable.Range(0, request.Of(inBatches ? 10_000_000 : 1_000_000))];
        try
        {
            while (true)
            {
                yield return Timing.Rate(numbers.Length, () =>
                {
                    if (inBatches) queue.PutMany(numbers);
                    else foreach (int number in numbers) queue.Put(number);
                    queue.Put(-1);
                    answers.Take();
                });
            }
        }
        finally
        {
            queue.Put(-2);
            await reader.JoinAsync();
        }
    }

    private static void Sum(ProcessQueue<int> queue, ProcessQueue<long> answers, bool inBatches)
    {
        int[] some = new int[inBatches ? 4096 : 1];
        long sum = 0;
        while (true)
        {
            int count = 1;
            if (inBatches) count = queue.TakeMany(some);
            else some[0] = queue.Take();
            foreach (int number in some.AsSpan(0, count))
            {
                if (number == -2) return;
                if (number == -1) answers.Put(sum);
                sum = number == -1 ? 0 : sum + number;
            }
        }
    }

    private static async IAsyncEnumerable<double> TripsAsync(Request request, int trips, TimeSpan rest)
    {
        using var there = new ProcessQueue<int>(16);
        using var back = new ProcessQueue<int>(16);
        await using var echo = ChildProcess.Start(() =>
        {
            while (there.Take() is >= 0 and var number) back.Put(number);
        });
        void Trip()
        {
            there.Put(1);
            back.Take();
        }

        try
        {
            while (true)
            {
                yield return rest == TimeSpan.Zero ? Timing.MedianTime(request.Of(trips), Trip)
                    : await Timing.MedianTimeAsync(request.Of(trips), () =>
                    {
                        Trip();
                        return ValueTask.CompletedTask;
                    }, rest);
            }
        }
        finally
        {
            there.Put(-1);
            await echo.JoinAsync();
        }
    }

    private static async IAsyncEnumerable<double> AwaitedTripsAsync(Request request)
    {
        using var there = new ProcessQueue<int>(16);
        using var back = new ProcessQueue<int>(16);
        await using var echo = ChildProcess.Start(async () =>
        {
            while (await there.TakeAsync() is >= 0 and var number) await back.PutAsync(number);
        });
        try
        {
            while (true)
            {
                yield return await Timing.MedianTimeAsync(request.Of(20_000), async () =>
                {
                    await there.PutAsync(1);
                    await back.TakeAsync();
                });
            }
        }
        finally
        {
            there.Put(-1);
            await echo.JoinAsync();
        }
    }

    private static async IAsyncEnumerable<double> PairsAsync(Request request, int pairs)
    {
        while (true)
        {
            int each = request.Of(8_000_000, 1000) / pairs;
            using var queue = new ProcessQueue<int>(Capacity);
            using var begin = new ProcessQueue<int>(16);
            using var answers = new ProcessQueue<int>(16);
            ChildProcess[] producers = [.. Enumerable.Range(0, pairs).Select(_ => ChildProcess.Start(() => Produce(queue, begin, answers)))];
            ChildProcess[] consumers = [.. Enumerable.Range(0, pairs).Select(_ => ChildProcess.Start(() => Consume(queue, answers)))];
            for (int i = 0; i < 2 * pairs; i++) answers.Take(); // all have started
            yield return await Timing.RateAsync(each * pairs, async () =>
            {
                for (int i = 0; i < pairs; i++) begin.Put(each);
                foreach (ChildProcess producer in producers) await producer.JoinAsync();
                queue.Complete();
                for (int i = 0; i < pairs; i++) answers.Take();
            });
            foreach (ChildProcess consumer in consumers) await consumer.JoinAsync();
        }
    }

    private static void Produce(ProcessQueue<int> queue, ProcessQueue<int> begin, ProcessQueue<int> answers)
    {
        answers.Put(0);
        int count = begin.Take();
        for (int i = 0; i < count; i++) queue.Put(i);
    }

    private static void Consume(ProcessQueue<int> queue, ProcessQueue<int> answers)
    {
        answers.Put(0);
        try
        {
            while (true) queue.Take();
        }
        catch (ChannelClosedException)
        {
            answers.Put(1); // the queue is complete and empty
        }
    }

    // The reader acknowledges each end marker, and returns when the queue is complete.
    private static async IAsyncEnumerable<double> StreamAsync<T>(Request request, Action<ProcessQueue<T>, int> send, Action<ProcessQueue<T>, ProcessQueue<int>> read)
    {
        using var queue = new ProcessQueue<T>(new ProcessQueueOptions { Capacity = 512, BytesPerProcess = 1 << 20 });
        using var answers = new ProcessQueue<int>(4);
        await using var reader = ChildProcess.Start(() =>
        {
            try
            {
                read(queue, answers);
            }
            catch (ChannelClosedException)
            {
                // The measurement has completed.
            }
        });
        try
        {
            while (true)
            {
                int count = request.Of(500_000);
                yield return Timing.Rate(count, () =>
                {
                    send(queue, count);
                    answers.Take();
                });
            }
        }
        finally
        {
            queue.Complete();
            await reader.JoinAsync();
        }
    }

    private static void SendKibibytes(ProcessQueue<Kibibyte> queue, int count)
    {
        var item = default(Kibibyte);
        for (int i = 0; i < count; i++) queue.Put(item);
        item[0] = 1;
        queue.Put(item);
    }

    private static void ReadKibibytes(ProcessQueue<Kibibyte> queue, ProcessQueue<int> answers)
    {
        while (true)
        {
            if (queue.Take()[0] == 1) answers.Put(1);
        }
    }

    private static void SendArrays(ProcessQueue<byte[]> queue, int count)
    {
        byte[] item = new byte[1024];
        for (int i = 0; i < count; i++) queue.Put(item);
        queue.Put([1]);
    }

    private static void ReadArrays(ProcessQueue<byte[]> queue, ProcessQueue<int> answers)
    {
        while (true)
        {
            if (queue.Take().Length == 1) answers.Put(1);
        }
    }

    private static async IAsyncEnumerable<double> ChannelIntegersAsync(Request request)
    {
        while (true)
        {
            int count = request.Of(1_000_000);
            yield return await ThroughChannelAsync<int>(count, Capacity);
        }
    }

    private static async IAsyncEnumerable<double> ChannelKibibytesAsync(Request request)
    {
        while (true) yield return await ThroughChannelAsync<Kibibyte>(request.Of(500_000), 512);
    }

    private static ValueTask<double> ThroughChannelAsync<T>(int count, int capacity)
        where T : struct
    {
        var channel = Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true });
        return Timing.RateAsync(count, async () =>
        {
            var reader = Task.Run(async () =>
            {
                for (int left = count; left > 0; left--) await channel.Reader.ReadAsync();
            });
            for (int i = 0; i < count; i++)
            {
                if (!channel.Writer.TryWrite(default)) await channel.Writer.WriteAsync(default);
            }

            await reader;
        });
    }

    private static async IAsyncEnumerable<double> ChannelTripsAsync(Request request)
    {
        var there = Channel.CreateUnbounded<int>();
        var back = Channel.CreateUnbounded<int>();
        var echo = Task.Run(async () =>
        {
            await foreach (int number in there.Reader.ReadAllAsync()) await back.Writer.WriteAsync(number);
        });
        try
        {
            while (true)
            {
                yield return await Timing.MedianTimeAsync(request.Of(20_000), async () =>
                {
                    await there.Writer.WriteAsync(1);
                    await back.Reader.ReadAsync();
                });
            }
        }
        finally
        {
            there.Writer.Complete();
            await echo;
        }
    }

    [InlineArray(1024)]
    private struct Kibibyte
    {
        private byte _first;
    }
}
