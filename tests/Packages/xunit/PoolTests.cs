using Samovar;
using Xunit;

public sealed class PoolTests
{
    [Fact]
    public async Task A_task_runs_in_another_process()
    {
        int program = Environment.ProcessId;
        await using var pool = new ProcessExecutor(new() { Workers = 1 });

        Assert.NotEqual(program, await pool.Submit(() => Environment.ProcessId));
    }

    [Fact]
    public async Task A_child_runs_in_a_process_of_its_own() =>
        Assert.Equal("child", await ChildProcess.Start(static () => "child").JoinAsync(TestContext.Current.CancellationToken));
}
