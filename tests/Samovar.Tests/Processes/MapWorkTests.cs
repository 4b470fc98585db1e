using System.Buffers;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Tests.Processes;

/// <summary>A map's lambda and what it captured: taken once, sent once to each worker.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class MapWorkTests
{
    private const int Large = 100_000; // bytes: has no room in a ring

    [ProcessTheory]
    [InlineData(10, false)]
    [InlineData(Large, false)]
    [InlineData(10, true)]
    [InlineData(Large, true)]
    public async Task A_capture_is_written_once_and_read_once_by_each_worker(int size, bool isPortable)
    {
        await using var pool = Build(isPortable ? ChannelKind.Portable : ChannelKind.Linux);
        var counted = new Counted(new byte[size]);

        var reads = await ListAsync(pool.Map(
            Enumerable.Range(0, 500), n => (Environment.ProcessId, counted.Bytes.Length, Counted.Reads), new() { BatchSize = 5 }));

        counted.Writes.ShouldBe(1);
        reads.Count.ShouldBe(500);
        reads.ShouldAllBe(read => read.Length == size && read.Reads == 1);
    }

    [ProcessFact]
    public async Task Each_map_reads_its_capture_and_workers_forget_it_when_the_map_is_over()
    {
        await using var pool = Build(ChannelKind.Linux, workers: 1);
        for (int map = 1; map <= 2; map++)
        {
            var counted = new Counted(new byte[10]);
            (await ListAsync(pool.Map(Enumerable.Range(0, 3), n => counted.Bytes.Length + Counted.Reads))).ShouldBe([10 + map, 10 + map, 10 + map]);
        }

        await TestTimeout.UntilAsync(() => pool.Submit(Counted.CountAlive).Result == 0);
    }

    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_that_takes_the_place_of_a_dead_one_gets_the_capture_too(bool isPortable)
    {
        await using var pool = Build(isPortable ? ChannelKind.Portable : ChannelKind.Linux);
        byte[] capture = new byte[Large];

        var outcomes = await ListAsync(pool.MapOutcomes(
            Enumerable.Range(0, 30),
            n =>
            {
                if (n % 10 == 5) Environment.FailFast("on request");
                return capture.Length + n;
            },
            new() { BatchSize = 3 }));

        outcomes.Where(static o => !o.IsSuccess).Select(static o => o.Index).ShouldBe([5, 15, 25]);
        outcomes.Where(static o => o.IsSuccess).ShouldAllBe(static o => o.Value == Large + o.Index);
    }

    [ProcessFact]
    public async Task Items_that_are_part_of_the_capture_are_the_same_objects_there()
    {
        await using var pool = Build(ChannelKind.Linux);
        List<Node> nodes = [.. Enumerable.Range(0, 50).Select(static _ => new Node())];
        nodes[0].Next = nodes[49];

        (await ListAsync(pool.Map(nodes, node => nodes.IndexOf(node)))).ShouldBe(Enumerable.Range(0, 50));
        (await ListAsync(pool.Map([new Node { Next = nodes[7] }, nodes[0]], node => nodes.IndexOf(node.Next!)))).ShouldBe([7, 49]);
    }

    [ProcessFact]
    public async Task Items_over_the_lambdas_closure_carry_the_variables_that_the_lambda_does_not_read()
    {
        await using var pool = Build(ChannelKind.Linux);
        double[] weights = [.. Enumerable.Range(0, 9).Select(static n => n * 0.5)];
        string[] names = ["a", "b"];
        int factor = 7;
        Func<string> neighbour = () => pool.Name; // the closure holds what cannot travel
        neighbour().ShouldNotBeEmpty();
        List<Func<double>> jobs = [.. Enumerable.Range(0, 9).Select(n => (Func<double>)(() => weights[n] * factor))];
        var expected = weights.Select(weight => 2 + (weight * 7)).ToList();

        (await ListAsync(pool.Map(jobs, job => names.Length + job(), new() { BatchSize = 3 }))).ShouldBe(expected);
        (await ListAsync(pool.Map(jobs.ConvertAll(static job => new Job(job)), job => names.Length + job.Work(), new() { BatchSize = 3 }))).ShouldBe(expected);
        (await ListAsync(pool.Map([() => factor], job => (names.Length, job())))).ShouldBe([(2, 7)]);
        var returned = await ListAsync(pool.Map([() => names.Length * factor], job => names.Length == 2 ? job : throw new InvalidOperationException()));
        returned.ConvertAll(static job => job()).ShouldBe([14]);
    }

    [ProcessFact]
    public async Task The_capture_is_taken_when_the_loop_begins()
    {
        await using var pool = Build(ChannelKind.Linux);
        int[] captured = [0];

        IEnumerable<int> Source()
        {
            for (int n = 0; n < 20; n++)
            {
                captured[0] = n + 1;
                yield return n;
            }
        }

        (await ListAsync(pool.Map(Source(), _ => captured[0], new() { BatchSize = 1 }))).ShouldAllBe(static seen => seen == 0);
        (await ListAsync(pool.Map([0], _ => captured[0]))).ShouldBe([20]);
    }

    [ProcessFact]
    public async Task An_item_sees_what_earlier_items_on_its_worker_have_done_to_the_capture()
    {
        await using var pool = Build(ChannelKind.Linux, workers: 1);
        int[] captured = [0];

        (await ListAsync(pool.Map(Enumerable.Range(0, 10), _ => ++captured[0], new() { BatchSize = 3 }))).ShouldBe(Enumerable.Range(1, 10));
        captured[0].ShouldBe(0);
    }

    [ProcessFact]
    public async Task Live_values_in_the_capture_are_connected_on_every_worker_and_for_every_batch()
    {
        await using var pool = Build(ChannelKind.Linux);
        using var source = new CancellationTokenSource();
        using var waiting = new SharedArray<int>(2);
        var token = source.Token;
        var reports = new List<int>();
        IProgress<int> progress = new Reports(reports);

        var results = ListAsync(pool.Map(
            Enumerable.Range(0, 6),
            n =>
            {
                progress.Report(n);
                if (n < 4) return n;
                waiting[n - 4] = 1;
                return token.WaitHandle.WaitOne() ? -n : n;
            },
            new() { BatchSize = 1 }));
        await TestTimeout.UntilAsync(() => waiting[0] + waiting[1] == 2);
        await source.CancelAsync();

        (await results).ShouldBe([0, 1, 2, 3, -4, -5]);
        lock (reports) reports.Order().ShouldBe(Enumerable.Range(0, 6));
    }

    [ProcessTheory]
    [InlineData(10)]
    [InlineData(Large)]
    public async Task Work_that_left_its_thread_behind_is_tried_again_with_its_capture(int size)
    {
        var time = new ManualTimeProvider();
        Stubborn.Reset();
        await using var pool = new ProcessExecutor(new() { Workers = 1, InProcess = true, TimeProvider = time, CancellationGrace = TimeSpan.FromSeconds(2) });
        byte[] capture = new byte[size];

        var results = ListAsync(pool.Map(
            [1],
            n => Stubborn.Run(capture.Length + n),
            new() { Timeout = TimeSpan.FromSeconds(1), Retry = new() { MaxAttempts = 2, Delay = TimeSpan.Zero } }));
        await TestTimeout.UntilAsync(() => Stubborn.Attempts == 1);
        await time.WhenArmedAsync(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1)); // the timeout: the attempt is cancelled
        await time.WhenArmedAsync(TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(2)); // the grace: its thread is left behind, and the next attempt starts

        try
        {
            (await results).ShouldBe([size + 1]);
        }
        finally
        {
            Stubborn.End.Open();
        }
    }

    [ProcessFact]
    public async Task A_lambda_submitted_twice_takes_what_it_captured_each_time()
    {
        await using var pool = Build(ChannelKind.Linux, workers: 1);
        int[] captured = [1];
        Func<int> work = () => captured[0]++;
        (await pool.Submit(work)).ShouldBe(1);
        captured[0] = 5;
        (await pool.Submit(work)).ShouldBe(5);
        (await pool.Submit(work)).ShouldBe(5);
    }

    private static ProcessExecutor Build(ChannelKind channel, int workers = 2) => new(PoolUnderTest.Options(workers) with { Channel = channel });

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items) list.Add(item);
        return list;
    }

    /// <summary>Work on a thread of this process, whose first attempt does not end by itself.</summary>
    private static class Stubborn
    {
        private static int s_attempts;

        public static int Attempts => Volatile.Read(ref s_attempts);

        public static Gate End { get; private set; } = new();

        public static void Reset()
        {
            End = new Gate();
            Volatile.Write(ref s_attempts, 0);
        }

        public static int Run(int value)
        {
            if (Interlocked.Increment(ref s_attempts) == 1) End.Pass();
            return value;
        }
    }

    private sealed class Node
    {
        public Node? Next { get; set; }
    }

    private sealed record Job(Func<double> Work);

    private sealed class Reports(List<int> reports) : IProgress<int>
    {
        public void Report(int value)
        {
            lock (reports) reports.Add(value);
        }
    }

    /// <summary>Counts how often it is written here, and read by a process.</summary>
    [ShipWith(typeof(Codec))]
    private sealed class Counted(byte[] bytes)
    {
        private static readonly List<WeakReference> s_alive = [];
        private static int s_reads;
        private int _writes;

        public static int Reads => Volatile.Read(ref s_reads);

        public int Writes => Volatile.Read(ref _writes);

        public byte[] Bytes => bytes;

        public static int CountAlive()
        {
            GC.Collect();
            return s_alive.Count(static alive => alive.IsAlive);
        }

        public sealed class Codec : PayloadCodec<Counted>
        {
            public override void Write(Counted value, IBufferWriter<byte> output)
            {
                Interlocked.Increment(ref value._writes);
                output.Write(value.Bytes);
            }

            public override Counted Read(ReadOnlySpan<byte> payload)
            {
                Interlocked.Increment(ref s_reads);
                var read = new Counted(payload.ToArray());
                s_alive.Add(new WeakReference(read));
                return read;
            }
        }
    }
}
