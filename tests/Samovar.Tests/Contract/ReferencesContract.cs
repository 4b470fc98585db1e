using System.Runtime.CompilerServices;

namespace Samovar.Tests.Contract;

/// <summary>No reference to arguments or results is kept once they are handed over.</summary>
public abstract class ReferencesContract : MapProgressContract
{
    [Promise(Shared)]
    public async Task The_arguments_and_the_result_of_a_task_can_be_collected()
    {
        await using var executor = Build(workers: 2);
        await (await UseAsync(executor, 20)).ShouldDieAsync("arguments and results");
    }

    [Promise(Shared)]
    public async Task The_last_task_of_a_worker_can_be_collected_while_the_worker_is_idle()
    {
        await using var executor = Build();
        await (await UseAsync(executor, 1)).ShouldDieAsync("arguments and results of the last task");
    }

    [Promise(Shared)]
    public async Task A_future_keeps_its_result_and_releases_its_work()
    {
        await using var executor = Build();
        var (future, argument) = Submit(executor);
        (await future).ShouldNotBeNull();
        await ((WeakReference[])[argument]).ShouldDieAsync("the argument of a finished task");
        future.Result.ShouldNotBeNull();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (Future<object>, WeakReference) Submit(Executor executor)
        {
            object argument = new();
            return (executor.Submit(() => new object[] { argument.GetHashCode() } as object), new WeakReference(argument));
        }
    }

    [Promise(Shared)]
    public async Task A_future_without_a_result_releases_its_work_too()
    {
        await using var executor = Build();
        var (future, argument) = Submit(executor);
        await future;
        await ((WeakReference[])[argument]).ShouldDieAsync("the argument of a finished task");
        future.State.ShouldBe(FutureState.Succeeded);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (Future, WeakReference) Submit(Executor executor)
        {
            object argument = new();
            return (executor.Submit(() => GC.KeepAlive(argument)), new WeakReference(argument));
        }
    }

    [Promise(Beside | Shared)]
    public async Task A_map_releases_items_before_their_results_are_read()
    {
        await using var executor = Build();
        var items = new List<WeakReference>();
        var loop = executor.Map(Objects(items, 6), static item => item.GetHashCode(), new() { BatchSize = 6 }).GetAsyncEnumerator();
        await using (loop)
        {
            (await loop.MoveNextAsync()).ShouldBeTrue();
            await TestTimeout.UntilAsync(() => Listed(items, 6));
            await items.ShouldDieAsync("items that have been mapped");
            (await loop.MoveNextAsync()).ShouldBeTrue();
        }
    }

    [Promise(Beside | Shared)]
    public async Task A_cancelled_task_releases_its_work_at_once()
    {
        await using var executor = Build();
        var release = NewGate();
        await OccupyAsync(executor, release);
        var (future, argument) = Submit(executor);
        future.Cancel();
        await ((WeakReference[])[argument]).ShouldDieAsync("the argument of a cancelled task");
        release.Open();
        future.State.ShouldBe(FutureState.Canceled);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (Future, WeakReference) Submit(Executor executor)
        {
            object argument = new();
            return (executor.Submit(() => argument.GetHashCode()), new WeakReference(argument));
        }
    }

    [Promise(Shared)]
    public async Task A_map_releases_items_and_results_as_they_are_read()
    {
        await using var executor = Build(workers: 2);
        foreach (int batch in (int[])[1, 6])
        {
            var references = new List<WeakReference>();
            var loop = executor.Map(Objects(references, 12), static item => Made(item), new() { BatchSize = batch }).GetAsyncEnumerator();
            await using (loop)
            {
                for (int i = 0; i < 12; i++) await ReadOneAsync(loop, references);
                (await loop.MoveNextAsync()).ShouldBeFalse();
                await references.ShouldDieAsync($"items and results of a map in batches of {batch}, all read");
            }
        }
    }

