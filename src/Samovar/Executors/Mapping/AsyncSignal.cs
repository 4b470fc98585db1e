using System.Threading.Tasks.Sources;

namespace Samovar.Executors.Mapping;

/// <summary>Wakes one waiter; a signal without a waiter is kept for the next wait. For a single waiter and any number of signalling
/// threads; waiting allocates nothing.</summary>
internal sealed class AsyncSignal : IValueTaskSource
{
    private const int Quiet = 0;
    private const int Signaled = 1;
    private const int Awaited = 2;

    // Continuations run on the thread pool: the signalling thread may be a worker.
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private int _state;

    public void Set()
    {
        // SYNC: async signal
        if (Interlocked.Exchange(ref _state, Signaled) != Awaited) return;
        Interlocked.Exchange(ref _state, Quiet);
        _source.SetResult(true);
    }

    public ValueTask WaitAsync()
    {
        // SYNC: async signal. The source is reset before the wait is announced: a thread that sees the announcement may complete the
        // source.
        if (Interlocked.CompareExchange(ref _state, Quiet, Signaled) == Signaled) return ValueTask.CompletedTask;
        _source.Reset();
        short version = _source.Version;
        if (Interlocked.CompareExchange(ref _state, Awaited, Quiet) == Quiet) return new ValueTask(this, version);
        Interlocked.Exchange(ref _state, Quiet);
        return ValueTask.CompletedTask;
    }

    void IValueTaskSource.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
