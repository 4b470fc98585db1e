using Samovar.Primitives;
using Samovar.Tasks.Core;
using Samovar.Tasks.Inputs;

namespace Samovar;

/// <summary>Provides methods that submit a task to follow another one. Thread-safe.</summary>
public static class FutureExtensions
{
    /// <summary>Submits a task that starts when this one has succeeded, to the same executor. To use another executor, pass the future to its
    /// <c>Submit</c>.</summary>
    /// <remarks>If this task fails, the other one fails with <see cref="InputFailedException"/>; if it is cancelled, so is the other one. No worker is
    /// occupied while the task waits. See <see cref="ExecutorExtensions.Submit{T}(Executor, Future{T}, Action{T}, TaskOptions?)"/>, which has the same rules.</remarks>
    /// <param name="future">The task to follow.</param>
    /// <param name="work">The delegate to run, with the result of this task as its argument if it takes one.</param>
    /// <param name="options">The name, timeout, retry policy, priority and cancellation token; null for the defaults.</param>
    /// <returns>A future that completes when the work has completed, or this task has not succeeded.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="future"/> or <paramref name="work"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <exception cref="QueueFullException">The executor's bounded queue is full, and <see cref="QueueFullMode.Reject"/> is set.</exception>
    /// <example>
    /// <code>
    /// int length = await executor.Submit(() => "tea").Then(word => word.Length).Then(length => length * 2); // 6
    /// </code>
    /// </example>
    public static Future Then(this Future future, Action work, TaskOptions? options = null) =>
        Submit(future, new CallAfter<NoResult>(work, DelegateKind.Synchronous, bringsResult: false), options);

    /// <inheritdoc cref="Then(Future, Action, TaskOptions?)"/>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Then<TResult>(this Future future, Func<TResult> work, TaskOptions? options = null) =>
        Submit(future, new CallAfter<TResult>(work, DelegateKind.Synchronous, bringsResult: true), options);

    /// <inheritdoc cref="Then(Future, Action, TaskOptions?)"/>
    public static Future Then(this Future future, Func<Task> work, TaskOptions? options = null) =>
        Submit(future, new CallAfter<NoResult>(work, DelegateKind.Asynchronous, bringsResult: false), options);

    /// <inheritdoc cref="Then(Future, Action, TaskOptions?)"/>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Then<TResult>(this Future future, Func<Task<TResult>> work, TaskOptions? options = null) =>
        Submit(future, new CallAfter<TResult>(work, DelegateKind.Asynchronous, bringsResult: true), options);

    /// <inheritdoc cref="Then(Future, Action, TaskOptions?)"/>
    /// <typeparam name="T">The type of the result of the task to follow.</typeparam>
    public static Future Then<T>(this Future<T> future, Action<T> work, TaskOptions? options = null) =>
        Submit(future, new CallWithOne<T, NoResult>(work, DelegateKind.Synchronous, bringsResult: false), options);

    /// <inheritdoc cref="Then(Future, Action, TaskOptions?)"/>
    /// <typeparam name="T">The type of the result of the task to follow.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Then<T, TResult>(this Future<T> future, Func<T, TResult> work, TaskOptions? options = null) =>
        Submit(future, new CallWithOne<T, TResult>(work, DelegateKind.Synchronous, bringsResult: true), options);

    /// <inheritdoc cref="Then(Future, Action, TaskOptions?)"/>
    /// <typeparam name="T">The type of the result of the task to follow.</typeparam>
    public static Future Then<T>(this Future<T> future, Func<T, Task> work, TaskOptions? options = null) =>
        Submit(future, new CallWithOne<T, NoResult>(work, DelegateKind.Asynchronous, bringsResult: false), options);

    /// <inheritdoc cref="Then(Future, Action, TaskOptions?)"/>
    /// <typeparam name="T">The type of the result of the task to follow.</typeparam>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public static Future<TResult> Then<T, TResult>(this Future<T> future, Func<T, Task<TResult>> work, TaskOptions? options = null) =>
        Submit(future, new CallWithOne<T, TResult>(work, DelegateKind.Asynchronous, bringsResult: true), options);

    private static DependentFuture<TResult> Submit<TResult>(Future future, DependentCall<TResult> call, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(future);
        return DependentTasks.Submit(future.Core, call, [future], options);
    }
}
