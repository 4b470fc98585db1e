using System.Diagnostics.CodeAnalysis;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>The overloads of Start, one for each kind of delegate.</content>
public partial class ChildProcess
{
    /// <summary>Starts a process that runs a function and then exits. Returns when the process exists, usually after about a millisecond.</summary>
    /// <param name="work">The function to run. If it takes a token, <see cref="Terminate"/> cancels the token.</param>
    /// <param name="options">The options of the process; null for the defaults.</param>
    /// <returns>The started process.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="work"/> is null.</exception>
    /// <exception cref="Serialization.UnshippableException">The function captures a value that cannot be serialized.</exception>
    /// <exception cref="PlatformNotSupportedException">The program is set up for compilation ahead of time (<c>PublishAot</c>),
    /// or was trimmed without the build targets of the package.</exception>
    /// <exception cref="WorkerStartException">The system refuses to start the process, processes are nested too deeply (10), or a type initializer
    /// in a worker calls this method.</exception>
    /// <example>
    /// <code>
    /// int limit = 1000;
    /// var child = ChildProcess.Start(() => Enumerable.Range(1, limit).Sum());
    /// int sum = await child.JoinAsync();
    /// Console.WriteLine($"process {child.Id} returned {sum} and exited with code {child.ExitCode}");
    /// </code>
    /// </example>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static ChildProcess Start(Action work, ChildProcessOptions? options = null) =>
        new(Exact<Action>(work), DelegateKind.Synchronous, bringsResult: false, options);

    /// <inheritdoc cref="Start(Action, ChildProcessOptions?)"/>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static ChildProcess Start(Action<CancellationToken> work, ChildProcessOptions? options = null) =>
        new(Exact<Action<CancellationToken>>(work), DelegateKind.SynchronousWithToken, bringsResult: false, options);

    /// <inheritdoc cref="Start(Action, ChildProcessOptions?)"/>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static ChildProcess Start(Func<Task> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<Task>>(work), DelegateKind.Asynchronous, bringsResult: false, options);

    /// <inheritdoc cref="Start(Action, ChildProcessOptions?)"/>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static ChildProcess Start(Func<CancellationToken, Task> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<CancellationToken, Task>>(work), DelegateKind.AsynchronousWithToken, bringsResult: false, options);

    /// <inheritdoc cref="Start(Action, ChildProcessOptions?)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static ChildProcess<T> Start<T>(Func<T> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<T>>(work), DelegateKind.Synchronous, options);

    /// <inheritdoc cref="Start{T}(Func{T}, ChildProcessOptions?)"/>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static ChildProcess<T> Start<T>(Func<CancellationToken, T> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<CancellationToken, T>>(work), DelegateKind.SynchronousWithToken, options);

    /// <inheritdoc cref="Start{T}(Func{T}, ChildProcessOptions?)"/>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static ChildProcess<T> Start<T>(Func<Task<T>> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<Task<T>>>(work), DelegateKind.Asynchronous, options);

    /// <inheritdoc cref="Start{T}(Func{T}, ChildProcessOptions?)"/>
    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    public static ChildProcess<T> Start<T>(Func<CancellationToken, Task<T>> work, ChildProcessOptions? options = null) =>
        new(Exact<Func<CancellationToken, Task<T>>>(work), DelegateKind.AsynchronousWithToken, options);

    private static Delegate Exact<TDelegate>(TDelegate work)
        where TDelegate : Delegate
    {
        ArgumentNullException.ThrowIfNull(work);
        return ShippableWork.Exact<TDelegate>(work);
    }
}
