using System.Runtime.CompilerServices;
using Samovar.Tasks.Completions;
using Samovar.Tasks.Core;

namespace Samovar.Tests.Tasks;

/// <summary>Completed work leaves nothing in objects that outlive it.</summary>
public sealed class LeftoverTests
{
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(9);

    [ThreadFact]
    public async Task Timers_keep_no_execution_context()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        await ((WeakReference[])[await UseTimersAsync(executor)]).ShouldDieAsync("the context that timers were made in");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<WeakReference> UseTimersAsync(Executor executor)
        {
            var ambient = new AsyncLocal<object?> { Value = new object() };
            var reference = new WeakReference(ambient.Value);
            await executor.Submit(
                async () =>
                {
                    var inner = executor.Submit(static () => { });
                    await inner; // looked at for stalls
                },
                new() { Timeout = s_day });
            ambient.Value = null;
            return reference;
        }
    }

    [ThreadFact]
    public async Task Timers_of_tasks_that_still_run_keep_no_execution_context()
    {
        var time = new FlowWatch();
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time, CancellationGrace = s_day });
        var ambient = new AsyncLocal<string?> { Value = "must not be kept" };
        await executor.Submit(
            async () =>
            {
                await executor.Submit(static () => { });
                if (TaskContext.Current!.Attempt == 1) throw new FormatException();
            },
            new() { Timeout = s_day, Retry = new() { Delay = TimeSpan.FromMilliseconds(1) } });
        (await executor.Map([1], static i => i, new() { TotalTimeout = s_day }).CountAsync()).ShouldBe(1);
        ambient.Value.ShouldNotBeNull();
        time.Flowing.ShouldBe(0);
        time.Made.ShouldBeGreaterThanOrEqualTo(4);
    }

    [ThreadFact]
    public async Task Waiting_again_and_again_for_a_future_inside_a_task_leaves_nothing_in_either()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        Gate release = new();
        var pending = executor.Submit(() => release.Pass());
        Future? outer = null;
        var known = new Gate();
        outer = executor.Submit(async () =>
        {
            await known.PassAsync();
            for (int i = 0; i < 50; i++)
            {
                (await Futures.WaitAsync([pending], WaitFor.FirstCompleted, TimeSpan.Zero)).Done.ShouldBeEmpty();
                pending.Wait(TimeSpan.Zero).ShouldBeFalse();
            }

            Registered(pending).ShouldBeLessThanOrEqualTo(1);
            outer!.HasNestedWaits.ShouldBeFalse("or it would lend its slot without cause");
        });
        known.Open();
        await outer.AsTask().WaitAsync(TestTimeout.Wait);
        release.Open();
    }

    [ThreadFact]
    public async Task A_long_lived_token_keeps_nothing_of_completed_tasks()
    {
        using var longLived = new CancellationTokenSource();
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        var ended = await SubmitAsync(executor, longLived.Token);
        await ended.ShouldDieAsync("tasks that obeyed a token that lives on");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task<List<WeakReference>> SubmitAsync(Executor executor, CancellationToken token)
        {
            Gate release = new();
            var blocker = executor.Submit(() => release.Pass());
            var options = new TaskOptions { CancellationToken = token };
            List<Future> futures =
            [
                executor.Submit(static () => { }, options),
                executor.Submit(static () => throw new FormatException(), options),
                executor.Submit(static () => { }, options),
            ];
            futures[2].Cancel();
            Should.Throw<OperationCanceledException>(() => blocker.Wait(TimeSpan.Zero, new CancellationToken(canceled: true)));
            release.Open();
            (await Futures.WaitAsync(futures, cancellationToken: token)).Done.Count.ShouldBe(3);
            futures[1].Exception.ShouldNotBeNull();
            (await executor.Map([1, 2], static i => i, cancellationToken: token).CountAsync(token)).ShouldBe(2);
            return [.. futures.Select(static f => new WeakReference(f))];
        }
    }

    [ThreadFact]
    public async Task Cancelling_a_task_on_its_way_to_the_next_attempt_leaves_nothing_among_the_delayed()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ThreadExecutor(new() { Workers = 1, TimeProvider = time });
        Future? future = null;
        var known = new Gate();
        time.TimerDisposed = due =>
        {
            // The clock of the first attempt is stopped when the task has been moved back and is not delayed yet.
            if (due == s_day) future!.Cancel().ShouldBeTrue();
        };
        future = executor.Submit(
            () =>
            {
                known.Pass();
                throw new FormatException();
            },
            new() { Timeout = s_day, Retry = new() { Delay = s_delay, UseJitter = false } });
        known.Open();
        await future.EndAsync();
        await executor.Submit(static () => { }); // the worker has finished it
        future.State.ShouldBe(FutureState.Canceled);
        executor.GetStatistics().Retries.ShouldBe(1);
        Delayed(executor.Core).ShouldBeEmpty();
    }

    private static int Registered(Future future) => Content(ref Completions(future)) switch
    {
        null => 0,
        CompletionList list => Entries(list)!.Count,
        _ => 1,
    };

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_completions")]
    private static extern ref CompletionSlot Completions(Future future);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_content")]
    private static extern ref object? Content(ref CompletionSlot slot);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_entries")]
    private static extern ref List<object>? Entries(CompletionList list);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_delayed")]
    private static extern ref HashSet<Future> Delayed(ExecutorCore core);

    /// <summary>Counts the timers that would take their maker's context with them.</summary>
    private sealed class FlowWatch : TimeProvider
    {
        private int _made;
        private int _flowing;

        public int Made => Volatile.Read(ref _made);

        public int Flowing => Volatile.Read(ref _flowing);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _made);
            if (!ExecutionContext.IsFlowSuppressed()) Interlocked.Increment(ref _flowing);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
