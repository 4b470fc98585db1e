using System.Runtime.CompilerServices;
using Samovar.Benchmarks.Ipc;

namespace Samovar.Benchmarks.Contestants;

/// <summary>The limits of the machine: hand-written rings, bare futexes, words that both sides poll, memory copies.</summary>
internal static class LimitContestants
{
    private const int Capacity = 1 << 16;
    private const int Batch = 64;

    public static IEnumerable<KeyValuePair<string, Contestant>> All =>
    [
        new("P1 ring by hand, there and back", ThereAndBackAsync), new("P2 futexes", static request => FutexLimit.TripsAsync(request, 3000, TimeSpan.Zero)),
        new("P2.hot two words, both sides looking", WordsAsync), new("P6 ring by hand", static request => StreamAsync<int>(request, 2_000_000, 1, Capacity)),
        new("P6.batches ring by hand, 64 at once", static request => StreamAsync<int>(request, 20_000_000, Batch, Capacity)), new("P7 two words, both sides looking", WordsAsync),
        new("P7.idle futexes", static request => FutexLimit.TripsAsync(request, 100, TimeSpan.FromMilliseconds(2))),
        new("P8 ring by hand", static request => StreamAsync<Kibibyte>(request, 500_000, 1, 512)), new("P9 one copy", CopyAsync),
        new("P16 two words, both sides looking", ThreadWordsAsync),
    ];

    // Messages of 32 bytes, the size of a no-op task and of its result.
    private static async IAsyncEnumerable<double> ThereAndBackAsync(Request request)
    {
        using var work = RawRing<Message>.Allocate(Capacity);
        using var results = RawRing<Message>.Allocate(Capacity);
        await using var echo = ChildProcess.Start(() =>
        {
            var from = new RawRing<Message>(work, Capacity);
            var to = new RawRing<Message>(results, Capacity);
            Message message;
            do
            {
                message = from.Take();
                to.Write(message);
            }
            while (message[0] == 0);
        });
        var there = new RawRing<Message>(work, Capacity);
        var back = new RawRing<Message>(results, Capacity);
        var some = new Message[Capacity];
        try
        {
            while (true)
            {
                int count = request.Of(2_000_000);
                yield return Timing.Rate(count, () =>
                {
                    for (int sent = 0, received = 0; received < count;)
                    {
                        for (int burst = Math.Min(4096, count - sent); burst > 0; burst--, sent++) there.Write(default);
                        received += back.Take(some);
                    }
                });
            }
        }
        finally
        {
            var end = default(Message);
            end[0] = 1;
            there.Write(end);
            await echo.JoinAsync();
        }
    }

    private static async IAsyncEnumerable<double> StreamAsync<T>(Request request, int full, int batch, int capacity)
        where T : unmanaged
    {
        using var items = RawRing<T>.Allocate(capacity);
        using var counts = RawRing<int>.Allocate(4);
        using var answers = RawRing<int>.Allocate(4);
        await using var reader = ChildProcess.Start(() =>
        {
            var from = new RawRing<T>(items, capacity);
            var some = new T[batch];
            var expected = new RawRing<int>(counts, 4);
            var answer = new RawRing<int>(answers, 4);
            while (expected.Take() is > 0 and var count)
            {
                for (int left = count; left > 0;) left -= from.Take(some);
                answer.Write(count);
            }
        });
        var there = new RawRing<T>(items, capacity);
        var count = new RawRing<int>(counts, 4);
        var back = new RawRing<int>(answers, 4);
        var batchOf = new T[batch];
        try
        {
            while (true)
            {
                int many = request.Of(full) / batch * batch;
                yield return Timing.Rate(many, () =>
                {
                    count.Write(many);
                    for (int i = 0; i < many; i += batch) there.WriteMany(batchOf);
                    back.Take();
                });
            }
        }
        finally
        {
            count.Write(0);
            await reader.JoinAsync();
        }
    }

    private static async IAsyncEnumerable<double> WordsAsync(Request request)
    {
        using var there = RawRing<int>.Allocate(1);
        using var back = RawRing<int>.Allocate(1);
        await using var echo = ChildProcess.Start(() =>
        {
            var from = new RawRing<int>(there, 1);
            var to = new RawRing<int>(back, 1);
            while (from.Take() is > 0 and var word) to.Write(word);
        });
        var ping = new RawRing<int>(there, 1);
        var pong = new RawRing<int>(back, 1);
        try
        {
            while (true)
            {
                yield return Timing.MedianTime(request.Of(100_000), () =>
                {
                    ping.Write(1);
                    pong.Take();
                });
            }
        }
        finally
        {
            ping.Write(0);
            await echo.JoinAsync();
        }
    }

    private static async IAsyncEnumerable<double> ThreadWordsAsync(Request request)
    {
        await Task.CompletedTask;
        using var there = RawRing<int>.Allocate(1);
        using var back = RawRing<int>.Allocate(1);
        var echo = new Thread(() =>
        {
            var from = new RawRing<int>(there, 1);
            var to = new RawRing<int>(back, 1);
            while (from.Take() is > 0 and var word) to.Write(word);
        });
        echo.Start();
        var ping = new RawRing<int>(there, 1);
        var pong = new RawRing<int>(back, 1);
        try
        {
            while (true)
            {
                yield return Timing.MedianTime(request.Of(100_000), () =>
                {
                    ping.Write(1);
                    pong.Take();
                });
            }
        }
        finally
        {
            ping.Write(0);
            echo.Join();
        }
    }

    private static async IAsyncEnumerable<double> CopyAsync(Request request)
    {
        await Task.CompletedTask;
        byte[] from = new byte[256 << 20];
        byte[] to = new byte[256 << 20];
        from.AsSpan().Fill(1);
        to.AsSpan().Fill(2); // commits its pages
        while (true) yield return Timing.MedianTime(1, () => from.CopyTo(to, 0)) / 1e3;
    }

    [InlineArray(1024)]
    private struct Kibibyte
    {
        private byte _first;
    }

    [InlineArray(32)]
    private struct Message
    {
        private byte _first;
    }
}
