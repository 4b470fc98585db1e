using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>One function in one process of its own, which brings a result.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
public sealed class ChildProcess<T> : ChildProcess
{
    private readonly Lazy<T> _result;

    internal ChildProcess(Delegate work, DelegateKind kind, ChildProcessOptions? options)
        : base(work, kind, bringsResult: true, options)
    {
        _result = new Lazy<T>(() => HasResult ? ReadResult<T>() : throw EndedWithoutResult());
    }

    /// <summary>Waits for the end of the process, and brings the function's result.</summary>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    /// <exception cref="WorkerStartException">The process did not come up.</exception>
    /// <exception cref="WorkerCrashedException">The process ended before the function did: by a signal, or by
    /// <see cref="Environment.Exit"/>.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>Throws what left the function, with its remote stack.</remarks>
    public new Task<T> JoinAsync(CancellationToken cancellationToken = default) => JoinAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="JoinAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    /// <exception cref="TimeoutException">The process has not ended in that time; it goes on.</exception>
    public new async Task<T> JoinAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        await base.JoinAsync(timeout, cancellationToken).ConfigureAwait(false);
        return _result.Value;
    }
}
