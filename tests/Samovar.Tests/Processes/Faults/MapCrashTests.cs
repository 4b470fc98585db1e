using System.Buffers;
using System.Runtime.Versioning;
using Samovar.Ipc;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Platform.Portable;
using Samovar.Processes.Parent;
using Samovar.Processes.Platform;
using Samovar.Serialization;

namespace Samovar.Tests.Processes.Faults;

/// <summary>Workers that die in the middle of a map: one item is lost, and none runs twice.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class MapCrashTests
{
    private const int Items = 600;
    private const int Killer = 300;
    private const int Kill = 9; // SIGKILL

    [ProcessTheory]
    [InlineData(null, false)]
    [InlineData(1, false)]
    [InlineData(7, false)]
    [InlineData(Items, false)]
    [InlineData(50, true)]
    public async Task A_crash_loses_the_item_that_ran_and_no_other_and_nothing_runs_twice(int? batchSize, bool isPortable)
    {
        await using var pool = Build(isPortable ? ChannelKind.Portable : ChannelKind.Linux);
        using var runs = new SharedArray<int>(Items);

        var outcomes = await ListAsync(pool.MapOutcomes(Enumerable.Range(0, Items), n => Run(runs, n), new() { BatchSize = batchSize }));

        outcomes.Select(static o => o.Index).ShouldBe(Enumerable.Range(0, Items));
        outcomes.Where(static o => !o.IsSuccess).Select(static o => o.Index).ShouldBe([Killer]);
        outcomes[Killer].Error.ShouldBeOfType<WorkerCrashedException>().Message.ShouldContain($"item {Killer} of the map");
        outcomes.Where(static o => o.IsSuccess).ShouldAllBe(static o => o.Value == $"result {o.Index}");
        for (int n = 0; n < Items; n++) runs[n].ShouldBe(1);
    }

    [ProcessTheory]
    [InlineData(20)] // journals that overflow into the ring
    [InlineData(60_000)] // results that have no room in the ring either
    public async Task Results_of_every_size_survive_the_worker(int characters)
    {
        await using var pool = Build(ChannelKind.Linux);

        var outcomes = await ListAsync(pool.MapOutcomes(
            Enumerable.Range(0, 40),
            n =>
            {
                if (n == 39) Environment.FailFast("the last item");
                return n % 2 == 0 ? new Result(n, new string('x', characters)) : throw new InvalidOperationException($"odd {n}");
            },
            new() { BatchSize = 40 }));

        outcomes.Count.ShouldBe(40);
        for (int n = 0; n < 39; n++)
        {
            if (n % 2 == 0) outcomes[n].Value.ShouldBe(new Result(n, new string('x', characters)));
            else outcomes[n].Error.ShouldBeOfType<InvalidOperationException>().Message.ShouldBe($"odd {n}");
        }

        outcomes[39].Error.ShouldBeOfType<WorkerCrashedException>();
    }

    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shared_object_that_a_worker_made_survives_it(bool isPortable)
    {
        await using var pool = Build(isPortable ? ChannelKind.Portable : ChannelKind.Linux);

        var outcomes = await ListAsync(pool.MapOutcomes(
            Enumerable.Range(0, 4),
            static n =>
            {
                if (n == 2) _ = LinuxProcessCalls.kill(Environment.ProcessId, Kill); // at once, before the parent has woken
                return new SharedValue<int>(n);
            },
            new() { BatchSize = 4 }));

        outcomes.Where(static o => !o.IsSuccess).Select(static o => o.Index).ShouldBe([2]);
        outcomes[2].Error.ShouldBeOfType<WorkerCrashedException>();
        foreach (var outcome in outcomes.Where(static o => o.IsSuccess))
        {
            using var made = outcome.Value;
            made.Value.ShouldBe(outcome.Index);
        }
    }

    [ProcessFact]
    public async Task A_map_that_stops_at_its_first_error_returns_the_results_before_the_crash()
    {
        await using var pool = Build(ChannelKind.Linux);
        var given = new List<int>();

        var error = await Should.ThrowAsync<WorkerCrashedException>(async () =>
        {
            await foreach (int n in pool.Map(Enumerable.Range(0, 100), static n => n == 60 ? Die() : n, new() { BatchSize = 100 })) given.Add(n);
        });

        given.ShouldBe(Enumerable.Range(0, 60));
        error.Message.ShouldContain("item 60 of the map");
        await Should.ThrowAsync<WorkerCrashedException>(pool.ForEachAsync(Enumerable.Range(0, 100), static n => { if (n == 60) Die(); }, new() { BatchSize = 100 }));
    }

    [ProcessFact]
    public async Task An_item_that_cannot_be_read_without_a_crash_is_found_and_the_other_items_run()
    {
        await using var pool = Build(ChannelKind.Linux);
        Poison[] items = [.. Enumerable.Range(0, 8).Select(static n => new Poison { Number = n, Breaks = n == 5 })];

        var outcomes = await ListAsync(pool.MapOutcomes(items, static item => item.Number, new() { BatchSize = 8 }));

        outcomes.Where(static o => !o.IsSuccess).Select(static o => o.Index).ShouldBe([5]);
        outcomes[5].Error.ShouldBeOfType<WorkerCrashedException>();
    }

    [ProcessFact]
    public async Task Items_whose_answer_is_lost_with_a_large_message_do_not_run_again()
    {
        await using var pool = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { Channel = ChannelKind.Portable });
        using var runs = new SharedArray<int>(4);
        using var begun = new ProcessGate();
        int worker = await pool.Submit(static () => Environment.ProcessId);
        Slow.Hold.Open();
        await pool.Submit(static () => new Slow());

        // While the executor reads a slow result, the worker answers one batch and begins the next, which has to be sent ahead.
        Future<Slow> slow;
        while (true)
        {
            for (int i = 0; i < 1000; i++) await pool.Submit(static () => 1); // tiny tasks, so that more are sent ahead
            Slow.Reset();
            slow = pool.Submit(static () => new Slow());
            await Slow.Read.PassAsync();
            if (((ProcessPool)pool.Core).WindowSize >= 6) break; // for the slow one, two batches, and what was answered just before and is not settled
            Slow.Hold.Open();
            await slow;
        }

        var outcomes = ListAsync(pool.MapOutcomes(
            Enumerable.Range(0, 4),
            n =>
            {
                runs[n]++;
                if (n == 1) // the first of its batch: a busy machine may have a batch leave the others to the next
                {
                    begun.Open();
                    BusyWork.NeverEnds(); // until this process is killed
                }

                return new byte[100_000];
            },
            new() { BatchSize = 2 }));
        await begun.PassAsync();
        new PortableChannelPlatform().RemoveLeftBy(worker);
        Slow.Hold.Open();

        (await outcomes).Where(static o => !o.IsSuccess).Select(static o => o.Index).ShouldBe([0, 1]);
        for (int n = 0; n < 4; n++) runs[n].ShouldBe(1);
        await slow;
    }

    private static string Run(SharedArray<int> runs, int n)
    {
        runs[n]++;
        if (n == Killer) Environment.FailFast("the killer");
        return $"result {n}";
    }

    private static int Die()
    {
        Environment.FailFast("on request");
        return 0;
    }

    private static ProcessExecutor Build(ChannelKind channel) => new(PoolUnderTest.Options() with { Channel = channel });

    private static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items) list.Add(item);
        return list;
    }

    /// <summary>A result whose reading waits.</summary>
    [ShipWith(typeof(Codec))]
    private sealed class Slow
    {
        public static Gate Read { get; private set; } = new();

        public static Gate Hold { get; private set; } = new();

        public static void Reset() => (Read, Hold) = (new Gate(), new Gate());

        public sealed class Codec : PayloadCodec<Slow>
        {
            public override void Write(Slow value, IBufferWriter<byte> output) => output.Write([(byte)1]);

            public override Slow Read(ReadOnlySpan<byte> payload)
            {
                Slow.Read.Open();
                Hold.Pass();
                return new Slow();
            }
        }
    }

    private sealed record Result(int Number, string Text);

    /// <summary>Exits the process that reads it, if it is set to.</summary>
    [ShipWith(typeof(Codec))]
    private sealed class Poison
    {
        public required int Number { get; init; }

        public required bool Breaks { get; init; }

        public sealed class Codec : PayloadCodec<Poison>
        {
            public override void Write(Poison value, IBufferWriter<byte> output)
            {
                var place = output.GetSpan(2);
                place[0] = (byte)value.Number;
                place[1] = value.Breaks ? (byte)1 : (byte)0;
                output.Advance(2);
            }

            public override Poison Read(ReadOnlySpan<byte> payload)
            {
                if (payload[1] != 0) Environment.FailFast("read");
                return new Poison { Number = payload[0], Breaks = false };
            }
        }
    }
}
