using System.Diagnostics;

namespace Samovar.Executors.Actors;

/// <summary>The instance of an actor on threads of this process, and the calls that use it.</summary>
/// <remarks>
/// <list type="number">
/// <item>The gate guards all fields. The factory and the calls run outside of it.</item>
/// <item>A call whose future has completed and that is still listed was abandoned and is still running: the instance belongs to it. The next call then
/// gets another instance, or none.</item>
/// <item>The instance is disposed when no call uses it. The end admits no call and waits for the listed ones.</item>
/// </list>
/// </remarks>
internal sealed class ActorSeat<T>(ActorPlan<T> plan)
    where T : class
{
    private readonly Lock _gate = new();
    private readonly List<Future> _running = [];
    private Lazy<object> _instance = New(plan);
    private bool _isReady;
    private bool _isDisposed;

    /// <summary>Creates the first instance, and disposes it if the creation was abandoned meanwhile.</summary>
    public void Create()
    {
        object instance = _instance.Value;
        lock (_gate)
        {
            _isReady = !_isDisposed;
            if (_isReady) return;
        }

        _ = DisposeUnusedAsync(instance);
    }

    /// <summary>Abandons the creation: disposes the first instance, or has it disposed when its factory returns.</summary>
    public Task AbandonAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
            if (!_isReady) return Task.CompletedTask;
        }

        return DisposeUnusedAsync(_instance.Value);
    }

    /// <summary>Returns the instance for a call, which must <see cref="Leave"/> afterwards.</summary>
    /// <exception cref="ActorLostException">The actor is lost for good.</exception>
    public T Enter(Future call)
    {
        Lazy<object> instance;
        lock (_gate)
        {
            if (_isDisposed) throw Disposed();
            if (_running.Find(static other => other.IsCompleted) is { } abandoned)
            {
                _running.RemoveAll(static other => other.IsCompleted);
                if (plan.Life.NoteLoss(CauseOf(abandoned))) _instance = New(plan);
            }

            plan.Life.ThrowIfLost();
            instance = _instance;
            _running.Add(call);
            CheckInvariantsLocked();
        }

        try
        {
            return (T)instance.Value;
        }
        catch (Exception error)
        {
            // Only at a restart: the first instance exists before the first call.
            Leave(call);
            plan.Life.Lose(error);
            throw plan.Life.Lost();
        }
    }

    public void Leave(Future call)
    {
        lock (_gate) _running.Remove(call);
    }

    /// <summary>Disposes the instance, after all calls.</summary>
    public async Task DisposeAsync()
    {
        Lazy<object> instance;
        Future[] running;
        lock (_gate)
        {
            if (_isDisposed || plan.Life.LostBy is not null || _running.Exists(static call => call.IsCompleted)) return;
            _isDisposed = true;
            instance = _instance;
            running = [.. _running]; // calls on other threads, or at their awaits
        }

        if (running.Length > 0)
        {
            await Futures.WaitAsync(running).ConfigureAwait(true);
            lock (_gate)
            {
                if (_running.Count > 0) return; // abandoned meanwhile
            }
        }

        if (!instance.IsValueCreated) return; // lost, and no call has requested another one
        await ActorInstances.DisposeAsync(instance.Value).ConfigureAwait(true);
    }

    // No caller receives its error: the one that created the actor receives the reason for which it does not exist.
    private async Task DisposeUnusedAsync(object instance)
    {
        try
        {
            await ActorInstances.DisposeAsync(instance).ConfigureAwait(true);
        }
        catch (Exception error)
        {
            plan.Owner.Report(FailureSource.WorkerExit, 0, plan.Name, error);
        }
    }

    private static Lazy<object> New(ActorPlan<T> plan) =>
        new(() => plan.Factory() ?? throw ActorInstances.NoInstance(plan.Name), LazyThreadSafetyMode.ExecutionAndPublication);

    private static Exception CauseOf(Future abandoned) => abandoned.OwnError ?? new OperationCanceledException(
        $"Call {abandoned.Id}{(abandoned.Name is null ? "" : $" '{abandoned.Name}'")} was cancelled and is still running; it was abandoned.");

    private ObjectDisposedException Disposed() => new(plan.Name, $"Actor '{plan.Name}' of '{plan.Owner.Name}' has been disposed and accepts no more calls.");

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the instance and its calls");
        Debug.Assert(!_isDisposed, "a disposed instance takes no more calls");
    }
}
