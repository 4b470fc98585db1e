namespace Samovar.Tests.Contract;

/// <summary>What starts first.</summary>
public abstract class PrioritiesContract : ContinuationsContract
{
    [Promise(Beside | Shared)]
    public async Task Work_of_a_higher_priority_starts_first_and_keeps_its_order_within()
    {
        await using var executor = Build();
        var release = NewGate();
        await OccupyAsync(executor, release);
        var order = new List<string>();
        var futures = new List<Future>();
        foreach (int i in (int[])[1, 2])
        {
            foreach (var priority in (TaskPriority[])[TaskPriority.Low, TaskPriority.Normal, TaskPriority.High])
                futures.Add(executor.Submit(() => order.Add($"{priority} {i}"), new() { Priority = priority }));
        }

        release.Open();
        (await Futures.WaitAsync(futures, timeout: TestTimeout.Wait)).Pending.ShouldBeEmpty();
        order.ShouldBe(["High 1", "High 2", "Normal 1", "Normal 2", "Low 1", "Low 2"]);
    }

    [Promise(Beside | Shared)]
    public async Task Urgent_work_submitted_while_others_wait_goes_before_them()
    {
        await using var executor = Build();
        Gate release = NewGate(), second = NewGate(), started = NewGate();
        await OccupyAsync(executor, release);
        var order = new List<string>();
        _ = executor.Submit(() =>
        {
            started.Open();
            second.Pass();
        });
        var normal = executor.Submit(() => order.Add("normal"));
        release.Open();
        await started.PassAsync();
        var urgent = executor.Submit(() => order.Add("urgent"), new() { Priority = TaskPriority.High });
        second.Open();
        await normal;
        await urgent;
        order.ShouldBe(["urgent", "normal"]);
    }

    [Promise]
    public Task An_unknown_priority_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(static () => new TaskOptions { Priority = (TaskPriority)7 }).ParamName.ShouldBe("Priority");
        return Task.CompletedTask;
    }
}
