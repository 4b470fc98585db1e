namespace Samovar.Tests.Contract;

/// <summary>What workers return when they exit.</summary>
public abstract class ExitHooksContract : CachingContract
{
    private const Capabilities Hooks = Capabilities.RunsExitHooks;

    [Promise(Hooks)]
    public async Task The_hook_of_a_worker_runs_after_its_last_task_and_its_result_is_collected_once()
    {
        var executor = Build(new ContractOptions { ExitHook = static () => Tally.OfWorker.Value.Uses });
        for (int task = 0; task < 3; task++) await executor.Submit(static () => Tally.OfWorker.Value.Uses++);
        executor.TakeExitResults<int>().ShouldBeEmpty();
        var result = (await executor.CollectExitResultsAsync<int>()).ShouldHaveSingleItem();
        (result.IsSuccess, result.Value, result.Worker.Id).ShouldBe((true, 3, 1));
        (await executor.CollectExitResultsAsync<int>()).ShouldBeEmpty();
        executor.TakeExitResults<int>().ShouldBeEmpty();
    }

    [Promise(Hooks | Several)]
    public async Task Each_worker_leaves_one_result()
    {
        var executor = Build(new ContractOptions { Workers = 2, ExitHook = static () => Tally.OfWorker.Value.Uses });
        Gate release = NewGate();
        var first = await OccupyAsync(executor, release);
        var second = await OccupyAsync(executor, release);
        release.Open();
        await first;
        await second;
        var results = await executor.CollectExitResultsAsync<int>();
        results.Select(static result => (result.Worker.Id, result.Value)).ShouldBe([(1, 0), (2, 0)]);
    }

    [Promise(Hooks)]
    public async Task An_error_of_the_hook_is_the_entry_of_its_worker()
    {
        var executor = Build(new ContractOptions { ExitHook = static () => throw new FormatException("no leaves") });
        executor.UnobservedFailure += static _ => { };
        await executor.Submit(static () => { });
        var result = (await executor.CollectExitResultsAsync<int>()).ShouldHaveSingleItem();
        (result.IsSuccess, result.IsLost).ShouldBe((false, false));
        result.Error.ShouldBeOfType<FormatException>().Message.ShouldBe("no leaves");
    }

    [Promise(Hooks)]
    public async Task Results_of_another_type_are_kept()
    {
        var executor = Build(new ContractOptions { ExitHook = static () => 7 });
        await executor.Submit(static () => { });
        await Should.ThrowAsync<InvalidCastException>(executor.CollectExitResultsAsync<string>());
        executor.TakeExitResults<int>().ShouldHaveSingleItem().Value.ShouldBe(7);
    }

    [Promise]
    public async Task Without_a_hook_collecting_is_refused_and_does_not_shut_down()
    {
        await using var executor = Build(name: "plain");
        if (Can(Hooks))
        {
            (await Should.ThrowAsync<InvalidOperationException>(async () => await executor.CollectExitResultsAsync<int>()))
                .Message.ShouldBe("'plain' has no exit hook, so that its workers have no exit results. Set ExitHook in its options.");
        }
        else
        {
            (await Should.ThrowAsync<NotSupportedException>(async () => await executor.CollectExitResultsAsync<int>())).Message.ShouldBe(
                $"'plain' is a {executor.GetType().Name}, which has no exit hooks. Only the workers of a ThreadExecutor and a ProcessExecutor have them (ExitHook in the options).");
        }

        (await executor.Submit(static () => 7)).ShouldBe(7);
    }

    private sealed class Tally
    {
        public static readonly WorkerState<Tally> OfWorker = new(static () => new Tally());

        public int Uses { get; set; }
    }
}
