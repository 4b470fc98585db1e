namespace Samovar.Tests.Contract;

/// <summary>Objects that each worker creates once for its tasks.</summary>
public abstract class WorkerStateContract : DependentTasksContract
{
    [Promise]
    public async Task A_worker_creates_its_object_once_for_all_tasks()
    {
        await using var executor = Build();
        var state = new WorkerState<UseCounter>(static () => new UseCounter());
        for (int use = 1; use <= 5; use++) (await executor.Submit(() => state.Value.Use())).ShouldBe(use);
        var other = new WorkerState<UseCounter>(static () => new UseCounter());
        (await executor.Submit(() => other.Value.Use())).ShouldBe(1);
        (await executor.Submit(async () =>
        {
            await Task.Yield();
            return state.Value.Use();
        })).ShouldBe(6);
        (await executor.Submit(static () => UseCounter.Shared.Value.Use())).ShouldBe(1);
        (await executor.Submit(static () => UseCounter.Shared.Value.Use())).ShouldBe(2);
    }

    [Promise(Capabilities.StopsItsWorkers)]
    public async Task The_object_is_disposed_when_the_worker_exits()
    {
        var executor = Build();
        Gate disposed = NewGate();
        var state = new WorkerState<GateOpener>(() => new GateOpener(disposed));
        await executor.Submit(() => state.Value.Touch());
        disposed.IsOpen.ShouldBeFalse();
        await executor.ShutdownAsync();
        disposed.IsOpen.ShouldBeTrue();
    }

    [Promise(Capabilities.StopsItsWorkers)]
    public async Task An_object_with_an_asynchronous_disposal_is_disposed_too()
    {
        var executor = Build();
        Gate disposed = NewGate();
        var state = new WorkerState<LateGateOpener>(() => new LateGateOpener(disposed));
        await executor.Submit(() => state.Value.Touch());
        await executor.ShutdownAsync();
        disposed.IsOpen.ShouldBeTrue();
    }

    [Promise]
    public async Task A_factory_that_throws_fails_the_task_and_is_called_again_for_the_next()
    {
        await using var executor = Build();
        Gate works = NewGate();
        var state = new WorkerState<UseCounter>(() => works.IsOpen ? new UseCounter() : throw new FormatException("no water"));
        (await Should.ThrowAsync<FormatException>(async () => await executor.Submit(() => state.Value.Use()))).Message.ShouldBe("no water");
        works.Open();
        (await executor.Submit(() => state.Value.Use())).ShouldBe(1);
    }

    [Promise]
    public void Outside_a_task_there_is_no_object() =>
        Should.Throw<InvalidOperationException>(static () => UseCounter.Shared.Value).Message.ShouldContain("outside a task");

    [Promise(Beside | Several | Shared)]
    public async Task Two_workers_have_two_objects()
    {
        await using var executor = Build(workers: 2);
        var state = new WorkerState<UseCounter>(static () => new UseCounter());
        Gate one = NewGate(), other = NewGate(), release = NewGate();
        var first = executor.Submit(() => Use(one));
        var second = executor.Submit(() => Use(other));
        await one.PassAsync();
        await other.PassAsync();
        release.Open();
        (await first).ShouldNotBeSameAs(await second);

        UseCounter Use(Gate begun)
        {
            var own = state.Value;
            begun.Open();
            release.Pass();
            return own;
        }
    }

    [Promise(Shared)]
    public async Task The_latest_object_is_disposed_first_and_its_error_is_reported()
    {
        var executor = Build();
        List<string> disposed = [];
        List<FailureSource> reported = [];
        executor.UnobservedFailure += failure => reported.Add(failure.Source);
        WorkerState<Noting> first = new(() => new Noting(disposed, "first")), second = new(() => new Noting(disposed, "second"));
        await executor.Submit(() => first.Value.Touch());
        await executor.Submit(() => second.Value.Touch());
        await executor.ShutdownAsync();
        disposed.ShouldBe(["second", "first"]);
        reported.ShouldBe([FailureSource.WorkerExit, FailureSource.WorkerExit]);
    }

    private sealed class UseCounter
    {
        public static readonly WorkerState<UseCounter> Shared = new(static () => new UseCounter());

        private int _uses;

        public int Use() => ++_uses;
    }

    private sealed class GateOpener(Gate gate) : IDisposable
    {
        public void Touch()
        {
            // Its value was requested.
        }

        public void Dispose() => gate.Open();
    }

    private sealed class LateGateOpener(Gate gate) : IAsyncDisposable
    {
        public void Touch()
        {
            // Its value was requested.
        }

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            gate.Open();
        }
    }

    private sealed class Noting(List<string> disposed, string name) : IDisposable
    {
        public void Touch()
        {
            // Its value was requested.
        }

        public void Dispose()
        {
            disposed.Add(name);
            throw new FormatException(name);
        }
    }
}
