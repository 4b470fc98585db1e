using System.Runtime.CompilerServices;

namespace Samovar.Tests.Tasks.Inputs;

/// <summary>Graphs of tasks that are too large for the contract, and what they leave in memory.</summary>
public sealed class DependentGraphTests
{
    private const int Large = 100_000;

    [ThreadFact]
    public async Task A_graph_of_a_hundred_thousand_tasks_completes()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        var row = Enumerable.Range(0, 1000).Select(i => executor.Submit(() => (long)i)).ToArray();
        for (int step = 1; step < Large / 1000; step++)
        {
            var next = new Future<long>[row.Length];
            for (int i = 0; i < row.Length; i++) next[i] = executor.Submit(row[i], row[(i + 1) % row.Length], static (own, neighbour) => (own + neighbour) % 1_000_007);
            row = next;
        }

        long[] expected = [.. Enumerable.Range(0, 1000).Select(static i => (long)i)];
        for (int step = 1; step < Large / 1000; step++)
        {
            long[] now = expected;
            expected = [.. now.Select((own, i) => (own + now[(i + 1) % now.Length]) % 1_000_007)];
        }

        (await Futures.WhenAll(row)).ShouldBe(expected);
    }

    [ThreadFact]
    public async Task A_chain_of_a_hundred_thousand_tasks_fails_without_recursion()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var first = executor.Submit(int () =>
        {
            release.Pass();
            throw new FormatException("bad");
        });
        var last = first;
        for (int i = 0; i < Large; i++) last = last.Then(static last => last + 1);
        release.Open();
        (await Should.ThrowAsync<InputFailedException>(async () => await last)).TaskId.ShouldBe(first.Id);
    }

    [ThreadFact]
    public async Task A_chain_of_inline_tasks_needs_no_stack()
    {
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        await using var executor = new InlineExecutor();
        var release = new Gate();
        var first = threads.Submit(() =>
        {
            release.Pass();
            return 0;
        });
        var last = executor.Submit(first, static first => first);
        for (int i = 0; i < Large; i++) last = last.Then(static last => last + 1);
        release.Open();
        (await last).ShouldBe(Large);
    }

    [ThreadFact]
    public async Task The_results_inside_a_chain_can_be_collected_while_it_runs()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate reached = new(), release = new();
        var (last, intermediate) = Begin(executor, reached, release);
        await reached.PassAsync();
        await intermediate.ShouldDieAsync("results that were passed on");
        release.Open();
        (await last).ShouldBe(3);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static (Future<int> Last, WeakReference[] Results) Begin(Executor executor, Gate reached, Gate release)
        {
            var results = new WeakReference[2];
            var last = executor.Submit(() => Noted(results, 0)).Then(_ => Noted(results, 1)).Then(static _ => 1).Then(one =>
            {
                reached.Open();
                release.Pass();
                return one + 1;
            }).Then(static two => two + 1);
            return (last, results);
        }

        static object Noted(WeakReference[] results, int i)
        {
            object result = new();
            results[i] = new WeakReference(result);
            return result;
        }
    }

    [ThreadFact]
    public async Task A_cancelled_task_leaves_nothing_in_a_long_lived_input()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var input = executor.Submit(() =>
        {
            release.Pass();
            return 1;
        });
        var cancelled = SubmitAndCancel(executor, input);
        await cancelled.ShouldDieAsync("a cancelled task");
        release.Open();
        (await input).ShouldBe(1);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference[] SubmitAndCancel(Executor executor, Future<int> input)
        {
            var one = executor.Submit(input, input, static (one, two) => one + two);
            one.Cancel();
            return [new WeakReference(one)];
        }
    }

    [ThreadFact]
    public async Task A_task_that_ends_before_its_inputs_gives_back_its_place_in_a_bounded_queue()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1, QueueCapacity = 2, QueueFullMode = QueueFullMode.Reject });
        await using var other = new ThreadExecutor(new() { Workers = 1 });
        var release = new Gate();
        var input = other.Submit(() =>
        {
            release.Pass();
            return 1;
        });
        var failing = other.Submit(int () => throw new FormatException("bad"));
        var first = executor.Submit(input, static one => one);
        var second = executor.Submit(input, failing, static (one, two) => one + two);
        Should.Throw<QueueFullException>(() => executor.Submit(input, static one => one));
        first.Cancel();
        release.Open();
        await Should.ThrowAsync<InputFailedException>(async () => await second);
        var third = executor.Submit(input, static one => one + 2);
        (await third).ShouldBe(3);
        (await executor.Submit(static () => 4)).ShouldBe(4);
    }
}
