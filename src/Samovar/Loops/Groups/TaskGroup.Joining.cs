using System.Runtime.CompilerServices;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Blocks whose policy is a value.</content>
public sealed partial class TaskGroup
{
    /// <summary>Runs a block of tasks of one kind; what comes out, and when the rest is no longer needed, the joiner says.</summary>
    /// <typeparam name="T">The type of the tasks' results.</typeparam>
    /// <typeparam name="TResult">The type of what comes out.</typeparam>
    /// <param name="body">Starts the tasks. An error of its own cancels them and comes out.</param>
    /// <param name="joiner">For instance <see cref="Joiner.FirstSuccess{T}"/>.</param>
    /// <param name="options">Name and limits; null for none.</param>
    /// <param name="cancellationToken">Cancels body and tasks from outside.</param>
    /// <param name="sourceFile">Left to the compiler: where the block stands.</param>
    /// <param name="sourceLine">Left to the compiler.</param>
    /// <exception cref="ArgumentNullException"><paramref name="body"/> or <paramref name="joiner"/> is null.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled from outside.</exception>
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
