namespace Samovar.Loops.Core;

/// <summary>Runs the tasks of <see cref="TaskFactory"/> on the loop.</summary>
internal sealed class LoopTaskScheduler(LoopCore loop) : TaskScheduler
{
    public override int MaximumConcurrencyLevel => 1;

    public void Execute(Task task) => TryExecuteTask(task);

    protected override void QueueTask(Task task) => loop.Post(task, this);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        ReferenceEquals(LoopCore.Current, loop) && TryExecuteTask(task);

    /// <remarks>Only debuggers call this, from any thread and at any moment, but the ready queue belongs to the loop's thread.</remarks>
    protected override IEnumerable<Task> GetScheduledTasks() =>
        throw new NotSupportedException("The ready callbacks of an event loop can be enumerated only on its own thread.");
}
