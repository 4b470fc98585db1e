using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Submit, for every kind of delegate. All lead to <see cref="SubmitCore"/> or <see cref="SubmitCore{T}"/>.</content>
public abstract partial class Executor
{
    /// <summary>Hands work over and gives its future at once.</summary>
    /// <remarks>Where work is sent to another process, what it captured is taken as it is now, at each call, also for the same delegate. To run
    /// one lambda with much captured data many times, use a map, which sends that data once to each worker.</remarks>
    /// <param name="work">What to run. The token, where it takes one, trips when the task is cancelled or out of time. An
    /// asynchronous delegate keeps its worker until its task has ended.</param>
    /// <param name="options">Name, timeout, retries, priority, cancellation; null for none of them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The executor has been shut down.</exception>
    /// <exception cref="QueueFullException">The executor's bounded queue is full and was told to reject.</exception>
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
        var future = new DelegateFuture(Core, work, kind, options, Core.Admit(options));
        Accept(future);
        return future;
    }

    private DelegateFuture<T> SubmitCore<T>(Delegate work, DelegateKind kind, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(work);
        var future = new DelegateFuture<T>(Core, work, kind, options, Core.Admit(options));
        Accept(future);
        return future;
    }

    private void Accept(Future future)
    {
        future.TrackExternal();
        try
        {
            Core.Accept(future);
        }
        catch
        {
            future.UntrackExternal();
            throw;
        }
    }
}
