using System.Diagnostics;
using Samovar.Primitives;

namespace Samovar.Tasks.Core;

/// <summary>The exit hook of an executor's workers, and the results that have not been collected. Thread-safe.</summary>
/// <remarks>The hook is code of the program: it runs under no lock of this class.</remarks>
internal sealed class ExitResults
{
    private readonly ExecutorCore _executor;
    private readonly Func<object?> _hook;
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];
    private readonly HashSet<int> _listed = []; // the workers that have had their entry, also those whose entry was taken
    private bool _isClosed;

    private ExitResults(ExecutorCore executor, Func<object?> hook, TimeSpan limit)
    {
        _executor = executor;
        _hook = hook;
        Limit = limit;
    }

    /// <summary>How long the hook of a worker may take.</summary>
    public TimeSpan Limit { get; }

    /// <summary>Creates the results of an executor; null if it has no hook.</summary>
    public static ExitResults? For(ExecutorCore executor, Func<object?>? hook, TimeSpan limit) => hook is null ? null : new ExitResults(executor, hook, limit);

    /// <summary>Calls a hook on the thread of a worker that exits. Its <see cref="WorkerState{T}"/> objects are available to the hook.</summary>
    public static (object? Value, Exception? Error) Call(Func<object?> hook, WorkerIdentity worker)
    {
        WorkerStates.Exiting = worker;
        try
        {
            object? value = hook();
            return value is Task
                ? throw new InvalidOperationException($"The exit hook of worker '{worker.Name}' returned a {value.GetType().Name}, which is not awaited. Wait for it inside the hook, and return its result.")
                : (value, null);
        }
        catch (Exception error)
        {
            return (null, error);
        }
        finally
        {
            WorkerStates.Exiting = null;
        }
    }

    /// <summary>Runs the hook of a worker that is a thread of this process, and keeps its result.</summary>
    /// <param name="worker">The worker, whose thread is the caller's.</param>
    /// <param name="abandon">Called on another thread when the hook exceeds the limit; its result will not be used.</param>
    public void Run(WorkerIdentity worker, Action abandon)
    {
        (object? Value, Exception? Error) result;
        using (_executor.Time.CreateTimer(_ => Leave(), null, Limit, Timeout.InfiniteTimeSpan)) result = Call(_hook, worker);
        if (Keep(worker, result.Value, result.Error) && result.Error is not null) _executor.Report(FailureSource.WorkerExit, 0, null, result.Error);

        void Leave()
        {
            var late = new ExitResultLostException($"The exit hook of worker '{worker.Name}' had not returned after {TimeoutArguments.Text(Limit)}, the ExitTimeout of '{_executor.Name}'. Its thread is abandoned, and its result will not be used.");
            if (!Keep(worker, null, late)) return;
            _executor.Report(FailureSource.WorkerExit, 0, null, late);
            abandon();
        }
    }

    /// <summary>Keeps the result of a worker, or its error, unless the worker has an entry or the executor has stopped. Returns whether it was kept.</summary>
    public bool Keep(WorkerIdentity worker, object? value, Exception? error)
    {
        lock (_gate)
        {
            if (_isClosed || !_listed.Add(worker.Id)) return false;
            _entries.Add(new Entry(worker, value, error));
            CheckInvariantsLocked();
            return true;
        }
    }

    /// <summary>Lists a worker that exited without a result, unless it has an entry, and returns the error of its entry.</summary>
    public ExitResultLostException AddLost(WorkerIdentity worker, string why, Exception? cause)
    {
        var lost = new ExitResultLostException($"Worker '{worker.Name}' has no exit result: {why}", cause);
        Keep(worker, null, lost);
        return lost;
    }

    /// <summary>Called when an executor on threads has stopped: lists the workers that never returned from their work, and ignores what they do later.</summary>
    public void Close(IEnumerable<WorkerIdentity> left)
    {
        foreach (var worker in left) AddLost(worker, "its thread was still running abandoned work when the executor stopped.", cause: null);
        lock (_gate)
        {
            _isClosed = true;
            CheckInvariantsLocked();
        }
    }

    /// <summary>Removes and returns all results, by the number of their worker.</summary>
    /// <exception cref="InvalidCastException">A result is of another type; all results are kept.</exception>
    public IReadOnlyList<ExitResult<T>> Take<T>()
    {
        lock (_gate)
        {
            var taken = _entries.OrderBy(static entry => entry.Worker.Id).Select(static entry => entry.As<T>()).ToArray();
            _entries.Clear();
            CheckInvariantsLocked();
            return taken;
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the results");
        Debug.Assert(_entries.Select(static entry => entry.Worker.Id).Distinct().Count() == _entries.Count, "a worker exits once");
    }

    private sealed record Entry(WorkerIdentity Worker, object? Value, Exception? Error)
    {
        public ExitResult<T> As<T>()
        {
            if (Error is not null) return new(Worker, default!, Error);
            if (Value is T value) return new(Worker, value, null);
            if (Value is null && default(T) is null) return new(Worker, default!, null);
            throw new InvalidCastException(
                $"The exit hook of worker '{Worker.Name}' returned {(Value is null ? "null" : $"a {Value.GetType()}")}, which is no {typeof(T)}. Name the type that the hook returns, or object for any.");
        }
    }
}
