using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>An object that each worker of an executor creates once, when a task first uses it, and disposes when it exits: a model, a connection, an
/// interpreter.</summary>
/// <remarks>
/// <para>Store it in a static field, or in a variable that the tasks capture: a copy that travels to another process represents the same object of
/// that worker. It has one object for each worker, not for each program: on a <see cref="ThreadExecutor"/> each thread has its own, so that it needs no
/// lock; an <see cref="EventLoop"/> has one; an <see cref="InlineExecutor"/> has one for each calling thread.</para>
/// <para>When a worker exits – it is recycled, idle for long, or the executor is shut down – its objects are disposed on it, the latest first
/// (<see cref="IAsyncDisposable"/>, otherwise <see cref="IDisposable"/>), after the exit hook of the executor, which may use them. Errors are reported to
/// <see cref="Executor.UnobservedFailure"/>. A shutdown
/// waits for them: on threads without a limit, in a worker process for 2 seconds, after which the process is killed. A worker
/// process that is killed, because its task ignores a timeout for example, disposes nothing; its memory, files and connections are freed by the
/// system. The workers of a cluster belong to its nodes, and outlive the executor.</para>
/// <para>All members are thread-safe. The object itself is used by one task at a time, unless tasks start other work with it.</para>
/// </remarks>
/// <typeparam name="T">The type of the object.</typeparam>
/// <param name="factory">Creates the object, on the worker that uses it. If it throws, the task that requested the object fails with its error, and the next
/// task tries again.</param>
/// <exception cref="ArgumentNullException"><paramref name="factory"/> is null.</exception>
/// <example>
/// <code>
/// var words = new WorkerState&lt;Dictionary&lt;string, int>>(() => new() { ["tea"] = 3 }); // built once in each worker
/// int letters = await executor.Submit(() => words.Value["tea"]); // 3
/// </code>
/// </example>
public sealed class WorkerState<T>(Func<T> factory)
    where T : notnull
{
    private readonly Func<T> _factory = factory ?? throw new ArgumentNullException(nameof(factory));
    private readonly Guid _number = Guid.NewGuid(); // travels, so that all copies represent one object

    /// <summary>Gets the object of the worker that runs the calling task. Created on first use.</summary>
    /// <exception cref="InvalidOperationException">The caller is neither a task of an executor nor the exit hook of a worker.</exception>
    /// <exception cref="System.Exception">The factory threw; the exception is its own error.</exception>
    public T Value
    {
        get
        {
            if ((RunningTask.Current?.Worker ?? WorkerStates.Exiting) is not { } worker)
            {
                throw new InvalidOperationException(
                    $"WorkerState<{typeof(T).Name}>.Value was read outside a task. Each worker has an object of its own: read it inside the work that you submit.");
            }

            return (T)WorkerStates.Of(worker).Get(_number, _factory);
        }
    }
}
