using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Samovar.Tasks.Core;

/// <summary>The objects that one worker keeps for its tasks, by the number of their <see cref="WorkerState{T}"/>. Thread-safe.</summary>
/// <remarks>Factories and disposals are code of the program: they run under no lock of this class. (<see cref="Lazy{T}"/> holds one for each object, which
/// only its factory can need.)</remarks>
internal sealed class WorkerStates
{
    private static readonly ConditionalWeakTable<WorkerIdentity, WorkerStates> s_all = [];

    [ThreadStatic]
    private static WorkerIdentity? t_exiting;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Lazy<object>> _states = [];
    private readonly List<Lazy<object>> _order = []; // in the order in which they were first requested
    private bool _isClosed;

    /// <summary>The worker whose exit hook runs on this thread; null if none does.</summary>
    public static WorkerIdentity? Exiting
    {
        get => t_exiting;
        set => t_exiting = value;
    }

    /// <summary>Returns the objects of a worker.</summary>
    public static WorkerStates Of(WorkerIdentity worker) => s_all.GetOrCreateValue(worker);

    /// <summary>Disposes the objects of a worker that exits, the latest first; the worker creates no more. Blocks until they are disposed.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="failures">Receives the errors of disposals.</param>
    public static void Dispose(WorkerIdentity worker, ExecutorCore failures)
    {
        if (s_all.TryGetValue(worker, out var states)) states.Dispose(failures);
    }

    /// <summary>Returns an object of the worker. Created on first use; if the factory throws, the next use calls it again.</summary>
    public object Get<T>(Guid number, Func<T> factory)
        where T : notnull
    {
        Lazy<object>? state;
        lock (_gate)
        {
            if (!_states.TryGetValue(number, out state))
            {
                if (_isClosed)
                    throw new ObjectDisposedException(typeof(WorkerState<T>).Name, $"WorkerState<{typeof(T).Name}>.Value was read while its worker exits, which creates no more objects.");
                _states.Add(number, state = Deferred(factory));
                _order.Add(state);
            }

            CheckInvariantsLocked();
        }

        try
        {
            return state.Value;
        }
        catch
        {
            lock (_gate)
            {
                if (!state.IsValueCreated && _states.TryGetValue(number, out var current) && ReferenceEquals(current, state))
                {
                    _states.Remove(number);
                    _order.Remove(state);
                }
            }

            throw;
        }
    }

    // A method of its own, so that a use of an object that exists creates no closure.
    private static Lazy<object> Deferred<T>(Func<T> factory)
        where T : notnull => new(() => factory());

    private void Dispose(ExecutorCore failures)
    {
        Lazy<object>[] states;
        lock (_gate)
        {
            _isClosed = true;
            states = [.. _order];
            _order.Clear();
            _states.Clear();
            CheckInvariantsLocked();
        }

        for (int i = states.Length - 1; i >= 0; i--)
        {
            if (!states[i].IsValueCreated) continue;
            try
            {
                Dispose(states[i].Value);
            }
            catch (Exception error)
            {
                // The state belongs to the program, and no caller waits for its disposal.
                failures.Report(FailureSource.WorkerExit, 0, null, error);
            }
        }
    }

    private static void Dispose(object state)
    {
        // An asynchronous disposal continues on the thread pool, because the context of this thread may belong to a loop that has stopped.
        if (state is IAsyncDisposable later) Task.Run(() => later.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        else if (state is IDisposable disposable) disposable.Dispose();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the objects");
        Debug.Assert(_states.Count == _order.Count, "each object has its place in the order");
        Debug.Assert(!_isClosed || _states.Count == 0, "a worker that exits has no objects");
    }
}
