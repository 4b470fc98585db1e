namespace Samovar.Tests.Tasks.Running;

/// <summary>What a task changes of its thread is not there for the next one.</summary>
public sealed class ThreadTraitsTests
{
    [ProcessFact]
    public async Task A_task_leaves_its_thread_as_it_was()
    {
        await using var threads = new ThreadExecutor(new() { Workers = 1, Initializer = static () => Thread.CurrentThread.Priority = ThreadPriority.AboveNormal });
        await using var inline = new InlineExecutor();
        await using var workers = new ProcessExecutor(new() { Workers = 1, InProcess = true });
        foreach (var executor in (Executor[])[threads, inline, workers])
        {
            var before = await executor.Submit(static () => Traits());
            await executor.Submit(static () => Change());
            (await executor.Submit(static () => Traits())).ShouldBe(before);
        }

        (await threads.Submit(static () => Thread.CurrentThread.Priority)).ShouldBe(ThreadPriority.AboveNormal, "what the initializer chose is the thread's own");
    }

    [ProcessFact]
    public async Task A_task_that_another_runs_while_it_waits_leaves_the_thread_as_that_one_had_it()
    {
        await using var executor = new InlineExecutor();
        await executor.Submit(() =>
        {
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
            executor.Submit(static () => Change()).Wait();
            Thread.CurrentThread.Priority.ShouldBe(ThreadPriority.BelowNormal);
        });
        Thread.CurrentThread.Priority.ShouldBe(ThreadPriority.Normal);
    }

    private static string Traits() => $"{Thread.CurrentThread.Priority}, {Thread.CurrentThread.IsBackground}, {Thread.CurrentThread.Name}";

    private static void Change()
    {
        var thread = Thread.CurrentThread;
        thread.Priority = ThreadPriority.Lowest;
        thread.IsBackground = !thread.IsBackground;
        thread.Name = "changed";
    }
}
