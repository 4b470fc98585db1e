using System.Diagnostics;
using Samovar.Tests.Processes;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops;

/// <summary>Blocking work that a loop gives to threads and to worker processes.</summary>
[Collection(ProcessTestCollection.Name)]
public sealed class RunOnTests
{
    [ProcessFact]
    public async Task Work_on_threads_and_in_processes_comes_back_to_the_thread_of_the_loop_which_continues_meanwhile()
    {
        await using var threads = new ThreadExecutor(new() { Workers = 1 });
        await using var processes = new ProcessExecutor(new() { Workers = 1 });
        await RunAsync(
            async () =>
            {
                int loop = Environment.CurrentManagedThreadId, turns = 0;
                bool isDone = false;
                EventLoop.Current!.Post(Turn);
                int other = await EventLoop.RunOnAsync(processes, static () => Environment.ProcessId);
                other.ShouldNotBe(Environment.ProcessId);
                Environment.CurrentManagedThreadId.ShouldBe(loop);
                turns.ShouldBeGreaterThan(1);
                int thread = await EventLoop.RunOnAsync(threads, static () => Environment.CurrentManagedThreadId);
                thread.ShouldNotBe(loop);
                Environment.CurrentManagedThreadId.ShouldBe(loop);
                isDone = true;

                void Turn()
                {
                    turns++;
                    if (!isDone) EventLoop.Current!.Post(Turn);
                }
            },
            Real);
    }

    [ProcessFact]
    public async Task A_scope_that_is_cancelled_ends_endless_work_in_a_process_by_force()
    {
        await using var processes = new ProcessExecutor(new() { Workers = 1, CancellationGrace = TimeSpan.Zero });
        int pid = await processes.Submit(static () => Environment.ProcessId);
        await RunAsync(
            async () =>
            {
                bool isDone = await CancelScope.RunAsync(async scope =>
                {
                    var work = EventLoop.RunOnAsync(processes, static () =>
                    {
                        TaskContext.Current!.Report(1);
                        BusyWork.NeverEnds();
                    }, new() { Progress = new Begun(scope) });
                    await work;
                });
                isDone.ShouldBeFalse();
                (await EventLoop.RunOnAsync(processes, static () => Environment.ProcessId)).ShouldNotBe(pid);
            },
            Real);
        Should.Throw<ArgumentException>(() => Process.GetProcessById(pid));
    }

    [ProcessFact]
    public async Task Work_of_the_loop_is_not_given_to_itself_and_off_a_loop_nothing_comes_back()
    {
        await RunAsync(static async () =>
        {
            var error = await CaughtAsync(EventLoop.RunOnAsync(EventLoop.Current!, static () => 1));
            error.ShouldBeOfType<InvalidOperationException>().Message.ShouldContain("already runs on");
        });
        await using var inline = new InlineExecutor();
        (await CaughtAsync(EventLoop.RunOnAsync(inline, static () => 1))).ShouldBeOfType<NoEventLoopException>().Message.ShouldContain("no event loop here");
    }

    /// <summary>Cancels as soon as the work says that it runs.</summary>
    private sealed class Begun(CancelScope scope) : IProgress<TaskProgress>
    {
        public void Report(TaskProgress value) => scope.Cancel();
    }
}