    [Promise(Shared)]
    public async Task A_map_releases_results_in_the_middle_of_a_batch()
    {
        await using var executor = Build();
        var results = new List<WeakReference>();
        var loop = executor.Map(Objects([], 6), static item => Made(item), new() { BatchSize = 6 }).GetAsyncEnumerator();
        await using (loop)
        {
            for (int i = 0; i < 5; i++) await ReadOneAsync(loop, results);
            await results.Take(4).ShouldDieAsync("results read before the current one");
        }
    }

    [Promise(Beside | Shared | Several)]
    public async Task AsCompleted_releases_a_future_once_it_has_been_returned()
    {
        await using var executor = Build(workers: 2);
        var release = NewGate();
        var blocked = await OccupyAsync(executor, release);
        var sequence = Futures.AsCompleted([blocked], TestTimeout.Wait);
        var reference = await GiveOneAsync(executor, sequence);
        await ((WeakReference[])[reference]).ShouldDieAsync("a future that was given");
        sequence.Count.ShouldBe(1);
        release.Open();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference> GiveOneAsync(Executor executor, CompletionSequence<Future> sequence)
        {
            sequence.Add(executor.Submit(static () => { }));
            await foreach (var future in sequence) return new WeakReference(future);
            throw new InvalidOperationException("nothing came");
        }
    }

    [Promise(Beside | Shared | Several)]
    public async Task A_loop_over_AsCompleted_holds_no_future_while_it_waits_for_the_next()
    {
        await using var executor = Build(workers: 2);
        var release = NewGate();
        var blocked = await OccupyAsync(executor, release);
        var sequence = Futures.AsCompleted([blocked], TestTimeout.Wait);
        var loop = sequence.GetAsyncEnumerator();
        var reference = await GiveOneAsync(executor, sequence, loop);
        var next = loop.MoveNextAsync().AsTask();
        await ((WeakReference[])[reference]).ShouldDieAsync("a future that was given before the loop waits for the next");
        release.Open();
        (await next).ShouldBeTrue();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference> GiveOneAsync(
            Executor executor, CompletionSequence<Future> sequence, IAsyncEnumerator<Future> loop)
        {
            sequence.Add(executor.Submit(static () => { }));
            (await loop.MoveNextAsync()).ShouldBeTrue();
            return new WeakReference(loop.Current);
        }
    }

    [Promise(Beside | Shared)]
    public async Task Nothing_is_kept_of_the_context_that_work_was_submitted_in()
    {
        await using var executor = Build(workers: 2);
        await ((WeakReference[])[await SubmitInContextAsync(executor, NewGate())]).ShouldDieAsync("the submitter's context");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference> SubmitInContextAsync(Executor executor, Gate release)
        {
            var ambient = new AsyncLocal<object?> { Value = new object() };
            var reference = new WeakReference(ambient.Value);
            await executor.Submit(() =>
            {
                var inner = executor.Submit(() => release.Pass());
                inner.OnCompleted(static (Future _) => { });
                release.Open();
                inner.Wait();
            });
            ambient.Value = null;
            return reference;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<List<WeakReference>> UseAsync(Executor executor, int tasks)
    {
        var references = new List<WeakReference>();
        for (int i = 0; i < tasks; i++)
        {
            object argument = new();
            var future = i % 2 == 0
                ? executor.Submit(() => Made(argument))
                : executor.Submit(async () =>
                {
                    await Task.Yield();
                    return Made(argument);
                });
            references.Add(new WeakReference(argument));
            references.Add(new WeakReference(await future));
            references.Add(new WeakReference(future));
        }

        return references;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object Made(object from) => new object[] { from.GetHashCode() };

    private static IEnumerable<object> Objects(List<WeakReference> references, int count)
    {
        for (int i = 0; i < count; i++) yield return Listed(references);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object Listed(List<WeakReference> references)
    {
        object item = new();
        lock (references) references.Add(new WeakReference(item));
        return item;
    }

    private static bool Listed(List<WeakReference> references, int count)
    {
        lock (references) return references.Count == count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task ReadOneAsync(IAsyncEnumerator<object> loop, List<WeakReference> references)
    {
        (await loop.MoveNextAsync()).ShouldBeTrue();
        var reference = new WeakReference(loop.Current);
        lock (references) references.Add(reference);
    }
}
