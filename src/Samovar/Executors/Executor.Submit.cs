using Samovar.Diagnostics.Metering;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>The overloads of <c>Submit</c>, one for each kind of delegate. All call <see cref="SubmitCore"/> or
/// <see cref="SubmitCore{T}"/>.</content>
public abstract partial class Executor
{
    /// <summary>Queues work for execution and returns a future for its completion.</summary>
    /// <remarks>
    /// <para>Returns at once, unless a bounded queue is full and <see cref="QueueFullMode.Wait"/> is set, or the executor is an
    /// <see cref="InlineExecutor"/>.</para>
    /// <para>An executor that runs tasks in other processes captures the state of the delegate at each call, even for the same delegate. To
    /// run one delegate with a lot of captured data many times, use <c>Map</c> or <c>ForEachAsync</c>, which send that data once to each
    /// worker.</para>
    /// </remarks>
    /// <param name="work">The delegate to run. Its token, if it takes one, is cancelled when the task is cancelled or times out. An
    /// asynchronous delegate occupies its worker until the task that it returns has completed.</param>
    /// <param name="options">The name, timeout, retry policy, priority and cancellation token; null for the defaults.</param>
    /// <returns>A future that completes when the work has completed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="InsufficientResourcesException">The options require more of a resource than the executor has in total.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <exception cref="QueueFullException">The executor's bounded queue is full, and <see cref="QueueFullMode.Reject"/> is
    /// set.</exception>
    /// <exception cref="OperationCanceledException">The executor's bounded queue is full, and the options' token was cancelled while the
    /// call waited for room.</exception>
    /// <example>
    /// <code>
    /// Future&lt;int> future = executor.Submit(() => Enumerable.Range(1, 100).Sum());
    /// int sum = await future;
    /// </code>
    /// </example>
    public Future Submit(Action work, TaskOptions? options = null) =>
        SubmitCore(work, DelegateKind.Synchronous, options);

    /// <inheritdoc cref="Submit(Action, TaskOptions?)"/>
    public Future Submit(Action<CancellationToken> work, TaskOptions? options = null) =>
        SubmitCore(work, DelegateKind.SynchronousWithToken, options);

    /// <inheritdoc cref="Submit(Action, TaskOptions?)"/>
    public Future Submit(Func<Task> work, TaskOptions? options = null) =>
        SubmitCore(work, DelegateKind.Asynchronous, options);

    /// <inheritdoc cref="Submit(Action, TaskOptions?)"/>
    public Future Submit(Func<CancellationToken, Task> work, TaskOptions? options = null) =>
        SubmitCore(work, DelegateKind.AsynchronousWithToken, options);

    /// <inheritdoc cref="Submit(Action, TaskOptions?)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    public Future<T> Submit<T>(Func<T> work, TaskOptions? options = null) =>
        SubmitCore<T>(work, DelegateKind.Synchronous, options);

    /// <inheritdoc cref="Submit{T}(Func{T}, TaskOptions?)"/>
    public Future<T> Submit<T>(Func<CancellationToken, T> work, TaskOptions? options = null) =>
        SubmitCore<T>(work, DelegateKind.SynchronousWithToken, options);

    /// <inheritdoc cref="Submit{T}(Func{T}, TaskOptions?)"/>
    public Future<T> Submit<T>(Func<Task<T>> work, TaskOptions? options = null) =>
        SubmitCore<T>(work, DelegateKind.Asynchronous, options);

    /// <inheritdoc cref="Submit{T}(Func{T}, TaskOptions?)"/>
    public Future<T> Submit<T>(Func<CancellationToken, Task<T>> work, TaskOptions? options = null) =>
        SubmitCore<T>(work, DelegateKind.AsynchronousWithToken, options);

    /// <param name="work">The delegate.</param>
    /// <param name="kind">How it is called.</param>
    /// <param name="options">The options of the task.</param>
    /// <param name="regardless">Whether the task is accepted even if a bounded queue is full.</param>
    internal Future SubmitCore(Delegate work, DelegateKind kind, TaskOptions? options, bool regardless = false)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (options?.RequiredAmounts is { } amounts) Core.CheckResources(amounts);
        long id = regardless ? Core.AdmitAgain(options ?? TaskOptions.Default) : Core.Admit(options);
        var (span, outer) = TaskSpan.IsOn ? TaskSpan.BeginFor(work, Core.Failures) : default;
        var future = new DelegateFuture(Core, work, kind, options, id);
        TaskAdmission.Accept(future, span, outer);
        return future;
    }

    internal Future<T> SubmitCore<T>(Delegate work, DelegateKind kind, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (options?.RequiredAmounts is { } amounts) Core.CheckResources(amounts);
        long id = Core.Admit(options);
        var (span, outer) = TaskSpan.IsOn ? TaskSpan.BeginFor(work, Core.Failures) : default;
        var future = new DelegateFuture<T>(Core, work, kind, options, id);
        TaskAdmission.Accept(future, span, outer);
        return future;
    }
}
