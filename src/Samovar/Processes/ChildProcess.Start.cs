using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Start, for every kind of delegate.</content>
public partial class ChildProcess
{
    /// <summary>Starts a process that runs a function and ends. Returns when the process exists, a millisecond or so later.</summary>
    /// <param name="work">What to run. The token, where it takes one, trips at <see cref="Terminate"/>.</param>
    /// <param name="options">Name, environment, limits and so on; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="Serialization.UnshippableException">The function captures what cannot travel.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for compilation ahead of time (<c>PublishAot</c>), or was trimmed as a whole (<c>TrimMode</c> full).</exception>
    /// <exception cref="WorkerStartException">The system has refused, processes are nested too deep (10), or a type initializer in a worker does this.</exception>
    public static ChildProcess Start(Action work, ChildProcessOptions? options = null) =>
        new(Exact<Action>(work), DelegateKind.Synchronous, bringsResult: false, options);

    /// <inheritdoc cref="Start(Action, ChildProcessOptions?)"/>
    public static ChildProcess Start(Action<CancellationToken> work, ChildProcessOptions? options = null) =>
        new(Exact<Action<CancellationToken>>(work), DelegateKind.SynchronousWithToken, bringsResult: false, options);

    /// <inheritdoc cref="Start(Action, ChildProcessOptions?)"/>
    public static ChildProcess Start(Func<Task> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<Task>>(work), DelegateKind.Asynchronous, bringsResult: false, options);

    /// <inheritdoc cref="Start(Action, ChildProcessOptions?)"/>
    public static ChildProcess Start(Func<CancellationToken, Task> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<CancellationToken, Task>>(work), DelegateKind.AsynchronousWithToken, bringsResult: false, options);

    /// <inheritdoc cref="Start(Action, ChildProcessOptions?)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    public static ChildProcess<T> Start<T>(Func<T> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<T>>(work), DelegateKind.Synchronous, options);

    /// <inheritdoc cref="Start{T}(Func{T}, ChildProcessOptions?)"/>
    public static ChildProcess<T> Start<T>(Func<CancellationToken, T> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<CancellationToken, T>>(work), DelegateKind.SynchronousWithToken, options);

    /// <inheritdoc cref="Start{T}(Func{T}, ChildProcessOptions?)"/>
    public static ChildProcess<T> Start<T>(Func<Task<T>> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<Task<T>>>(work), DelegateKind.Asynchronous, options);

    /// <inheritdoc cref="Start{T}(Func{T}, ChildProcessOptions?)"/>
    public static ChildProcess<T> Start<T>(Func<CancellationToken, Task<T>> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<CancellationToken, Task<T>>>(work), DelegateKind.AsynchronousWithToken, options);

    private static Delegate Exact<TDelegate>(TDelegate work)
        where TDelegate : Delegate
    {
        ArgumentNullException.ThrowIfNull(work);
        return ShippableWork.Exact<TDelegate>(work);
    }
}
