using System.Runtime.Versioning;
using Samovar.Serialization;
using Samovar.Tests.Processes.Faults;

namespace Samovar.Tests.Processes;

/// <summary>Exit hooks of worker processes, and their results.</summary>
[Collection(ProcessTestCollection.Name)]
[SupportedOSPlatform("linux")]
public sealed class ProcessExitHookTests
{
    private static ProcessExecutorOptions One => PoolUnderTest.Options(workers: 1);

    [ProcessTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recycled_workers_and_those_of_the_shutdown_leave_their_results(bool inProcess)
    {
        var uses = new WorkerState<Tally>(static () => new Tally());
        var pool = new ProcessExecutor(One with { MaxTasksPerWorker = 2, InProcess = inProcess, ExitHook = () => (uses.Value.Uses, uses.Value.IsDisposed) });
        for (int task = 0; task < 5; task++) await pool.Submit(() => { uses.Value.Uses++; });
        var results = await pool.CollectExitResultsAsync<(int Uses, bool)>();
        results.Select(static result => result.Value).ShouldBe([(2, false), (2, false), (1, false)]);
        results.Select(static result => result.Worker.Id).ShouldBe([1, 2, 3]);
    }

    [ProcessFact]
    public async Task Results_of_exited_workers_can_be_taken_while_the_pool_works()
    {
        await using var pool = new ProcessExecutor(One with { MaxTasksPerWorker = 1, ExitHook = static () => Environment.ProcessId });
        int process = await pool.Submit(static () => Environment.ProcessId);
        IReadOnlyList<ExitResult<int>> taken = [];
        await TestTimeout.UntilAsync(() => (taken = pool.TakeExitResults<int>()).Count > 0);
        var result = taken.ShouldHaveSingleItem();
        (result.Value, result.Worker.ProcessId).ShouldBe((process, process));
    }

    [ProcessFact]
    public async Task A_large_result_arrives()
    {
        var pool = new ProcessExecutor(One with { ExitHook = static () => new int[3_000_000] });
        await pool.Submit(static () => { });
        (await pool.CollectExitResultsAsync<int[]>()).ShouldHaveSingleItem().Value.Length.ShouldBe(3_000_000);
    }

    [ProcessFact]
    public async Task A_hook_that_throws_is_reported_and_its_error_is_in_the_entry()
    {
        var pool = new ProcessExecutor(One with { ExitHook = static () => throw new FormatException("no leaves") });
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.UnobservedFailure += failure => reported.TrySetResult(failure);
        await pool.Submit(static () => { });
        var result = (await pool.CollectExitResultsAsync<int>()).ShouldHaveSingleItem();
        (result.IsSuccess, result.IsLost).ShouldBe((false, false));
        result.Error.ShouldBeOfType<FormatException>().Message.ShouldBe("no leaves");
        var failure = await reported.Task.WaitAsync(TestTimeout.Wait);
        (failure.Source, failure.Exception).ShouldBe((FailureSource.WorkerExit, result.Error));
    }

    [ProcessFact]
    public async Task A_result_that_cannot_travel_is_an_error_of_its_entry()
    {
        var pool = new ProcessExecutor(One with { ExitHook = static () => Thread.CurrentThread });
        pool.UnobservedFailure += static _ => { };
        await pool.Submit(static () => { });
        (await pool.CollectExitResultsAsync<object>()).ShouldHaveSingleItem().Error.ShouldBeOfType<UnshippableException>();
    }

    [ProcessFact]
    public void A_hook_that_cannot_travel_is_refused_when_the_executor_is_created()
    {
        var thread = Thread.CurrentThread;
        Should.Throw<UnshippableException>(() => new ProcessExecutor(One with { ExitHook = () => thread.Name }));
    }

    [ProcessFact]
    public async Task A_hook_that_does_not_return_is_killed_after_its_limit()
    {
        var before = await Leftovers.BeforeAsync();
        var pool = new ProcessExecutor(One with
        {
            ExitTimeout = TimeSpan.FromMilliseconds(300),
            ExitHook = static () =>
            {
                Thread.CurrentThread.Join(); // never returns
                return 1;
            },
        });
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.UnobservedFailure += failure => reported.TrySetResult(failure);
        await pool.Submit(static () => { });
        var result = (await pool.CollectExitResultsAsync<int>().WaitAsync(TestTimeout.Wait)).ShouldHaveSingleItem();
        result.IsLost.ShouldBeTrue();
        result.Error!.Message.ShouldContain("its exit hook had not returned after 300 ms; the limit is ExitTimeout");
        result.Error.InnerException.ShouldBeOfType<WorkerCrashedException>();
        (await reported.Task.WaitAsync(TestTimeout.Wait)).Exception.ShouldBe(result.Error);
        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_hook_may_take_longer_than_other_exits()
    {
        using var begun = new ProcessGate();
        using var release = new ProcessGate();
        var pool = new ProcessExecutor(One with
        {
            ExitTimeout = Timeout.InfiniteTimeSpan,
            ExitHook = () =>
            {
                begun.Open();
                release.Pass();
                return "late";
            },
        });
        await pool.Submit(static () => { });
        var collecting = pool.CollectExitResultsAsync<string>();
        await begun.PassAsync();
        collecting.IsCompleted.ShouldBeFalse();
        release.Open();
        (await collecting).ShouldHaveSingleItem().Value.ShouldBe("late");
    }

    [ProcessFact]
    public async Task A_worker_that_dies_is_listed_as_lost_and_its_replacement_has_a_result()
    {
        var before = await Leftovers.BeforeAsync();
        var pool = new ProcessExecutor(One with { ExitHook = static () => 7 });
        await Should.ThrowAsync<WorkerCrashedException>(async () => await pool.Submit(static () => Environment.FailFast("over")));
        await pool.Submit(static () => { });
        var results = await pool.CollectExitResultsAsync<int>();
        results.Select(static result => result.IsLost).ShouldBe([true, false]);
        results[0].Error!.InnerException.ShouldBeOfType<WorkerCrashedException>().ProcessId.ShouldBe(results[0].Worker.ProcessId);
        results[1].Value.ShouldBe(7);
        await before.ShouldBeNoneAsync();
    }

    [ProcessFact]
    public async Task A_hook_that_exits_is_lost()
    {
        var pool = new ProcessExecutor(One with
        {
            ExitHook = static () =>
            {
                Environment.Exit(3);
                return 1;
            },
        });
        pool.UnobservedFailure += static _ => { };
        await pool.Submit(static () => { });
        (await pool.CollectExitResultsAsync<int>()).ShouldHaveSingleItem().Error!.Message.ShouldContain("exit code 3");
    }

    [ProcessFact]
    public async Task Workers_that_a_shutdown_kills_are_listed_as_lost()
    {
        var pool = new ProcessExecutor(One with { Name = "doomed", ExitHook = static () => 7 });
        await pool.Submit(static () => { });
        await pool.ShutdownAsync(ShutdownMode.Kill);
        pool.TakeExitResults<int>().ShouldHaveSingleItem().Error.ShouldBeOfType<ExitResultLostException>().Message.ShouldContain("'doomed' is shut down");
    }

    [ProcessFact]
    public async Task A_worker_whose_initializer_throws_does_not_run_the_hook()
    {
        var pool = new ProcessExecutor(One with { Initializer = static () => throw new FormatException("cold"), ExitHook = static () => 1 });
        await Should.ThrowAsync<WorkerInitializationException>(async () => await pool.Submit(static () => { }));
        (await pool.CollectExitResultsAsync<int>()).ShouldBeEmpty();
    }

    [ProcessFact]
    public async Task A_program_that_starts_no_worker_has_no_results() =>
        (await new ProcessExecutor(One with { ExitHook = static () => 1 }).CollectExitResultsAsync<int>()).ShouldBeEmpty();

    private sealed class Tally : IDisposable
    {
        public int Uses { get; set; }

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
