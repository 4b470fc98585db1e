namespace Samovar.Tests.Contract;

/// <summary>What an executor reports about its tasks and itself.</summary>
public abstract class StatisticsContract : ReferencesContract
{
    [Promise]
    public async Task Statistics_tell_what_became_of_every_task()
    {
        await using var executor = Build(name: "counted");
        var good = executor.Submit(static () => 1);
        var bad = executor.Submit(static () => throw new FormatException());
        var canceled = executor.Submit(static () => { }, new() { CancellationToken = new(canceled: true) });
        await Futures.WaitAsync([good, bad, canceled], timeout: TestTimeout.Wait);
        await executor.DrainAsync();
        var statistics = executor.GetStatistics();
        statistics.Executor.ShouldBe("counted");
        (statistics.Submitted, statistics.Succeeded, statistics.Failed, statistics.Canceled).ShouldBe((3, 1, 1, 1));
        statistics.Queued.ShouldBe(0);
        if (Can(Shared)) statistics.Running.ShouldBe(0);
        statistics.Workers.ShouldBe(1);
        bad.Exception.ShouldNotBeNull();
    }

    [Promise(Beside | Several)]
    public async Task Statistics_tell_what_runs_and_what_waits()
    {
        await using var executor = Build(workers: 2);
        var release = NewGate();
        await OccupyAsync(executor, release);
        await OccupyAsync(executor, release);
        _ = executor.Submit(static () => { });
        var statistics = executor.GetStatistics();
        (statistics.Running, statistics.Queued, statistics.IdleWorkers).ShouldBe((2, 1, 0));
        release.Open();
        await executor.DrainAsync();
        executor.GetStatistics().Queued.ShouldBe(0);
    }

    [Promise(Shared)]
    public async Task A_task_and_the_inner_one_it_waits_for_both_count_as_running()
    {
        await using var executor = Build();
        var statistics = await executor.Submit(() => executor.Submit(() => executor.GetStatistics()).Result);
        (statistics.Running, statistics.Queued).ShouldBe((2, 0));
    }

    [Promise]
    public async Task An_executor_has_the_name_it_was_given_or_one_of_its_own()
    {
        await using var named = Build(name: "mine");
        await using var first = Build();
        await using var second = Build();
        named.Name.ShouldBe("mine");
        named.ToString().ShouldBe("mine");
        first.Name.ShouldNotBe(second.Name);
        Should.Throw<ArgumentException>(() => Build(name: "  "));
        Should.Throw<ArgumentOutOfRangeException>(() => Build(grace: TimeSpan.FromSeconds(-1))).ParamName.ShouldBe("CancellationGrace");
    }
}
