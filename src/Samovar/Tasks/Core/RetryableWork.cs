using Samovar.Diagnostics.Recording;

namespace Samovar.Tasks.Core;

/// <summary>The work of a failed task with its options, from which new tasks are created.</summary>
/// <remarks>It has the delegate and not its serialized form: a new task is serialized when it is submitted, with the values that the delegate captured as
/// they are then. It has neither the cancellation token nor the handler of progress, which belong to code that has seen the failure.</remarks>
/// <param name="options">The options of the failed task.</param>
/// <param name="bytes">The size of its data, in bytes, as far as that is known.</param>
/// <param name="create">Creates a task with a number.</param>
internal sealed class RetryableWork(TaskOptions options, long bytes, Func<ExecutorCore, TaskOptions, long, Future> create) : KeptWork(bytes)
{
    public TaskOptions Options { get; } = options with { CancellationToken = default, Progress = null };

    public Future Create(ExecutorCore core, long id) => create(core, Options, id);
}
