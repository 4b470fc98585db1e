using System.Runtime.CompilerServices;
using Samovar.Executors.Mapping;
using Samovar.Ipc;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Executors.Mapping;

/// <summary>A batch that is stopped, completed or signalled while something else happens to it.</summary>
public sealed class MapBatchTests
{
    [ThreadFact]
    public async Task A_batch_that_was_cancelled_while_it_was_handed_over_cannot_be_made_smaller()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var batch = NewBatch(Plan(executor), items: 4);
        batch.TryLighten().ShouldBeTrue();
        batch.Cancel().ShouldBeTrue();

        batch.TryLighten().ShouldBeFalse();
        batch.Settle();
        batch.TryLighten().ShouldBeFalse();

        batch.Ran.ShouldBe(2);
        batch.GivenBack.ShouldBe([2, 3]);
    }

    [ThreadTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_parts_of_an_answer_are_released_whether_it_can_be_read_or_not(bool isCorrupt)
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var batch = NewBatch(Plan(executor), items: 4);
        Part[] parts = [new(BlockOf(0)), new(isCorrupt ? [1] : BlockOf(1)), new(BlockOf(2))];
        var answer = new Part(BlockOf(3)) { Earlier = parts };

        if (isCorrupt) Should.Throw<ChannelCorruptedException>(() => batch.Complete(1, answer));
        else batch.Complete(1, answer);

        foreach (var part in (Part[])[.. parts, answer]) part.Releases.ShouldBe(1);
        batch.Cancel();
    }

    [ThreadFact]
    public async Task A_batch_that_completes_on_an_interrupted_thread_reaches_its_reader_and_the_thread_stays_interrupted()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var plan = Plan(executor);
        var run = new MapRun<int, int>(plan);
        var batch = NewBatch(plan, items: 1);
        batch.Cancel();
        Gate held = new(), release = new();
        var holder = TestSupport.OnOwnThread(() =>
        {
            lock (GateOf(run))
            {
                held.Open();
                release.Pass();
            }
        });
        await held.PassAsync();
        Thread? thread = null;
        var end = TestSupport.OnOwnThread(() =>
        {
            Thread.CurrentThread.Interrupt();
            Volatile.Write(ref thread, Thread.CurrentThread);
            run.Signal(batch);
            Should.Throw<ThreadInterruptedException>(static () => Thread.CurrentThread.Join(TestTimeout.Wait));
        });
        await TestTimeout.UntilAsync(() => end.IsCompleted || (Volatile.Read(ref thread)?.ThreadState.HasFlag(ThreadState.WaitSleepJoin) ?? false));
        release.Open();

        await holder;
        await end;
        (await run.NextAsync()).ShouldBeSameAs(batch);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_gate")]
    private static extern ref Lock GateOf(MapRun<int, int> run);

    private static MapPlan<int, int> Plan(Executor executor) =>
        new(executor, new ItemWork<int, int>((Func<int, int>)(static n => n), DelegateKind.Synchronous, bringsResult: true), new MapOptions { Ordered = false }, EndsWithFirstError: false);

    private static MapBatch<int, int> NewBatch(MapPlan<int, int> plan, int items) =>
        new(plan, [.. Enumerable.Range(0, items)], firstIndex: 0, plan.Core.Admit(plan.Options));

    /// <summary>One item and its result: place, count, length, value.</summary>
    private static byte[] BlockOf(int place) => [.. ((int[])[place, 1, sizeof(int), place]).SelectMany(BitConverter.GetBytes)];

    private sealed class Part(byte[] bytes) : ResultSource
    {
        public int Releases { get; private set; }

        public override TimeSpan Elapsed => TimeSpan.Zero;

        public override ReadOnlySpan<byte> Bytes => bytes;

        public override T Read<T>() => throw new NotSupportedException();

        public override PartReader<T> PartsOf<T>() => throw new NotSupportedException();

        public override void Release() => Releases++;
    }
}
