using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Tasks.Core;
using Samovar.Tasks.Inputs;

namespace Samovar;

/// <summary>A handle of a result that stays on the worker that made it. Tasks that take it run there, and get the object itself: it is neither serialized nor
/// copied.</summary>
/// <remarks>
/// <para>Created by <c>executor.SubmitKept(…)</c>. In a <see cref="ProcessExecutor"/> the result is in the memory of one worker process; in a
/// <see cref="ThreadExecutor"/>, an <see cref="EventLoop"/> and an <see cref="InlineExecutor"/> it is an object of this process, which any worker can use.
/// </para>
/// <para>A task that takes a result of a worker process waits until that worker is free, even if others are idle, and does not count towards
/// <see cref="ProcessExecutorOptions.QueueCapacity"/>.</para>
/// <para>If the worker exits, its results are lost: tasks that were to take them fail with <see cref="KeptResultLostException"/>. A worker that
/// keeps results is not stopped for being idle.</para>
/// <para>The result is freed when the handle has been disposed, or collected by the garbage collector, and the tasks that take it have completed.
/// The object is not disposed then, only dropped.</para>
/// <para>Several tasks may get the same object, one after the other in a worker process, at the same time on threads. All members are thread-safe. A handle
/// cannot be captured by work in another process.</para>
/// </remarks>
/// <typeparam name="T">The type of the result.</typeparam>
[DebuggerDisplay("kept on {Worker.Name,nq}")]
public sealed class Kept<T> : IDisposable
{
    private readonly KeptPlace? _place;
    private readonly T _local;
    private int _isDisposed; // Interlocked

    private Kept(ExecutorCore core, KeptPlace? place, T local, WorkerIdentity worker)
    {
        Core = core;
        _place = place;
        _local = local;
        Worker = worker;
        if (place is null) GC.SuppressFinalize(this);
    }

    /// <summary>Frees the result of a handle that was not disposed.</summary>
    ~Kept() => Dispose();

    /// <summary>Gets the worker that made the result.</summary>
    public WorkerIdentity Worker { get; }

    internal ExecutorCore Core { get; }

    /// <summary>Where the result is; null if it is in this process.</summary>
    internal KeptPlace? Place
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            return _place;
        }
    }

    /// <summary>The result, if it is in this process.</summary>
    internal T Local
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            return _local;
        }
    }

    /// <summary>Submits a task that takes the result, to the worker that has it.</summary>
    /// <typeparam name="TResult">The type of the task's result, which is sent to this process.</typeparam>
    /// <param name="work">The delegate to run. Its token is in <see cref="TaskContext.CancellationToken"/>.</param>
    /// <param name="options">The name, timeout, retry policy, priority and cancellation token; null for the defaults.</param>
    /// <returns>A future that completes when the work has completed. It fails with <see cref="KeptResultLostException"/> if the worker has exited.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The handle has been disposed, or the executor has been shut down.</exception>
    public Future<TResult> Then<TResult>(Func<T, TResult> work, TaskOptions? options = null) =>
        KeptTasks.Call<T, TResult>(this, work, DelegateKind.Synchronous, bringsResult: true, options);

    /// <inheritdoc cref="Then{TResult}(Func{T, TResult}, TaskOptions?)"/>
    public Future<TResult> Then<TResult>(Func<T, Task<TResult>> work, TaskOptions? options = null) =>
        KeptTasks.Call<T, TResult>(this, work, DelegateKind.Asynchronous, bringsResult: true, options);

    /// <inheritdoc cref="Then{TResult}(Func{T, TResult}, TaskOptions?)" path="/*[not(self::typeparam)]"/>
    public Future Then(Action<T> work, TaskOptions? options = null) =>
        KeptTasks.Call<T, NoResult>(this, work, DelegateKind.Synchronous, bringsResult: false, options);

    /// <inheritdoc cref="Then{TResult}(Func{T, TResult}, TaskOptions?)" path="/*[not(self::typeparam)]"/>
    public Future Then(Func<T, Task> work, TaskOptions? options = null) =>
        KeptTasks.Call<T, NoResult>(this, work, DelegateKind.Asynchronous, bringsResult: false, options);

    /// <summary>Submits a task that takes the result, and whose own result stays on the same worker.</summary>
    /// <typeparam name="TResult">The type of the task's result.</typeparam>
    /// <param name="work">The delegate to run. Its token is in <see cref="TaskContext.CancellationToken"/>.</param>
    /// <param name="options">The name, timeout, retry policy, priority and cancellation token; null for the defaults.</param>
    /// <returns>A future whose result is the handle of what the work returned.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The handle has been disposed, or the executor has been shut down.</exception>
    public Future<Kept<TResult>> ThenKept<TResult>(Func<T, TResult> work, TaskOptions? options = null) =>
        KeptTasks.Keep<T, TResult>(this, work, DelegateKind.Synchronous, options);

    /// <inheritdoc cref="ThenKept{TResult}(Func{T, TResult}, TaskOptions?)"/>
    public Future<Kept<TResult>> ThenKept<TResult>(Func<T, Task<TResult>> work, TaskOptions? options = null) =>
        KeptTasks.Keep<T, TResult>(this, work, DelegateKind.Asynchronous, options);

    /// <summary>Returns the result to this process: a copy, if a worker process has it.</summary>
    /// <param name="options">The options of the task that sends it; null for the defaults.</param>
    /// <returns>A future with the result.</returns>
    /// <exception cref="ObjectDisposedException">The handle has been disposed, or the executor has been shut down.</exception>
    public Future<T> Fetch(TaskOptions? options = null) => Then(static value => value, options);

    /// <summary>Frees the result as soon as the tasks that take it have completed. New tasks are refused.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        GC.SuppressFinalize(this);
        _place?.Release();
    }

    /// <inheritdoc/>
    public override string ToString() => $"kept on {Worker.Name}";

    /// <summary>Creates the handle of a result that a worker process keeps.</summary>
    internal static Kept<T> On(Future task)
    {
        var place = task.Core.Remote!.PlaceOf(task);
        return new Kept<T>(task.Core, place, default!, place.Worker);
    }

    /// <summary>Creates the handle of a result in this process, inside the task that made it.</summary>
    internal static Kept<T> Here(ExecutorCore core, T value) => new(core, null, value, RunningTask.Current!.Worker!);
}
