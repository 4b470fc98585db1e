using System.Collections.Concurrent;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Samovar.Tests.Contract;

namespace Samovar.Tests.Cluster;

/// <summary>Work and results that are too long for messages.</summary>
[SupportedOSPlatform("linux")]
public sealed class ClusterBlobTests
{
    private const int Long = 5 << 20;

    private readonly ConnectionHooks _hooks = new();

    [ProcessTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Long_work_is_a_blob_until_its_task_has_completed(bool inProcess)
    {
        await using var cluster = new ClusterUnderTest();
        await cluster.StartNodeAsync("node", inProcess: inProcess);
        Gate started = cluster.NewGate(), release = cluster.NewGate();
        byte[] content = Content(1);
        var future = cluster.Executor.Submit(HashingAfter((ProcessGate)started, (ProcessGate)release, content));
        await started.PassAsync();

        BlobsOf(cluster).Keys.ShouldHaveSingleItem().ShouldStartWith("work-");
        release.Open();

        (await future).ShouldBe(HashOf(content));
        await UntilNoBlobsAsync(cluster);
    }

    [ProcessTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_long_result_arrives_and_leaves_no_blob(bool inProcess)
    {
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        await cluster.StartNodeAsync("node", inProcess: inProcess);

        var future = cluster.Executor.Submit(static () => Content(2));

        HashOf(await future).ShouldBe(HashOf(Content(2)));
        _hooks.Opened.ShouldHaveSingleItem().Key.ShouldStartWith("result-");
        await UntilNoBlobsAsync(cluster);
    }

    [ProcessFact]
    public async Task Long_work_and_results_survive_messages_that_are_late_and_twice()
    {
        var faults = new InMemoryFaults { DuplicateRate = 0.5, MaxDelay = TimeSpan.FromMilliseconds(5), Seed = 3 };
        await using var cluster = new ClusterUnderTest(transport: new RecordingTransport(faults));
        await cluster.StartNodeAsync("ann", workers: 2);
        await cluster.StartNodeAsync("bob", workers: 2);

        var futures = Enumerable.Range(0, 6).Select(seed => cluster.Executor.Submit(Reversing(Content(seed)))).ToList();
        var small = Enumerable.Range(0, 50).Select(i => cluster.Executor.Submit(() => i)).ToList();

        for (int seed = 0; seed < futures.Count; seed++) HashOf(await futures[seed]).ShouldBe(HashOf(Reversed(Content(seed))));
        (await Futures.WhenAll(small)).ShouldBe(Enumerable.Range(0, 50));
        await cluster.UntilQueuesAreEmptyAsync("ann");
        await UntilNoBlobsAsync(cluster);
    }

    [ProcessTheory]
    [InlineData("missing", "does not exist")]
    [InlineData("shorter", "has fewer than")]
    [InlineData("longer", "has more than")]
    [InlineData("other", "SHA-256")]
    public async Task Work_whose_blob_is_missing_or_was_altered_fails_its_task_and_no_other(string fault, string message)
    {
        await using var cluster = new ClusterUnderTest();
        byte[] content = Content(1);
        var damaged = cluster.Executor.Submit(() => content.Length);
        await UntilPublishedAsync(cluster, 1);
        var small = cluster.Executor.Submit(static () => 1);
        var blobs = BlobsOf(cluster);
        string key = blobs.Keys.ShouldHaveSingleItem();
        byte[] stored = blobs[key];
        if (fault == "missing") blobs.TryRemove(key, out _);
        else blobs[key] = fault switch { "shorter" => stored[..^1], "longer" => [.. stored, 0], _ => [.. stored[..^1], (byte)(stored[^1] + 1)] };

        await cluster.StartNodeAsync("node");

        var error = await Should.ThrowAsync<IOException>(async () => await damaged);
        error.Message.ShouldContain(message);
        error.Message.ShouldContain($"task {damaged.Id}");
        (await small).ShouldBe(1);
        await cluster.UntilQueuesAreEmptyAsync("node");
    }

    [ProcessFact]
    public async Task A_task_with_a_retry_whose_blob_was_missing_fetches_it_again()
    {
        await using var cluster = new ClusterUnderTest();
        byte[] content = Content(1);
        byte[] stored = [];
        string key = "";
        var retry = new RetryPolicy
        {
            Delay = TimeSpan.Zero,
            RetryOn = error =>
            {
                BlobsOf(cluster)[key] = stored;
                return error is IOException;
            },
        };
        var future = cluster.Executor.Submit(AttemptWith(content), new() { Retry = retry });
        await UntilPublishedAsync(cluster, 1);
        key = BlobsOf(cluster).Keys.ShouldHaveSingleItem();
        BlobsOf(cluster).TryRemove(key, out stored!);

        await cluster.StartNodeAsync("node");

        (await future).ShouldBe(2);
        await UntilNoBlobsAsync(cluster);
    }

    [ProcessFact]
    public async Task A_task_that_is_cancelled_while_its_work_is_fetched_never_runs()
    {
        var fetching = new TaskCompletionSource();
        var fetched = new TaskCompletionSource();
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Opening = (_, _) => Held(fetching, fetched);
        await cluster.StartNodeAsync("node");
        var ran = cluster.NewGate();
        byte[] content = Content(1);
        var future = cluster.Executor.Submit(OpeningWith(ran, content));
        await fetching.Task.WaitAsync(TestTimeout.Wait);
        future.State.ShouldBe(FutureState.Queued);

        future.Cancel().ShouldBeTrue();
        future.State.ShouldBe(FutureState.Canceled);
        fetched.SetResult();

        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
        await cluster.UntilQueuesAreEmptyAsync("node");
        ran.IsOpen.ShouldBeFalse();
        await UntilNoBlobsAsync(cluster);
    }

    [ProcessFact]
    public async Task A_timeout_counts_neither_the_fetch_of_the_work_nor_that_of_the_result()
    {
        var time = new ManualTimeProvider();
        TaskCompletionSource workFetching = new(), workFetched = new(), resultFetching = new(), resultFetched = new();
        await using var cluster = new ClusterUnderTest(new() { TimeProvider = time }, _hooks.CreateTransport());
        _hooks.Opening = (member, _) => member == "node" ? Held(workFetching, workFetched) : Held(resultFetching, resultFetched);
        await cluster.StartNodeAsync("node");

        var future = cluster.Executor.Submit(Reversing(Content(1)), new() { Timeout = TimeSpan.FromMinutes(1) });
        await workFetching.Task.WaitAsync(TestTimeout.Wait);
        time.Advance(TimeSpan.FromHours(1));
        workFetched.SetResult();
        await resultFetching.Task.WaitAsync(TestTimeout.Wait);
        cluster.Executor.GetStatistics().Running.ShouldBe(1);
        time.Advance(TimeSpan.FromHours(1));
        resultFetched.SetResult();

        HashOf(await future).ShouldBe(HashOf(Reversed(Content(1))));
        cluster.Executor.GetStatistics().TimedOut.ShouldBe(0);
    }

    [ProcessFact]
    public async Task Other_tasks_complete_while_long_work_and_a_long_result_are_fetched()
    {
        TaskCompletionSource workFetching = new(), resultFetching = new(), fetched = new();
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Opening = (member, _) => Held(member == "node" ? workFetching : resultFetching, fetched);
        await cluster.StartNodeAsync("node");
        byte[] content = Content(1);
        var result = cluster.Executor.Submit(static () => Content(2));
        await resultFetching.Task.WaitAsync(TestTimeout.Wait);
        var work = cluster.Executor.Submit(() => content.Length);
        await workFetching.Task.WaitAsync(TestTimeout.Wait);

        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1); // by the only worker
        (result.IsCompleted, work.IsCompleted).ShouldBe((false, false));

        fetched.SetResult();
        HashOf(await result).ShouldBe(HashOf(Content(2)));
        (await work).ShouldBe(Long);
    }

    [ProcessFact]
    public async Task A_result_whose_blob_is_missing_fails_its_task_and_no_other()
    {
        TaskCompletionSource fetching = new(), fetched = new();
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Opening = (_, _) => Held(fetching, fetched);
        await cluster.StartNodeAsync("node");
        var future = cluster.Executor.Submit(static () => Content(2));
        await fetching.Task.WaitAsync(TestTimeout.Wait);
        BlobsOf(cluster).Clear();
        fetched.SetResult();

        var error = await Should.ThrowAsync<IOException>(async () => await future);

        error.Message.ShouldContain("could not be fetched");
        error.Message.ShouldContain("does not exist");
        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_result_that_is_being_fetched_arrives_although_its_node_leaves_and_after_the_progress_of_its_task()
    {
        TaskCompletionSource fetching = new(), fetched = new();
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Opening = (_, _) => Held(fetching, fetched);
        var node = await cluster.StartNodeAsync("node", workers: 2);
        var reports = new ConcurrentQueue<double?>();
        var future = cluster.Executor.Submit(ReportingContent(2), new() { Progress = new Recorder(reports) });
        await fetching.Task.WaitAsync(TestTimeout.Wait);
        reports.ShouldBe([0.5]);

        await node.StopAsync().WaitAsync(TestTimeout.Wait);
        await TestTimeout.UntilAsync(() => cluster.Executor.GetStatistics().LiveWorkers == 1); // the owner has noticed: the task counts, and no worker
        fetched.SetResult();

        HashOf(await future).ShouldBe(HashOf(Content(2)));
    }

    [ProcessFact]
    public async Task An_executor_is_killed_while_a_result_is_fetched()
    {
        TaskCompletionSource fetching = new(), never = new();
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Opening = (_, _) => Held(fetching, never);
        await cluster.StartNodeAsync("node");
        var future = cluster.Executor.Submit(static () => Content(2));
        await fetching.Task.WaitAsync(TestTimeout.Wait);

        await cluster.Executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero).WaitAsync(TestTimeout.Wait);

        future.State.ShouldBe(FutureState.Canceled);
    }

    [ProcessFact]
    public async Task An_executor_is_killed_while_the_work_of_a_call_is_stored()
    {
        TaskCompletionSource storing = new(), never = new();
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Putting = (_, _) => Held(storing, never);
        await cluster.StartNodeAsync("node");
        var actor = await cluster.Executor.CreateActorAsync(static () => new TestModel());
        byte[] content = Content(1);
        var call = actor.CallAsync(model => model.Add(content.Length));
        var queued = actor.CallAsync(static model => model.Add(1));
        await storing.Task.WaitAsync(TestTimeout.Wait);

        await cluster.Executor.ShutdownAsync(ShutdownMode.Kill, TimeSpan.Zero).WaitAsync(TestTimeout.Wait);

        (call.State, queued.State).ShouldBe((FutureState.Canceled, FutureState.Canceled));
    }

    [ProcessFact]
    public async Task A_node_leaves_while_it_fetches_and_another_one_runs_the_task()
    {
        TaskCompletionSource fetching = new(), never = new();
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Opening = (member, _) => member == "leaving" ? Held(fetching, never) : Task.CompletedTask;
        var node = await cluster.StartNodeAsync("leaving");
        byte[] content = Content(1);
        var future = cluster.Executor.Submit(() => content.Length);
        await fetching.Task.WaitAsync(TestTimeout.Wait);

        await node.StopAsync().WaitAsync(TestTimeout.Wait);
        await cluster.StartNodeAsync("other");

        (await future).ShouldBe(Long);
        future.Worker!.Name.ShouldContain("other");
    }

    [ProcessFact]
    public async Task Work_that_cannot_be_stored_fails_its_task_and_no_other()
    {
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Putting = static (_, _) => throw new IOException("The disk is full.");
        await cluster.StartNodeAsync("node");
        byte[] content = Content(1);

        var future = cluster.Executor.Submit(() => content.Length);

        (await Should.ThrowAsync<IOException>(async () => await future)).Message.ShouldContain("could not be stored in the cluster: The disk is full.");
        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
    }

    [ProcessFact]
    public async Task A_result_that_cannot_be_stored_fails_its_task_and_no_other()
    {
        await using var cluster = new ClusterUnderTest(transport: _hooks.CreateTransport());
        _hooks.Putting = static (_, _) => throw new IOException("The disk is full.");
        await cluster.StartNodeAsync("node");

        var future = cluster.Executor.Submit(static () => Content(2));

        (await Should.ThrowAsync<RemoteException>(async () => await future)).Message.ShouldContain("could not be sent: The disk is full.");
        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
    }

    [ProcessFact]
    public async Task Work_above_the_bound_is_refused_when_it_is_submitted_and_a_result_above_it_fails()
    {
        await using var cluster = new ClusterUnderTest(new() { LargestWork = 2 << 20 });
        await cluster.StartNodeAsync("node", options: new() { LargestResult = 2 << 20 });
        byte[] content = Content(1);

        Should.Throw<ArgumentException>(() => cluster.Executor.Submit(() => content.Length)).Message.ShouldContain("at most 2,097,152");
        (await Should.ThrowAsync<RemoteException>(async () => await cluster.Executor.Submit(static () => Content(2)))).Message.ShouldContain("at most 2,097,152");
        (await cluster.Executor.Submit(static () => 1)).ShouldBe(1);
    }

    private static ConcurrentDictionary<string, byte[]> BlobsOf(ClusterUnderTest cluster) => ConnectionHooks.StoredIn(cluster);

    private static Task UntilNoBlobsAsync(ClusterUnderTest cluster) => TestTimeout.UntilAsync(() => BlobsOf(cluster).IsEmpty);

    private static async Task UntilPublishedAsync(ClusterUnderTest cluster, int messages)
    {
        await cluster.Executor.ConnectAsync();
        await QueueDepthAssert.BecomesAsync(cluster.Transport.Of("owner"), new ClusterQueueDepth(0, messages, 0, 0));
    }

    private static Task Held(TaskCompletionSource reached, TaskCompletionSource released)
    {
        reached.TrySetResult();
        return released.Task;
    }

    private static byte[] Content(int seed)
    {
        byte[] content = new byte[Long];
        new Random(seed).NextBytes(content);
        return content;
    }

    private static string HashOf(byte[] content) => Convert.ToHexString(SHA256.HashData(content));

    private static Func<string> HashingAfter(ProcessGate started, ProcessGate release, byte[] content) => () =>
    {
        started.Open();
        release.Pass();
        return HashOf(content);
    };

    private static Func<byte[]> ReportingContent(int seed) => () =>
    {
        TaskContext.Current!.Report(0.5);
        return Content(seed);
    };

    private static Func<byte[]> Reversing(byte[] content) => () => Reversed(content);

    private static byte[] Reversed(byte[] content)
    {
        byte[] reversed = [.. content];
        Array.Reverse(reversed);
        return reversed;
    }

    private static Func<int> AttemptWith(byte[] content) => () => content.Length > 0 ? TaskContext.Current!.Attempt : 0;

    private static Action OpeningWith(ProcessGate ran, byte[] content) => () =>
    {
        if (content.Length > 0) ran.Open();
    };

    private sealed class Recorder(ConcurrentQueue<double?> reports) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => reports.Enqueue(value.Fraction);
    }
}
