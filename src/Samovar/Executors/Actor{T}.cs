using System.Diagnostics;
using Samovar.Executors.Actors;
using Samovar.Executors.Actors.Captured;
using Samovar.Serialization;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Represents an object that lives on one worker of an executor and is used by calls: a model, a connection, a cache. Create it with
/// <see cref="Executor.CreateActorAsync"/>.</summary>
/// <remarks>
/// <para>All members are thread-safe. Calls run one at a time, in the order in which they were made, unless <see cref="ActorOptions.Concurrency"/> allows
/// more. An asynchronous call has its turn until its task has completed.</para>
/// <para>The actor lives until it is disposed, until it is garbage-collected, or until its executor is shut down. If its process dies, it is lost, or
/// restarted: see <see cref="ActorOptions.Restart"/>.</para>
/// <para>A task can capture an actor, also in another process. There it is a copy that calls the same object, through the program that created the actor,
/// until that task has completed: <see cref="CallAsync(Action{T}, TaskOptions?)"/> and <see cref="Name"/> can be used, and the other members throw
/// <see cref="InvalidOperationException"/>. The work and the results of such calls cannot contain live values, such as tokens and queues. A cluster
/// cannot send actors to its nodes.</para>
/// </remarks>
/// <typeparam name="T">The type of the object.</typeparam>
/// <example>
/// <code>
/// await using Actor&lt;List&lt;int>> numbers = await executor.CreateActorAsync(() => new List&lt;int>());
/// await numbers.CallAsync(list => list.Add(7));
/// int count = await numbers.CallAsync(list => list.Count); // 1
/// </code>
/// </example>
[ShipWith(typeof(ActorCodec<>))]
[DebuggerDisplay("{Name,nq}")]
public sealed class Actor<T> : IAsyncDisposable
    where T : class
{
    private readonly ActorHost<T>? _host; // null for a copy in another process
    private readonly Executor? _executor;

    internal Actor(Executor executor, ActorHost<T> host)
    {
        _executor = executor;
        Access = _host = host;
    }

    internal Actor(ActorProxy<T> proxy)
    {
        Access = proxy;
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends an unreferenced actor after its accepted calls.</summary>
    ~Actor()
    {
        // On the thread pool, because the end may run code of the program on its thread. Its errors are reported to the executor.
        if (_host is { } host)
            ThreadPool.UnsafeQueueUserWorkItem(static host => _ = host.EndAsync(ShutdownMode.Drain, TimeSpan.Zero), (ExecutorMember)host, preferLocal: false);
    }

    /// <summary>Gets the actor's name, as it appears in errors and statistics.</summary>
    public string Name => Access.Name;

    /// <summary>Gets the executor that created the actor. The actor keeps it alive.</summary>
    /// <exception cref="InvalidOperationException">This is a copy in another process than the one that created the actor.</exception>
    public Executor Executor => _executor ?? throw ((ActorProxy<T>)Access).OnlyWhereItWasCreated(nameof(Executor));

    /// <summary>The host, or the proxy of a copy.</summary>
    internal IActorAccess<T> Access { get; }

    /// <summary>Calls the object: queues the call and returns a future for its completion.</summary>
    /// <param name="call">The delegate to run with the object on the actor's worker. Its token, if it takes one, is cancelled when the call is cancelled or
    /// times out.</param>
    /// <param name="options">The name, timeout and cancellation token of the call; null for the defaults. A call has no retries and no priority.</param>
    /// <returns>A future that completes when the call has completed.</returns>
    /// <remarks>
    /// <para>A call that waits can be cancelled; then it never runs. A call that runs longer than its timeout, or was cancelled, and ignores its token is
    /// stopped like a task: after <see cref="ExecutorOptions.CancellationGrace"/> its process is killed, or it is abandoned on its thread. The actor is then
    /// lost, or restarted.</para>
    /// </remarks>
    /// <exception cref="ArgumentNullException"><paramref name="call"/> is null.</exception>
    /// <exception cref="ArgumentException">The options have a retry policy or a priority.</exception>
    /// <exception cref="ObjectDisposedException">The actor has been disposed, or its executor has been shut down.</exception>
    /// <exception cref="ActorLostException">The actor was lost for good.</exception>
    /// <exception cref="InvalidOperationException">The actor was called by one of its own calls, which would wait for itself.</exception>
    /// <exception cref="QueueFullException"><see cref="ActorOptions.QueueCapacity"/> calls wait, and <see cref="QueueFullMode.Reject"/> is set.</exception>
    /// <exception cref="OperationCanceledException">The actor's queue is full, and the options' token was cancelled while the call waited for
    /// room.</exception>
    public Future CallAsync(Action<T> call, TaskOptions? options = null) => Kept(Access.Call(call, DelegateKind.Synchronous, options));

    /// <inheritdoc cref="CallAsync(Action{T}, TaskOptions?)"/>
    public Future CallAsync(Action<T, CancellationToken> call, TaskOptions? options = null) =>
        Kept(Access.Call(call, DelegateKind.SynchronousWithToken, options));

    /// <inheritdoc cref="CallAsync(Action{T}, TaskOptions?)"/>
    public Future CallAsync(Func<T, Task> call, TaskOptions? options = null) => Kept(Access.Call(call, DelegateKind.Asynchronous, options));

    /// <inheritdoc cref="CallAsync(Action{T}, TaskOptions?)"/>
    public Future CallAsync(Func<T, CancellationToken, Task> call, TaskOptions? options = null) =>
        Kept(Access.Call(call, DelegateKind.AsynchronousWithToken, options));

    /// <inheritdoc cref="CallAsync(Action{T}, TaskOptions?)"/>
    /// <typeparam name="TResult">The type of the result.</typeparam>
    public Future<TResult> CallAsync<TResult>(Func<T, TResult> call, TaskOptions? options = null) =>
        Kept(Access.Call<TResult>(call, DelegateKind.Synchronous, options));

    /// <inheritdoc cref="CallAsync{TResult}(Func{T, TResult}, TaskOptions?)"/>
    public Future<TResult> CallAsync<TResult>(Func<T, CancellationToken, TResult> call, TaskOptions? options = null) =>
        Kept(Access.Call<TResult>(call, DelegateKind.SynchronousWithToken, options));

    /// <inheritdoc cref="CallAsync{TResult}(Func{T, TResult}, TaskOptions?)"/>
    public Future<TResult> CallAsync<TResult>(Func<T, Task<TResult>> call, TaskOptions? options = null) =>
        Kept(Access.Call<TResult>(call, DelegateKind.Asynchronous, options));

    /// <inheritdoc cref="CallAsync{TResult}(Func{T, TResult}, TaskOptions?)"/>
    public Future<TResult> CallAsync<TResult>(Func<T, CancellationToken, Task<TResult>> call, TaskOptions? options = null) =>
        Kept(Access.Call<TResult>(call, DelegateKind.AsynchronousWithToken, options));

    /// <summary>Waits until every call has completed. The actor continues to accept calls.</summary>
    /// <param name="cancellationToken">Cancels the wait, not the calls.</param>
    /// <returns>A task that completes when no call is incomplete.</returns>
    /// <exception cref="InvalidOperationException">The method was called by one of the actor's own calls, which would wait for itself.</exception>
    public Task DrainAsync(CancellationToken cancellationToken = default) =>
        Tracked(Access.DrainAsync(cancellationToken));

    /// <summary>Returns a snapshot of the actor's state and counters.</summary>
    /// <returns>An immutable snapshot.</returns>
    public ActorStatistics GetStatistics() => Access.GetStatistics();

    /// <summary>Ends the actor: it accepts no more calls, its accepted calls run to completion, then the object is disposed on its worker, if it is
    /// <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/>, and the worker exits. Further calls wait for the same end.</summary>
    /// <returns>A task that completes when the actor has ended. It fails with the error of the object's disposal.</returns>
    /// <exception cref="InvalidOperationException">The method was called by one of the actor's own calls, which would wait for itself.</exception>
    public async ValueTask DisposeAsync()
    {
        await Tracked(Access.DisposeAsync()).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Access.ExecutorName})";

    private Task Tracked(Task task) => ExternalWorkTracker.TrackExternalAsync(Executor.Core, task);

    private TFuture Kept<TFuture>(TFuture future)
    {
        GC.KeepAlive(this); // until the call is accepted, so that the end comes after it
        return future;
    }
}
