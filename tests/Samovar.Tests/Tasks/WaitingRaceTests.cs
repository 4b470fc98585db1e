using Samovar.Tasks.Completions;

namespace Samovar.Tests.Tasks;

/// <summary>Waits that begin at the very moment their futures end.</summary>
public sealed class WaitingRaceTests
{
    [ThreadFact]
    public async Task No_wake_up_is_lost_when_a_hundred_futures_end_while_the_wait_registers()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 2 });
        for (int round = 0; round < 50; round++)
        {
            var go = new Gate();
            var futures = Enumerable.Range(0, 100).Select(i => executor.Submit(() =>
            {
                go.Pass();
                return i;
            })).ToList();
            foreach (var until in Enum.GetValues<WaitFor>())
            {
                var waiting = Task.Run(() => Futures.WaitAsync(futures, until, TestTimeout.Wait));
                go.Open();
                var (done, pending) = await waiting;
                if (until == WaitFor.FirstCompleted) done.ShouldNotBeEmpty();
                else pending.ShouldBeEmpty($"{until} in round {round}");
            }
        }
    }

    [ThreadFact]
    public async Task No_completion_is_lost_or_repeated_when_many_are_added_while_the_task_completes()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        for (int round = 0; round < 200; round++)
        {
            var go = new Gate();
            var future = executor.Submit(() => go.Pass());
            var completions = Enumerable.Range(0, 20).Select(static _ => new CountingCompletion()).ToList();
            var adding = Task.Run(() => completions.ForEach(future.AddCompletion));
            go.Open();
            await adding;
            await future.EndAsync();
            await executor.Submit(static () => { }); // the worker has notified all waiters before it takes the next task
            completions.ShouldAllBe(c => c.Signals == 1);
        }
    }

    [ThreadFact]
    public async Task A_wait_that_is_over_leaves_nothing_in_a_long_lived_future()
    {
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate release = new();
        var future = executor.Submit(() => release.Pass());
        var first = new CountingCompletion();
        future.AddCompletion(first);
        for (int i = 0; i < 10; i++)
        {
            await Futures.WaitAsync([future], timeout: TimeSpan.Zero);
            future.Wait(TimeSpan.Zero).ShouldBeFalse();
        }

        var removed = new CountingCompletion();
        future.AddCompletion(removed);
        future.RemoveCompletion(removed);
        release.Open();
        await future;
        await executor.Submit(static () => { });
        (first.Signals, removed.Signals).ShouldBe((1, 0));
    }

    [ThreadFact]
    public async Task A_reader_about_to_wait_is_notified_of_the_end_that_another_one_caused()
    {
        var time = new ManualTimeProvider();
        await using var executor = new ThreadExecutor(new() { Workers = 1 });
        Gate release = new(), aboutToWait = new(), go = new();
        var last = executor.Submit(() => release.Pass());
        var sequence = Futures.AsCompleted([last], TimeSpan.FromHours(1), time);
        time.TimestampAsked = () =>
        {
            if (aboutToWait.IsOpen) return;
            aboutToWait.Open();
            go.Pass();
        };
        var late = Task.Run(() => sequence.ToListAsync().AsTask());
        await aboutToWait.PassAsync();
        var signaled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        last.OnCompleted(_ => signaled.SetResult()); // after the sequence, whereas an await of the completed task may continue before it
        release.Open();
        await signaled.Task.WaitAsync(TestTimeout.Wait);
        (await sequence.ToListAsync()).ShouldBe([last]);
        go.Open();
        (await late.WaitAsync(TestTimeout.Wait)).ShouldBeEmpty();
    }

    private sealed class CountingCompletion : Completion
    {
        private int _signals;

        public int Signals => Volatile.Read(ref _signals);

        public override void Signal(Future future) => Interlocked.Increment(ref _signals);
    }
}
