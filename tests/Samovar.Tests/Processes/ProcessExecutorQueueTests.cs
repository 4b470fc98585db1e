using System.Buffers;
using System.Runtime.Versioning;
using Samovar.Processes.Parent;
using Samovar.Serialization;

namespace Samovar.Tests.Processes;

/// <summary>The bounded queue of an executor on worker processes.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessExecutorQueueTests : IDisposable
{
    private static ProcessExecutor? s_executor;
    private static List<Future<int>> s_submitted = [];

    private readonly ProcessGate _release = new();

    public void Dispose() => _release.Dispose();

    [ProcessFact]
    public async Task A_full_queue_that_rejects_says_so()
    {
        await using var executor = await BuildAsync(QueueFullMode.Reject, capacity: 2);
        var queued = executor.Submit(static () => { });
        _ = executor.Submit(static () => { });
        var error = Should.Throw<QueueFullException>(() => executor.Submit(static () => { }));
        (error.Executor, error.Capacity).ShouldBe((executor.Name, 2));
        queued.Cancel();
        object cannotTravel = Thread.CurrentThread;
        Should.Throw<UnshippableException>(() => executor.Submit(() => GC.KeepAlive(cannotTravel)));
        _ = executor.Submit(static () => { }); // a task that is cancelled, or cannot travel, gives its place back
        Should.Throw<QueueFullException>(() => executor.Submit(static () => { }));
        var mapped = executor.Map(Enumerable.Range(0, 100), static i => i).CountAsync(TestContext.Current.CancellationToken); // a map has a bound of its own
        _release.Open();
        (await mapped).ShouldBe(100);
        await executor.DrainAsync();
        for (int i = 0; i < 20; i++) await executor.Submit(static () => { }); // every place came back
    }

    [ProcessFact]
    public async Task A_full_queue_that_waits_holds_the_submitter_until_there_is_room()
    {
        await using var executor = await BuildAsync(QueueFullMode.Wait, capacity: 1);
        _ = executor.Submit(static () => { });
        var submitting = TestSupport.OnOwnThread(() => executor.Submit(static () => 5).Result.ShouldBe(5));
        await BlockedAsync(executor);
        submitting.IsCompleted.ShouldBeFalse();
        _release.Open();
        await submitting;
    }

    [ProcessFact]
    public async Task A_token_or_a_shutdown_cancels_the_wait_for_room()
    {
        var executor = await BuildAsync(QueueFullMode.Wait, capacity: 1);
        _ = executor.Submit(static () => { });
        using var source = new CancellationTokenSource();
        var cancelled = TestSupport.OnOwnThread(() =>
            Should.Throw<OperationCanceledException>(() => executor.Submit(static () => { }, new() { CancellationToken = source.Token })));
        await BlockedAsync(executor);
        await source.CancelAsync();
        await cancelled;

        var refused = TestSupport.OnOwnThread(() => Should.Throw<ObjectDisposedException>(() => executor.Submit(static () => { })));
        await BlockedAsync(executor);
        var shutdown = executor.ShutdownAsync();
        await refused;
        _release.Open();
        await shutdown;
    }

    [ProcessFact]
    public async Task Further_attempts_and_tasks_of_a_dead_worker_are_let_in()
    {
        await using var executor = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { QueueCapacity = 1, QueueFullMode = QueueFullMode.Wait });
        var retried = executor.Submit(
            static () => TaskContext.Current!.Attempt < 3 ? Exit() : 1, new() { Retry = new() { MaxAttempts = 3, Delay = TimeSpan.Zero } });
        var others = Enumerable.Range(0, 10).Select(i => executor.Submit(() => i)).ToList(); // each waits for room
        (await retried).ShouldBe(1);
        (await Futures.WhenAll(others)).ShouldBe(Enumerable.Range(0, 10));

        static int Exit()
        {
            Environment.Exit(1);
            return 0;
        }
    }

    [ProcessFact]
    public async Task Work_on_a_thread_of_this_process_submits_to_its_own_full_executor()
    {
        var executor = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { InProcess = true, QueueCapacity = 1, QueueFullMode = QueueFullMode.Wait });
        await using var end = TestSupport.KillAtEnd(executor);
        s_executor = executor; // an executor does not travel
        s_submitted = [];
        await executor.Submit(static () =>
        {
            for (int i = 0; i < 3; i++)
            {
                int own = i;
                s_submitted.Add(s_executor!.Submit(() => own));
            }
        }).AsTask().WaitAsync(TestTimeout.Wait, TestContext.Current.CancellationToken);
        (await Futures.WhenAll(s_submitted)).ShouldBe([0, 1, 2]);
    }

    [ProcessFact]
    public async Task Work_on_a_thread_of_this_process_meets_the_bound_of_another_executor()
    {
        await using var full = await BuildAsync(QueueFullMode.Reject, capacity: 1, _release, isInProcess: true);
        await using var other = new ProcessExecutor(PoolUnderTest.Options(workers: 1) with { InProcess = true });
        _ = full.Submit(static () => { });
        s_executor = full; // an executor does not travel
        bool isRefused = await other.Submit(static () => IsRefusedBy(s_executor!));
        _release.Open();
        isRefused.ShouldBeTrue();
    }

    [ProcessFact]
    public async Task Work_in_a_worker_process_meets_the_bound_of_an_executor_that_it_has_made()
    {
        await using var executor = PoolUnderTest.Build(workers: 1);
        bool isRefused = await executor.Submit(static async () =>
        {
            using var release = new ProcessGate();
            await using var own = await BuildAsync(QueueFullMode.Reject, capacity: 1, release, isInProcess: true);
            _ = own.Submit(static () => { });
            bool wasRefused = IsRefusedBy(own);
            release.Open();
            return wasRefused;
        });
        isRefused.ShouldBeTrue();
    }

    [ProcessFact]
    public async Task A_codec_that_reads_an_answer_submits_to_its_own_full_executor()
    {
        // Captured output keeps tasks from being sent ahead: one is at the worker, one waits, and the third finds the queue full.
        var executor = new ProcessExecutor(
            PoolUnderTest.Options(workers: 1) with { Output = WorkerOutput.Capture, QueueCapacity = 1, QueueFullMode = QueueFullMode.Wait });
        await using var end = TestSupport.KillAtEnd(executor);
        s_executor = executor; // the codec is made by the library
        s_submitted = [];
        await executor.Submit(static () => new Order()).AsTask().WaitAsync(TestTimeout.Wait, TestContext.Current.CancellationToken);
        (await Futures.WhenAll(s_submitted)).ShouldBe([0, 1, 2]);
    }

    private static bool IsRefusedBy(ProcessExecutor executor)
    {
        try
        {
            _ = executor.Submit(static () => { });
            return false;
        }
        catch (QueueFullException)
        {
            return true;
        }
    }

    private Task<ProcessExecutor> BuildAsync(QueueFullMode mode, int capacity) => BuildAsync(mode, capacity, _release, isInProcess: false);

    private static async Task<ProcessExecutor> BuildAsync(QueueFullMode mode, int capacity, ProcessGate release, bool isInProcess)
    {
        var executor = new ProcessExecutor(
            PoolUnderTest.Options(workers: 1) with { InProcess = isInProcess, QueueCapacity = capacity, QueueFullMode = mode });
        using var started = new ProcessGate();
        var begun = started;
        _ = executor.Submit(() =>
        {
            begun.Open();
            release.Pass();
        });
        await started.PassAsync();
        return executor;
    }

    private static Task BlockedAsync(ProcessExecutor executor) =>
        TestTimeout.UntilAsync(() => ((ProcessPool)executor.Core).SubmittersWaiting == 1);

    /// <summary>Submits three tasks where it is read.</summary>
    [ShipWith(typeof(Codec))]
    private sealed class Order
    {
        private sealed class Codec : PayloadCodec<Order>
        {
            public override void Write(Order value, IBufferWriter<byte> output) => output.Write("o"u8);

            public override Order Read(ReadOnlySpan<byte> payload)
            {
                for (int i = 0; i < 3; i++)
                {
                    int own = i;
                    s_submitted.Add(s_executor!.Submit(() => own));
                }

                return new Order();
            }
        }
    }
}
