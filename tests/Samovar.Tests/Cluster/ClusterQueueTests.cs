using System.Runtime.Versioning;
using Samovar.Cluster.Owner;
using Samovar.Serialization;

namespace Samovar.Tests.Cluster;

/// <summary>The bound of the tasks that wait until the broker has stored them.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterQueueTests
{
    [ProcessFact]
    public async Task A_full_queue_that_rejects_says_so()
    {
        await using var cluster = Build(QueueFullMode.Reject, capacity: 2);
        var executor = cluster.Executor;
        await InterruptAsync(cluster);
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
        cluster.Transport.Restore("owner");
        await cluster.StartNodeAsync("node");
        (await mapped).ShouldBe(100);
        await executor.DrainAsync();
        for (int i = 0; i < 20; i++) await executor.Submit(static () => { }); // every place came back
    }

    [ProcessFact]
    public async Task A_full_queue_that_waits_holds_the_submitter_until_the_broker_is_there()
    {
        await using var cluster = Build(QueueFullMode.Wait, capacity: 1);
        var executor = cluster.Executor;
        await InterruptAsync(cluster);
        _ = executor.Submit(static () => { });
        var submitting = TestSupport.OnOwnThread(() => executor.Submit(static () => 5).Result.ShouldBe(5));
        await BlockedAsync(executor);
        submitting.IsCompleted.ShouldBeFalse();
        cluster.Transport.Restore("owner");
        await cluster.StartNodeAsync("node");
        await submitting;
    }

    [ProcessFact]
    public async Task Tasks_that_the_broker_has_stored_do_not_count()
    {
        await using var cluster = Build(QueueFullMode.Wait, capacity: 1);
        var futures = Enumerable.Range(0, 20).Select(i => cluster.Executor.Submit(() => i)).ToList(); // without a node
        await cluster.StartNodeAsync("node");
        (await Futures.WhenAll(futures)).ShouldBe(Enumerable.Range(0, 20));
    }

    [ProcessFact]
    public async Task A_token_or_a_shutdown_cancels_the_wait_for_room()
    {
        await using var cluster = Build(QueueFullMode.Wait, capacity: 1);
        var executor = cluster.Executor;
        await InterruptAsync(cluster);
        _ = executor.Submit(static () => { });
        using var source = new CancellationTokenSource();
        var cancelled = TestSupport.OnOwnThread(() =>
            Should.Throw<OperationCanceledException>(() => executor.Submit(static () => { }, new() { CancellationToken = source.Token })));
        await BlockedAsync(executor);
        await source.CancelAsync();
        await cancelled;

        var refused = TestSupport.OnOwnThread(() => Should.Throw<ObjectDisposedException>(() => executor.Submit(static () => { })));
        await BlockedAsync(executor);
        var shutdown = executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero);
        await refused;
        cluster.Transport.Restore("owner");
        await shutdown;
    }

    [ProcessFact]
    public async Task Further_attempts_wait_beyond_the_capacity_and_give_their_places_back()
    {
        await using var cluster = Build(QueueFullMode.Wait, capacity: 1);
        await cluster.StartNodeAsync("node");
        var retry = new RetryPolicy { MaxAttempts = 3, Delay = TimeSpan.Zero };
        byte[] content = new byte[5 << 20];
        for (int i = 0; i < 5; i++)
        {
            (await cluster.Executor.Submit(static () => TaskContext.Current!.Attempt < 3 ? throw new IOException() : 3, new() { Retry = retry })).ShouldBe(3);
            (await cluster.Executor.Submit(() => content.Length)).ShouldBe(content.Length);
        }
    }

    [ProcessFact]
    public async Task A_submitter_that_waits_for_room_gets_the_error_of_a_broker_that_cannot_be_reached()
    {
        var transport = new RecordingTransport { Refusal = new ClusterConnectionException("The broker is not there.") };
        await using var cluster = new ClusterUnderTest(new() { QueueCapacity = 1, ConnectTimeout = TimeSpan.FromMilliseconds(1) }, transport);
        await Should.ThrowAsync<ClusterConnectionException>(() => cluster.Executor.ConnectAsync());

        Should.Throw<ClusterConnectionException>(() => cluster.Executor.Submit(static () => 1));
        Should.Throw<ClusterConnectionException>(() => cluster.Executor.Submit(static () => 1)); // not the full queue
    }

    [ThreadFact]
    public void The_capacity_is_at_least_one() => Should.Throw<ArgumentOutOfRangeException>(static () => new ClusterExecutorOptions { QueueCapacity = 0 });

    private static ClusterUnderTest Build(QueueFullMode mode, int capacity) => new(new() { QueueCapacity = capacity, QueueFullMode = mode });

    private static async Task InterruptAsync(ClusterUnderTest cluster)
    {
        await cluster.Executor.ConnectAsync();
        cluster.Transport.Interrupt("owner");
    }

    private static Task BlockedAsync(ClusterExecutor executor) => TestTimeout.UntilAsync(() => ((ClusterCore)executor.Core).Room!.Waiting == 1);
}
