namespace Samovar.Tests.Contract;

/// <summary>Tasks that wait for tasks of the same executor.</summary>
public abstract class NestedWaitsContract : AsCompletedContract
{
    [Promise(Shared)]
    public async Task A_task_that_waits_for_an_inner_one_of_the_only_worker_makes_progress()
    {
        await using var executor = Build();
        (await executor.Submit(() => executor.Submit(static () => 20).Result + executor.Submit(static () => 22).Result)).ShouldBe(42);
    }

    [Promise(Shared)]
    public async Task A_wait_with_a_limit_for_an_inner_task_makes_progress()
    {
        await using var executor = Build();
        using var source = new CancellationTokenSource();
        (await executor.Submit(() => executor.Submit(static () => 42).GetResult(TestTimeout.Wait, source.Token))).ShouldBe(42);
    }

    [Promise(Shared)]
    public async Task Waits_nest_deeply()
    {
        await using var executor = Build();
        (await executor.Submit(() => Descend(executor, 200))).ShouldBe(200);

        static int Descend(Executor executor, int depth) =>
            depth == 0 ? 0 : 1 + executor.Submit(() => Descend(executor, depth - 1)).Result;
    }

    [Promise(Shared)]
    public async Task An_asynchronous_task_that_awaits_an_inner_one_makes_progress()
    {
        await using var executor = Build();
        (await executor.Submit(() => SumAsync(executor, 20))).ShouldBe(20);

        static async Task<int> SumAsync(Executor executor, int depth) =>
            depth == 0 ? 0 : 1 + await executor.Submit(() => SumAsync(executor, depth - 1));
    }

    [Promise(Shared)]
    public async Task Every_way_of_awaiting_inner_tasks_makes_progress()
    {
        await using var executor = Build();
        (await executor.Submit(async () =>
        {
            int sum = await executor.Submit(static () => 1).ConfigureAwait(false);
            sum += await executor.Submit(static () => 2).AsTask();
            List<Future<int>> inner = [executor.Submit(static () => 3), executor.Submit(static () => 4)];
            sum += (await Futures.WaitAsync(inner)).Done.Sum(static f => f.Result);
            await foreach (var future in Futures.AsCompleted([executor.Submit(static () => 5)])) sum += future.Result;
            sum += (await Futures.WhenAll([executor.Submit(static () => 30), executor.Submit(static () => 70)])).Sum();
            await foreach (int mapped in executor.Map([6, 7], static i => i)) sum += mapped;
            await executor.ForEachAsync([8], static _ => { });
            return sum;
        })).ShouldBe(128);
    }

    [Promise(Shared | Capabilities.LendsWorkers)]
    public async Task Work_that_blocks_in_a_wait_the_executor_cannot_see_makes_progress()
    {
        var executor = Build();
        await using var end = TestSupport.KillAtEnd(executor);
        var future = executor.Submit(() =>
        {
            Task<int> inner = executor.Submit(static () => 42);
            ((IAsyncResult)inner).AsyncWaitHandle.WaitOne();
            return inner.GetAwaiter().GetResult();
        });
        (await future.AsTask().WaitAsync(TestTimeout.Wait / 2)).ShouldBe(42);
    }

    [Promise(Shared)]
    public async Task More_waiting_tasks_than_workers_make_progress()
    {
        await using var executor = Build(workers: 2);
        var outer = Enumerable.Range(0, 20).Select(i => executor.Submit(() =>
        {
            var inner = Enumerable.Range(0, 5).Select(j => executor.Submit(() => i * j)).ToList();
            return inner.Sum(static f => f.Result);
        })).ToList();
        (await Futures.WaitAsync(outer, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        outer.Select(f => f.Result).ShouldBe(Enumerable.Range(0, 20).Select(i => i * 10));
    }

    [Promise(Shared)]
    public async Task The_error_of_an_inner_task_comes_to_the_outer_one()
    {
        await using var executor = Build();
        var future = executor.Submit(() => executor.Submit(static int () => throw new FormatException("inner")).Result);
        (await Should.ThrowAsync<FormatException>(async () => await future)).Message.ShouldBe("inner");
    }

    [Promise(Beside | Shared)]
    public async Task A_task_that_waits_for_itself_fails_with_an_error_that_says_so()
    {
        var executor = Build();
        await using var end = TestSupport.KillAtEnd(executor);
        Future<int>? self = null;
        var known = NewGate();
        self = executor.Submit(() =>
        {
            known.Pass();
            return self!.Result;
        });
        known.Open();
        (await Should.ThrowAsync<InvalidOperationException>(self.AsTask().WaitAsync(TestTimeout.Wait / 2))).Message.ShouldContain("itself");
    }

    [Promise(Beside | Shared)]
    public async Task A_task_that_awaits_itself_fails_with_an_error_that_says_so()
    {
        var executor = Build();
        await using var end = TestSupport.KillAtEnd(executor);
        Future? self = null;
        var known = NewGate();
        self = executor.Submit(async () =>
        {
            await known.PassAsync();
            await self!;
        });
        known.Open();
        (await Should.ThrowAsync<InvalidOperationException>(self.AsTask().WaitAsync(TestTimeout.Wait / 2))).Message.ShouldContain("itself");
    }

    [Promise(Beside | Shared)]
    public async Task Tasks_that_wait_for_each_other_fail_with_an_error_that_says_so()
    {
        var executor = Build(workers: 2);
        await using var end = TestSupport.KillAtEnd(executor);
        Future<int>? first = null, second = null;
        var known = NewGate();
        first = executor.Submit(() =>
        {
            known.Pass();
            return second!.Result;
        });
        second = executor.Submit(() =>
        {
            known.Pass();
            return first.Result;
        });
        known.Open();
        (await Should.ThrowAsync<InvalidOperationException>(first.AsTask().WaitAsync(TestTimeout.Wait / 2))).Message.ShouldContain("itself");
        await Should.ThrowAsync<InvalidOperationException>(second.AsTask().WaitAsync(TestTimeout.Wait / 2));
    }

    [Promise(Beside | Shared | Capabilities.LendsWorkers)]
    public async Task A_wait_next_to_a_task_for_one_that_waits_for_it_is_no_ring()
    {
        var executor = Build(workers: 2);
        await using var end = TestSupport.KillAtEnd(executor);
        Future<int>? first = null, second = null;
        Gate known = NewGate(), waits = NewGate();
        Task? beside = null;
        first = executor.Submit(async () =>
        {
            await waits.PassAsync();
            beside = TestSupport.OnOwnThread(() => second!.Wait());
            return 1;
        });
        second = executor.Submit(() =>
        {
            known.Pass();
            waits.Open();
            return first.Result + 1;
        });
        known.Open();
        (await second.AsTask().WaitAsync(TestTimeout.Wait / 2)).ShouldBe(2);
        await beside!.WaitAsync(TestTimeout.Wait / 2);
    }
}
