using Samovar.Tasks.Core;
using Samovar.Tasks.Inputs;

namespace Samovar;

/// <content>Tasks whose results stay on their workers.</content>
public static partial class ExecutorExtensions
{
    /// <summary>Submits a task whose result stays on the worker that makes it. Later tasks that take it run there, so that a large object is neither
    /// serialized nor copied between the steps of a computation.</summary>
    /// <typeparam name="T">The type of the result. It need not be serializable unless it is fetched.</typeparam>
    /// <param name="executor">The executor.</param>
    /// <param name="work">The delegate to run. Its token is in <see cref="TaskContext.CancellationToken"/>.</param>
    /// <param name="options">The name, timeout, retry policy, priority and cancellation token; null for the defaults.</param>
    /// <returns>A future whose result is a handle of what the work returned.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="NotSupportedException">The executor is a <see cref="ClusterExecutor"/>, or it recycles its workers
    /// (<see cref="ProcessExecutorOptions.MaxTasksPerWorker"/>, <see cref="ProcessExecutorOptions.MemoryLimitPerWorker"/>), with which their results would be
    /// lost.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <exception cref="QueueFullException">The executor's bounded queue is full, and <see cref="QueueFullMode.Reject"/> is set.</exception>
    /// <example>
    /// <code>
    /// using Kept&lt;double[]> numbers = await executor.SubmitKept(() => new double[1_000_000]);
    /// using Kept&lt;double[]> ones = await numbers.ThenKept(all => Array.ConvertAll(all, number => number + 1));
    /// double sum = await ones.Then(all => all.Sum()); // 1000000
    /// </code>
    /// </example>
    public static Future<Kept<T>> SubmitKept<T>(this Executor executor, Func<T> work, TaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(executor);
        return KeptTasks.Keep<T>(executor.Core, work, DelegateKind.Synchronous, options);
    }

    /// <inheritdoc cref="SubmitKept{T}(Executor, Func{T}, TaskOptions?)"/>
    public static Future<Kept<T>> SubmitKept<T>(this Executor executor, Func<Task<T>> work, TaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(executor);
        return KeptTasks.Keep<T>(executor.Core, work, DelegateKind.Asynchronous, options);
    }
}
