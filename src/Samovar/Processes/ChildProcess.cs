using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Samovar.Primitives;
using Samovar.Processes.Parent.Children;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Runs one function in its own process.</summary>
/// <remarks>
/// <para>The function is serialized like the work of a <see cref="ProcessExecutor"/>: it is copied with the variables that it captures, and refused
/// with <see cref="Serialization.UnshippableException"/> if that is not possible. It runs on the main thread of the child, under the current
/// cultures of the caller. After it has returned, the child waits for its own foreground threads and runs its exit handlers
/// (<see cref="AppDomain.ProcessExit"/>), like any program.</para>
/// <para>If the function throws an exception, <see cref="JoinAsync(CancellationToken)"/> throws it; the exception also appears on the stderr of the
/// child, and the exit code is 1.</para>
/// <para>The output of the child is always read, so that the child never blocks on it, and is forwarded to stdout and stderr of this process unless
/// <see cref="ChildProcessOptions"/> specify otherwise. The stdin of the child is empty. An interrupt (Ctrl-C) is handled by this process
/// only.</para>
/// <para>A child never outlives this process, and processes that the child has started never outlive the child. All members are thread-safe.</para>
/// </remarks>
[DebuggerDisplay("{Name,nq} (process {Id})")]
public partial class ChildProcess : IAsyncDisposable
{
    private readonly ChildHandle _handle;
    private readonly TimeProvider _time;

    [RequiresDynamicCode(CodeRequirements.Dynamic)]
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = CodeRequirements.KeptWhole)]
    private protected ChildProcess(Delegate work, DelegateKind kind, bool bringsResult, ChildProcessOptions? options)
    {
        options ??= new ChildProcessOptions();
        _time = options.TimeProvider;
        _handle = ChildWatch.Start(new ShippableWork(work, kind, bringsResult), options);
        _handle.Child = this;
    }

    /// <summary>Gets the running children of this process, in the order in which they were started.</summary>
    public static IReadOnlyList<ChildProcess> Active => ChildWatch.Active;

    /// <summary>Gets the id of the process that started this process, in a child or in a worker of a pool; otherwise, null. There is no need to
    /// watch that process: this process never outlives it.</summary>
    public static int? ParentId => CurrentWorker.IsWorker ? CurrentWorker.ParentId : null;

    /// <summary>Gets the process id. The system may reuse the id for another process after this one has exited.</summary>
    public int Id => _handle.Process.Id;

    /// <summary>Gets the name of the child; see <see cref="ChildProcessOptions.Name"/>.</summary>
    public string Name => _handle.Name;

    /// <summary>Gets whether the child is terminated when this process exits normally; see
    /// <see cref="ChildProcessOptions.IsBackground"/>.</summary>
    public bool IsBackground => _handle.IsBackground;

    /// <summary>Gets whether the process is still running.</summary>
    public bool IsAlive => !Exited.IsCompleted;

    /// <summary>Gets the exit code as the operating system reports it: the exit code of the program, 1 after an unhandled exception, or the
    /// negative number of the signal that terminated the process. Null while the process runs, and if the system did not report it.</summary>
    public int? ExitCode => IsAlive ? null : _handle.Process.Exit?.Code;

    /// <summary>Gets what the process wrote to stdout and stderr, in the format of <see cref="Future.Output"/>. Available only with
    /// <see cref="WorkerOutput.Capture"/>, and complete after the process has exited, for any reason; otherwise, and before that, null.</summary>
    public string? Output => IsAlive ? null : _handle.Output;

    /// <summary>Gets a task that completes when the process has exited and all its output has been passed on. It never fails.</summary>
    public Task Exited => _handle.Ended;

    private protected bool HasResult => _handle.Result is not null;

    /// <summary>Waits until the process has exited.</summary>
    /// <param name="cancellationToken">Cancels the wait, not the process.</param>
    /// <returns>A task that completes when the process has exited. It fails with the exception that the function threw, including its remote stack
    /// trace.</returns>
    /// <exception cref="WorkerStartException">The process failed to start.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="WorkerCrashedException">A signal terminated the process before its function returned (a crash of native code,
    /// <see cref="Environment.FailFast(string)"/>, a lack of memory), and the signal was not sent by <see cref="Terminate"/> or
    /// <see cref="Kill"/>.</exception>
    /// <remarks>No exception is thrown if the function exits the process with <see cref="Environment.Exit"/>: see <see cref="ExitCode"/>.</remarks>
    /// <example>
    /// <code>
    /// string message = "";
    /// var child = ChildProcess.Start(() => throw new FormatException("not a number"), new() { Output = WorkerOutput.Discard });
    /// try
    /// {
    ///     await child.JoinAsync();
    /// }
    /// catch (FormatException error)
    /// {
    ///     message = $"{error.Message}, exit code {child.ExitCode}"; // not a number, exit code 1
    /// }
    /// </code>
    /// </example>
    public Task JoinAsync(CancellationToken cancellationToken = default) => JoinAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="JoinAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait, not the process.</param>
    /// <exception cref="TimeoutException">The process has not exited within the timeout. It continues to run.</exception>
    public async Task JoinAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        try
        {
            await ExternalWorkTracker.TrackExternalAsync(Exited.WaitAsync(timeout, _time, cancellationToken)).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"Child '{Name}' (process {Id}) has not exited within {TimeoutArguments.Text(timeout)}. It continues to run; call Terminate or Kill to stop it.", error);
        }

        if (_handle.Error is { } failure) ExceptionDispatchInfo.Throw(failure);
        if (_handle.HasCrashed) throw EndedWithoutResult();
    }

    /// <summary>Requests the process, and every process that it started, to exit (SIGTERM). If the function takes a token, the token is cancelled,
    /// and the function decides when to return; otherwise, the signal terminates the process immediately, without its exit handlers. Does nothing
    /// if the process has exited.</summary>
    /// <remarks>If the function handles the signal itself (<see cref="System.Runtime.InteropServices.PosixSignalRegistration"/> with <c>Cancel</c>
    /// set), the process continues to run. On systems without this signal, this method is the same as <see cref="Kill"/>.</remarks>
    public void Terminate() => _handle.Terminate();

    /// <summary>Kills the process, and every process that it started, immediately (SIGKILL). This works on a stopped process too. Does nothing if
    /// the process has exited.</summary>
    /// <example>
    /// <code>
    /// var endless = ChildProcess.Start(async token => await Task.Delay(Timeout.InfiniteTimeSpan, token));
    /// endless.Kill();
    /// await endless.JoinAsync(); // throws nothing
    /// Console.WriteLine(endless.ExitCode); // -9: the number of the signal, negative
    /// </code>
    /// </example>
    public void Kill() => _handle.Kill();

    /// <summary>Waits until the process has exited. Does not terminate it, and does not throw the exception of the function.</summary>
    /// <returns>A task that completes when the process has exited.</returns>
    public async ValueTask DisposeAsync()
    {
        await ExternalWorkTracker.TrackExternalAsync(Exited).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private protected T ReadResult<T>() => _handle.Result!.Read<T>();

    private protected WorkerCrashedException EndedWithoutResult() =>
        WorkerCrashedException.Create(Name, _handle.Process, _handle.Process.Exit ?? ProcessExit.Unknown);
}
