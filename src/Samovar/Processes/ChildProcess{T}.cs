using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Runs one function in its own process, and returns the result of the function.</summary>
/// <typeparam name="T">The type of the result.</typeparam>
[RequiresDynamicCode(CodeRequirements.Dynamic)]
public sealed class ChildProcess<T> : ChildProcess
{
    private readonly Lazy<object?> _result; // not of T, whose constructor the trimmer would keep

    internal ChildProcess(Delegate work, DelegateKind kind, ChildProcessOptions? options)
        : base(work, kind, bringsResult: true, options)
    {
        _result = new Lazy<object?>(() => HasResult ? ReadResult<T>() : throw EndedWithoutResult());
    }

    /// <summary>Waits until the process has exited, and returns the result of the function.</summary>
    /// <param name="cancellationToken">Cancels the wait, not the process.</param>
    /// <returns>A task with the result of the function. It fails with the exception that the function threw, including its remote stack
    /// trace.</returns>
    /// <exception cref="WorkerStartException">The process failed to start.</exception>
    /// <exception cref="WorkerCrashedException">The process exited before the function returned: a signal terminated it, or the function called
    /// <see cref="Environment.Exit"/>.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public new Task<T> JoinAsync(CancellationToken cancellationToken = default) => JoinAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="JoinAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait, not the process.</param>
    /// <exception cref="TimeoutException">The process has not exited within the timeout. It continues to run.</exception>
    public new async Task<T> JoinAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        await base.JoinAsync(timeout, cancellationToken).ConfigureAwait(false);
        return (T)_result.Value!;
    }
}
