using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;
using Samovar.Serialization;
using Samovar.Tests.Child;

namespace Samovar.Tests.Processes.Faults;

/// <summary>What a task leaves behind after its end, on either side.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class AftermathTests
{
    [ProcessTheory]
    [InlineData(Meddling.ThrowsInterrupted)]
    [InlineData(Meddling.ThrowsCanceled)]
    public async Task A_result_whose_reading_throws_what_ends_threads_fails_alone(Meddling meddling)
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build(workers: 1))
        {
            (await Should.ThrowAsync<ShippingFormatException>(Bring(pool, meddling).AsTask())).Message.ShouldContain("the end of this thread");
            (await pool.Submit(static () => 1)).ShouldBe(1);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_result_whose_reading_interrupts_the_thread_that_reads_harms_no_other()
    {
        var before = await Leftovers.BeforeAsync();
        await using (var pool = PoolUnderTest.Build())
        {
            for (int round = 0; round < 20; round++)
            {
                var first = Bring(pool, Meddling.Interrupts);
                var second = Bring(pool, Meddling.Blocks);
                (await first).Reader.ShouldNotBeNull().ShouldEndWith("results", Case.Sensitive, "the thread that serves all workers");
                (await second).Reader.ShouldBe((await first).Reader);
            }
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessTheory]
    [InlineData(Fault.Exit)]
    [InlineData(Fault.Abort)]
    public async Task An_argument_whose_finalizer_kills_the_worker_takes_nothing_from_its_task(Fault fault)
    {
        var before = await Leftovers.BeforeAsync();
        using (var collect = new ProcessGate())
        {
            await using var pool = PoolUnderTest.Build(workers: 1);
            int worker = await Leave(pool, new Lingering(fault), collect);
            using var trace = new ProcessTrace(worker);
            (await Leave(pool, new Lingering(Fault.Exception), collect)).ShouldBe(worker, "it stays alive until a collection");

            collect.Open();
            trace.EndsWithin(TestTimeout.Wait).ShouldBeTrue();
            (await pool.Submit(static () => Environment.ProcessId)).ShouldNotBe(worker);
        }

        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_worker_releases_the_arguments_and_the_result_of_a_task()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        await Remember(pool, [1, 2, 3]);

        (await pool.Submit(static async () =>
        {
            await Traces.All.ShouldDieAsync("argument and result of the task before, in its worker");
            return Traces.All.Count;
        })).ShouldBe(2);

        static Future<int[]> Remember(ProcessExecutor pool, int[] given) => pool.Submit(() =>
        {
            int[] brought = [4, 5, 6];
            Traces.All.Add(new WeakReference(given));
            Traces.All.Add(new WeakReference(brought));
            return brought;
        });
    }

    [ProcessFact]
    public async Task The_executor_releases_the_arguments_and_the_result_of_a_task()
    {
        await using var pool = PoolUnderTest.Build(workers: 1);
        await (await UseAsync(pool)).ShouldDieAsync("argument, result and future, in this process");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference[]> UseAsync(ProcessExecutor pool)
        {
            int[] given = [1, 2, 3];
            var future = pool.Submit(() => given.Append(4).ToArray());
            return [new(given), new(await future), new(future)];
        }
    }

    private static Future<Meddler> Bring(ProcessExecutor pool, Meddling meddling)
    {
        int home = Environment.ProcessId;
        return pool.Submit(() => new Meddler(meddling, home));
    }

    /// <summary>Gives a worker what ends it when it is finalized, and has it collect from when the gate is open.</summary>
    private static Future<int> Leave(ProcessExecutor pool, Lingering left, Gate collect) => pool.Submit(() =>
    {
        CollectFrom(collect);
        left.Arm();
        return Environment.ProcessId;
    });

    private static void CollectFrom(Gate collect) => new Thread(() =>
    {
        collect.Pass();
        while (true) GC.Collect();
    })
    { IsBackground = true }.Start();

    private static class Traces
    {
        public static List<WeakReference> All { get; } = [];
    }

    /// <summary>Exits the process in which it was armed when it is finalized.</summary>
    [ShipWith(typeof(Codec))]
    private sealed class Lingering(Fault fault)
    {
        private bool _isArmed;

        ~Lingering()
        {
            if (!_isArmed) return;
            if (fault == Fault.Exit) Environment.Exit(9);
            else if (fault == Fault.Abort) NativeCrash.abort();
        }

        public void Arm() => _isArmed = true;

        private Fault Fault => fault;

        private sealed class Codec : PayloadCodec<Lingering>
        {
            public override void Write(Lingering value, IBufferWriter<byte> output) => output.Write([(byte)value.Fault]);

            public override Lingering Read(ReadOnlySpan<byte> payload) => new((Fault)payload[0]);
        }
    }
}
