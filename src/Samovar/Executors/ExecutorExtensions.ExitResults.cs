using Samovar.Tasks.Core;

namespace Samovar;

/// <content>What workers return when they exit.</content>
public static partial class ExecutorExtensions
{
    /// <summary>Shuts the executor down, like <see cref="Executor.ShutdownAsync"/> with <see cref="ShutdownMode.Drain"/>, and returns what the exit hooks of
    /// its workers returned: also those of workers that exited before, unless <see cref="TakeExitResults{T}"/> has returned them.</summary>
    /// <typeparam name="T">The type that the hook returns; <see cref="object"/> for any.</typeparam>
    /// <param name="executor">The executor.</param>
    /// <param name="cancellationToken">Cancels the wait; the shutdown itself continues.</param>
    /// <returns>One entry for each worker that was ready for tasks, by the number of the worker. An entry has the error if the hook threw, and an
    /// <see cref="ExitResultLostException"/> if the worker was killed or its hook exceeded the time limit.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="executor"/> is null.</exception>
    /// <exception cref="NotSupportedException">This executor has no exit hooks: only a <see cref="ThreadExecutor"/> and a <see cref="ProcessExecutor"/>
    /// have them.</exception>
    /// <exception cref="InvalidOperationException">The options of the executor have no exit hook, or the method was called from one of the executor's
    /// own tasks.</exception>
    /// <exception cref="InvalidCastException">A hook returned another type; the results are kept for another call.</exception>
    /// <example>
    /// <code>
    /// var executor = new ThreadExecutor(new() { Workers = 2, ExitHook = () => Environment.CurrentManagedThreadId });
    /// await executor.Submit(() => { });
    /// foreach (var exit in await executor.CollectExitResultsAsync&lt;int>()) Console.WriteLine($"{exit.Worker.Name} was thread {exit.Value}");
    /// </code>
    /// </example>
    public static Task<IReadOnlyList<ExitResult<T>>> CollectExitResultsAsync<T>(this Executor executor, CancellationToken cancellationToken = default)
    {
        var results = RequireExitResults(executor);
        return TakeAfterAsync(executor.ShutdownAsync(cancellationToken: cancellationToken));

        async Task<IReadOnlyList<ExitResult<T>>> TakeAfterAsync(Task stopped)
        {
            await stopped.ConfigureAwait(false);
            return results.Take<T>();
        }
    }

    /// <summary>Removes and returns the results of the workers that have exited so far, for an executor that runs for long and replaces its workers:
    /// results are kept until they are collected. Does not wait, and does not shut down.</summary>
    /// <typeparam name="T">The type that the hook returns; <see cref="object"/> for any.</typeparam>
    /// <param name="executor">The executor.</param>
    /// <returns>One entry for each worker, as for <see cref="CollectExitResultsAsync{T}"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="executor"/> is null.</exception>
    /// <exception cref="NotSupportedException">This executor has no exit hooks.</exception>
    /// <exception cref="InvalidOperationException">The options of the executor have no exit hook.</exception>
    /// <exception cref="InvalidCastException">A hook returned another type; the results are kept for another call.</exception>
    public static IReadOnlyList<ExitResult<T>> TakeExitResults<T>(this Executor executor) => RequireExitResults(executor).Take<T>();

    private static ExitResults RequireExitResults(Executor executor)
    {
        ArgumentNullException.ThrowIfNull(executor);
        if (executor.Core.ExitResults is { } results) return results;
        throw executor.OffersExitHook
            ? new InvalidOperationException($"'{executor.Name}' has no exit hook, so that its workers have no exit results. Set ExitHook in its options.")
            : new NotSupportedException(
                $"'{executor.Name}' is a {executor.GetType().Name}, which has no exit hooks. Only the workers of a ThreadExecutor and a ProcessExecutor have them (ExitHook in the options).");
    }
}
