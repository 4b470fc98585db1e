using System.Runtime.ExceptionServices;

namespace Samovar.Tasks.Core;

/// <summary>The error of a failed task. If it is collected without having been observed, it is reported to the executor.</summary>
/// <remarks>Only failed tasks have one, so only they pay for a finalizer. The idea is the framework's own
/// (<c>TaskExceptionHolder</c>).</remarks>
internal sealed class FutureFailure
{
    private readonly ExecutorCore _core;
    private readonly long _taskId;
    private readonly string? _taskName;
    private readonly ExceptionDispatchInfo _error;
    private int _observed;

    public FutureFailure(Future future, Exception error)
    {
        _core = future.Core;
        _taskId = future.Id;
        _taskName = future.Name;
        _error = ExceptionDispatchInfo.Capture(error);
    }

    ~FutureFailure()
    {
        // Handlers are user code, which must not run on the finalizer thread.
        ThreadPool.UnsafeQueueUserWorkItem(
            static failure => failure._core.Report(FailureSource.Future, failure._taskId, failure._taskName, failure._error.SourceException),
            this, preferLocal: false);
    }

    /// <summary>Whether the error was observed.</summary>
    public bool IsObserved => Volatile.Read(ref _observed) != 0;

    /// <summary>The error, which is not marked as observed.</summary>
    public Exception Error => _error.SourceException;

    public ExceptionDispatchInfo Observe()
    {
        if (Volatile.Read(ref _observed) == 0 && Interlocked.Exchange(ref _observed, 1) == 0) GC.SuppressFinalize(this);
        return _error;
    }
}
