using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Samovar.Primitives;
using Samovar.Processes.Parent.Children;
using Samovar.Processes.Platform;
using Samovar.Processes.Protocol;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>One function in one process of its own.</summary>
/// <remarks>
/// <para>The function travels as work does to a <see cref="ProcessExecutor"/>: copied with what it captures, refused with
/// <see cref="Serialization.UnshippableException"/> where that cannot be. It runs on the child's main thread,
/// under the current cultures of the caller. When it has returned, the child waits for its own foreground threads and runs its exit hooks
/// (<see cref="AppDomain.ProcessExit"/>), as any program does.</para>
/// <para>An exception that leaves the function arrives at <see cref="JoinAsync(CancellationToken)"/>; it also appears on the child's stderr,
/// and the exit code is 1.</para>
/// <para>What the child writes is always read, so it never blocks on that, and goes on to this process's own stdout and stderr
/// unless <see cref="ChildProcessOptions"/> say otherwise. Its stdin is empty. An interrupt (Ctrl-C) is this process's to decide about.</para>
/// <para>A child never outlives this process, and what it has started ends with it. All members are safe for any thread.</para>
/// </remarks>
[DebuggerDisplay("{Name,nq} (process {Id})")]
public partial class ChildProcess : IAsyncDisposable
{
    private readonly ChildHandle _handle;
    private readonly TimeProvider _time;

    private protected ChildProcess(Delegate work, DelegateKind kind, bool bringsResult, ChildProcessOptions? options)
    {
        options ??= new ChildProcessOptions();
        _time = options.TimeProvider;
        _handle = ChildWatch.Start(new ShippableWork(work, kind, bringsResult), options);
        _handle.Child = this;
    }

    /// <summary>The children of this process that have not ended, in the order of their starts.</summary>
    public static IReadOnlyList<ChildProcess> Active => ChildWatch.Active;

    /// <summary>Inside a child or a pool's worker: the id of the process that started it; null elsewhere. There is no need to watch that
    /// process: this one ends with it.</summary>
    public static int? ParentId => CurrentWorker.IsWorker ? CurrentWorker.ParentId : null;

    /// <summary>The process id. It may come to mean another process once this one has ended.</summary>
    public int Id => _handle.Process.Id;

    /// <summary>See <see cref="ChildProcessOptions.Name"/>.</summary>
    public string Name => _handle.Name;

    /// <summary>Whether it ends with a normal end of this process; see <see cref="ChildProcessOptions.IsBackground"/>.</summary>
    public bool IsBackground => _handle.IsBackground;

    /// <summary>Whether the process has not ended.</summary>
    public bool IsAlive => !Exited.IsCompleted;

    /// <summary>As the operating system gives it: what the program returned, 1 after an unhandled exception, or the number of the signal
    /// that ended it, made negative. Null while it runs, and where the system did not say.</summary>
    public int? ExitCode => IsAlive ? null : _handle.Process.Exit?.Code;

    /// <summary>With <see cref="WorkerOutput.Capture"/>: what the process wrote to stdout and stderr, as <see cref="Future.Output"/> is for a
    /// task. Complete after the end, however that came; null before, and otherwise.</summary>
    public string? Output => IsAlive ? null : _handle.Output;

    /// <summary>Completes when the process has ended and all that it wrote was passed on. Never fails.</summary>
    public Task Exited => _handle.Ended;

    private protected bool HasResult => _handle.Result is not null;

    /// <summary>Waits for the end of the process.</summary>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    /// <exception cref="WorkerStartException">The process did not come up.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="WorkerCrashedException">A signal ended the process before its function returned (a crash of native code,
    /// <see cref="Environment.FailFast(string)"/>, a lack of memory), and it was not <see cref="Terminate"/> or <see cref="Kill"/>.</exception>
    /// <remarks>Throws what left the function, with its remote stack. That the function ended its process by <see cref="Environment.Exit"/>
    /// is no error here: see <see cref="ExitCode"/>.</remarks>
    public Task JoinAsync(CancellationToken cancellationToken = default) => JoinAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="JoinAsync(CancellationToken)"/>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    /// <exception cref="TimeoutException">The process has not ended in that time; it goes on.</exception>
    public async Task JoinAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        timeout = TimeoutArguments.RequireTimeout(timeout, nameof(timeout));
        try
        {
            await ExternalWorkTracker.TrackExternalAsync(Exited.WaitAsync(timeout, _time, cancellationToken)).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"Child '{Name}' (process {Id}) has not ended within {TimeoutArguments.Text(timeout)}. It goes on; Terminate or Kill ends it.", error);
        }

        if (_handle.Error is { } failure) ExceptionDispatchInfo.Throw(failure);
        if (_handle.HasCrashed) throw EndedWithoutResult();
    }

    /// <summary>Asks the process, and everything it started, to end (SIGTERM). A function that takes a token has it tripped, and ends as it
    /// likes; any other ends by the signal at once, without its exit hooks. Does nothing where it has ended.</summary>
    /// <remarks>A function that handles the signal itself (<see cref="System.Runtime.InteropServices.PosixSignalRegistration"/>, with
    /// <c>Cancel</c> set) is left alone. Where the system has no such signal this is <see cref="Kill"/>.</remarks>
    public void Terminate() => _handle.Terminate();

    /// <summary>Ends the process, and everything it started, at once and without asking (SIGKILL). Works on a stopped process too. Does
    /// nothing where it has ended.</summary>
    public void Kill() => _handle.Kill();

    /// <summary>Waits for the end of the process; it neither ends it nor throws what left the function.</summary>
    public async ValueTask DisposeAsync()
    {
        await ExternalWorkTracker.TrackExternalAsync(Exited).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    private protected T ReadResult<T>() => _handle.Result!.Read<T>();

    private protected WorkerCrashedException EndedWithoutResult() =>
        WorkerCrashedException.Create(Name, _handle.Process, _handle.Process.Exit ?? ProcessExit.Unknown);
}
