using System.Diagnostics;
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

    private DelegateFuture SubmitCore(Delegate work, DelegateKind kind, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(work);
        long id = Core.Admit(options);
        var (span, outer) = TaskSpan.IsOn ? BeginSpan(work) : default;
        var future = new DelegateFuture(Core, work, kind, options, id);
        Accept(future, span, outer);
        return future;
    }

    private DelegateFuture<T> SubmitCore<T>(Delegate work, DelegateKind kind, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(work);
        long id = Core.Admit(options);
        var (span, outer) = TaskSpan.IsOn ? BeginSpan(work) : default;
        var future = new DelegateFuture<T>(Core, work, kind, options, id);
        Accept(future, span, outer);
        return future;
    }

    private void Accept(Future future, Activity? span, ActivityPlace outer)
    {
        if (span is not null) TaskMeasures.Take(future, span);
        future.TrackExternal();
        try
        {
            Core.Accept(future);
        }
        catch (Exception refusal)
        {
            future.UntrackExternal();
            if (span is not null) TaskMeasures.Refused(future, span, refusal);
            throw;
        }
        finally
        {
            if (span is not null) TaskSpan.Leave(span, outer);
        }
    }

    /// <summary>Starts the activity of a task, under which its future is then created. Returns it with the submitter's place.</summary>
    private (Activity? Span, ActivityPlace Outer) BeginSpan(Delegate work)
    {
        var outer = ActivityPlace.Capture();
        try
        {
            return (TaskSpan.Begin(work), outer);
        }
        catch (Exception fromListener)
        {
            // The listener belongs to other code; the task runs without an activity. The activity may have become current before the listener threw.
            outer.Restore();
            Core.Report(FailureSource.MeterListener, 0, null, fromListener);
            return default;
        }
    }
}
