using System.Runtime.CompilerServices;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Groups with a joiner.</content>
public sealed partial class TaskGroup
{
    /// <summary>Opens a group of tasks with results of one type. The joiner decides what the group returns and when the remaining tasks are no longer
    /// needed.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    /// <typeparam name="TResult">The type of the group's result.</typeparam>
    /// <param name="body">The body, which starts the tasks. An exception that it throws cancels them and is thrown.</param>
    /// <param name="joiner">The joiner, such as <see cref="Joiner.FirstSuccess{T}"/>.</param>
    /// <param name="options">The group's name and limits; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the body and the tasks.</param>
    /// <param name="sourceFile">The file that contains the call. Supplied by the compiler.</param>
    /// <param name="sourceLine">The line of the call. Supplied by the compiler.</param>
    /// <returns>The joiner's result.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> or <paramref name="joiner"/> is null.</exception>
    /// <exception cref="OperationCanceledException">The token or an enclosing scope was cancelled.</exception>
    public static Task<TResult> RunAsync<T, TResult>(
        Func<TaskGroup<T>, Task> body, Joiner<T, TResult> joiner, TaskGroupOptions? options = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(joiner);
        var policy = new TaskGroup<T>.Policy<TResult>(joiner);
        var group = new TaskGroup(options, policy, sourceFile, sourceLine);
        return UnaskedCancellation.FailsIn(
            DecideAsync(), group, static group => group.HasNoErrors && group.Scope.IsCanceledFromOutside);

        async Task<TResult> DecideAsync()
        {
            await group.RunBlockAsync(opened => body(new TaskGroup<T>(opened)), cancellationToken).ConfigureAwait(true);
            return policy.Decide();
        }
    }

    /// <inheritdoc cref="RunAsync{T, TResult}(Func{TaskGroup{T}, Task}, Joiner{T, TResult}, TaskGroupOptions?, CancellationToken, string, int)"/>
    public static Task<TResult> RunAsync<T, TResult>(
        Action<TaskGroup<T>> body, Joiner<T, TResult> joiner, TaskGroupOptions? options = null, CancellationToken cancellationToken = default,
        [CallerFilePath] string sourceFile = "", [CallerLineNumber] int sourceLine = 0)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunAsync(
            group =>
            {
                body(group);
                return Task.CompletedTask;
            },
            joiner, options, cancellationToken, sourceFile, sourceLine);
    }
}
