using System.Runtime.ExceptionServices;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Actors;

/// <summary>An actor in the process that has created it: admits its calls and ends it.</summary>
/// <remarks>
/// <para>Each actor has an executor of its own, whose tasks are its calls; so a call has everything that a task has.</para>
/// <list type="number">
/// <item>The end begins once: from then on calls are refused.</item>
/// <item>Unless the executor is killed, the last task, after all accepted calls, disposes the instance on its worker.</item>
/// <item>The actor's executor is shut down, and the actor leaves the executor that has created it.</item>
/// </list>
/// </remarks>
/// <typeparam name="T">The type of the instance.</typeparam>
internal abstract class ActorHost<T> : ExecutorMember, IActorAccess<T>
    where T : class
{
    private readonly TaskOptions? _callDefaults;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly OwnTasks _own = new();
    private Exception? _disposalError;
    private bool _isClosed;
    private int _endBegan;

    protected ActorHost(ActorPlan<T> plan, ExecutorCore core)
    {
        Plan = plan;
        Executor = new ActorExecutor(core);
        if (plan.Options.CallTimeout is { } timeout) _callDefaults = new TaskOptions { Timeout = timeout };
    }

    public ActorPlan<T> Plan { get; }

    public string Name => Plan.Name;

    public string ExecutorName => Plan.Owner.Name;

    public virtual long Key => 0;

    /// <summary>The executor whose tasks are the calls.</summary>
    protected ActorExecutor Executor { get; }

    public override long Outstanding => Executor.Core.Counters.Outstanding;

    public override bool Runs(Future task) => ReferenceEquals(task.Core, Executor.Core);

    /// <summary>Starts the worker and creates the first instance.</summary>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    public virtual Future Call(Delegate call, DelegateKind kind, TaskOptions? options)
    {
        options = Admit(call, options);
        return Executor.SubmitCore(Wrap(call, kind), kind, options);
    }

    public virtual Future<TResult> Call<TResult>(Delegate call, DelegateKind kind, TaskOptions? options)
    {
        options = Admit(call, options);
        return Executor.SubmitCore<TResult>(Wrap<TResult>(call, kind), kind, options);
    }

    public ActorStatistics GetStatistics()
    {
        var figures = Executor.GetStatistics();
        long[] own = _own.Count();
        return new ActorStatistics
        {
            Name = Plan.Name,
            Executor = Plan.Owner.Name,
            Calls = Math.Max(0, figures.Submitted - own.Sum()),
            Queued = Without(figures.Queued, FutureState.Queued),
            Running = Without(figures.Running, FutureState.Running),
            Succeeded = Without(figures.Succeeded, FutureState.Succeeded),
            Failed = Without(figures.Failed, FutureState.Failed),
            Canceled = Without(figures.Canceled, FutureState.Canceled),
            Restarts = Plan.Life.Restarts,
            IsLost = Plan.Life.LostBy is not null,
        };

        long Without(long figure, FutureState state) => Math.Max(0, figure - own[(int)state]);
    }

    public sealed override Task DrainAsync(CancellationToken cancellationToken) =>
        RunsThisActor() ? throw InOwnCall("was drained") : Executor.Core.DrainAsync(cancellationToken);

    /// <summary>Ends the actor because its owner has disposed it; throws the error of the instance's disposal.</summary>
    public async Task DisposeAsync()
    {
        if (RunsThisActor()) throw InOwnCall("was disposed");
        bool isFirst = !Volatile.Read(ref _isClosed);
        await EndAsync(ShutdownMode.Drain, TimeSpan.Zero, isFirst).ConfigureAwait(false);
        if (isFirst && Volatile.Read(ref _disposalError) is { } error) ExceptionDispatchInfo.Throw(error);
    }

    public sealed override Task EndAsync(ShutdownMode mode, TimeSpan grace) => EndAsync(mode, grace, isErrorTaken: false);

    /// <summary>Returns the delegate that runs a call on the instance.</summary>
    protected abstract Delegate Wrap(Delegate call, DelegateKind kind);

    /// <inheritdoc cref="Wrap(Delegate, DelegateKind)"/>
    protected abstract Delegate Wrap<TResult>(Delegate call, DelegateKind kind);

    /// <summary>Waits until no accepted call can run at the same time as the disposal.</summary>
    protected virtual Task LastCallsAsync() => Task.CompletedTask;

    /// <summary>Returns the asynchronous delegate that disposes the instance on its worker.</summary>
    protected abstract Func<Task> Disposal { get; }

    /// <summary>Submits a task of the actor's own, which its statistics do not count.</summary>
    protected Future SubmitOwn(Delegate work, DelegateKind kind)
    {
        var own = Executor.SubmitCore(work, kind, null, regardless: true);
        _own.Add(own);
        return own;
    }

    /// <summary>Whether the calling code is a call of this actor.</summary>
    protected virtual bool RunsThisActor() =>
        RunningTask.Current is { IsCompleted: false } task && (ReferenceEquals(task.Core, Executor.Core) || ReferenceEquals(task.Core.Owner, Executor.Core));

    private TaskOptions? Admit(Delegate call, TaskOptions? options)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (Volatile.Read(ref _isClosed))
            throw new ObjectDisposedException(Plan.Name, $"Actor '{Plan.Name}' of '{Plan.Owner.Name}' has been disposed and accepts no more calls.");
        Plan.Life.ThrowIfLost();
        if (RunsThisActor()) throw InOwnCall("was called");
        if (options is null) return _callDefaults;
        CallRules.Check(options, Name, ExecutorName);
        return options.Timeout is null && _callDefaults is not null ? options with { Timeout = _callDefaults.Timeout } : options;
    }

    private InvalidOperationException InOwnCall(string what) => CallRules.InOwnCall(Name, ExecutorName, what);

    private async Task EndAsync(ShutdownMode mode, TimeSpan grace, bool isErrorTaken)
    {
        Volatile.Write(ref _isClosed, true);
        if (mode == ShutdownMode.CancelQueued) Executor.Core.CancelQueued();
        var killed = mode == ShutdownMode.Kill ? Executor.Core.ShutdownAsync(mode, grace) : Task.CompletedTask;
        if (Interlocked.Exchange(ref _endBegan, 1) == 0)
        {
            try
            {
                if (await DisposeInstanceAsync().ConfigureAwait(false) is { } error)
                {
                    Volatile.Write(ref _disposalError, error);
                    if (!isErrorTaken) Plan.Owner.Report(FailureSource.WorkerExit, 0, Plan.Name, error);
                }

                await Executor.Core.ShutdownAsync(ShutdownMode.Drain, TimeSpan.Zero).ConfigureAwait(false);
            }
            finally
            {
                Plan.Owner.RemoveMember(this);
                _ended.SetResult();
            }
        }

        await killed.ConfigureAwait(false);
        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Disposes the instance after all accepted calls. Returns the error of its disposal; null if it succeeded, or there is no instance.</summary>
    private async Task<Exception?> DisposeInstanceAsync()
    {
        await LastCallsAsync().ConfigureAwait(false);
        while (Plan.Life is { IsCreated: true, LostBy: null } && !Executor.Core.IsDiscarding)
        {
            Future? disposal = null;
            try
            {
                disposal = SubmitOwn(Disposal, DelegateKind.Asynchronous);
                await disposal.ConfigureAwait(false);
                return null;
            }
            catch (OperationCanceledException) when (disposal?.State == FutureState.Canceled)
            {
                // Cancelled with the queued calls: the next round submits it again, unless the actor is killed.
            }
            catch (Exception error) when (error is ActorLostException or ObjectDisposedException or IStartFailure && disposal?.Worker is null)
            {
                return null; // lost or killed meanwhile: there is no instance to dispose
            }
            catch (Exception error)
            {
                return error;
            }
        }

        return null;
    }
}
