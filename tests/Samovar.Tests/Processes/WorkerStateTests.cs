using System.Runtime.Versioning;

namespace Samovar.Tests.Processes;

/// <summary>Objects of worker processes that exit before the executor does.</summary>
[SupportedOSPlatform("linux")]
public sealed class WorkerStateTests
{
    [ProcessFact]
    public async Task A_worker_that_is_recycled_disposes_its_object_and_the_next_creates_one()
    {
        await using var pool = new ProcessExecutor(new() { Workers = 1, MaxTasksPerWorker = 1 });
        using var disposed = new ProcessGate();
        var state = new WorkerState<GateOpener>(() => new GateOpener(disposed));
        int first = await pool.Submit(() => state.Value.ProcessId);
        await disposed.PassAsync();
        (await pool.Submit(() => state.Value.ProcessId)).ShouldNotBe(first);
    }

    [ProcessFact]
    public async Task A_disposal_that_throws_is_reported_and_the_worker_exits()
    {
        var pool = new ProcessExecutor(new() { Workers = 1 });
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        pool.UnobservedFailure += failure => reported.TrySetResult(failure);
        var state = new WorkerState<Throwing>(static () => new Throwing());
        await pool.Submit(() => state.Value.Name);
        await pool.ShutdownAsync();
        (await reported.Task.WaitAsync(TestTimeout.Wait)).Exception.Message.ShouldBe("lid is stuck");
    }

    private sealed class GateOpener(ProcessGate gate) : IDisposable
    {
        public int ProcessId { get; } = Environment.ProcessId;

        public void Dispose() => gate.Open();
    }

    private sealed class Throwing : IDisposable
    {
        public string Name { get; } = "lid";

        public void Dispose() => throw new FormatException("lid is stuck");
    }
}
