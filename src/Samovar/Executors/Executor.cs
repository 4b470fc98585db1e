using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <summary>Takes work and gives futures. One contract, whatever runs the work: threads, worker processes, an event loop.</summary>
/// <remarks>
/// <para>All members are thread-safe.</para>
/// <list type="bullet">
/// <item>Work starts in the order of submission within a <see cref="TaskOptions.Priority"/>. Submitting never blocks, unless a
/// bounded queue was asked for.</item>
/// <item>Continuations run on the thread pool or in the context they came from, never on a worker; one that throws or blocks
/// holds up nobody.</item>
/// <item>A task that waits for another task of its own executor does not deadlock: see <see cref="Future.Wait"/>.</item>
/// <item>Nothing of a task's work, arguments or result is held once it has been handed over.</item>
/// </list>
/// </remarks>
[DebuggerDisplay("{Name,nq}")]
public abstract partial class Executor : IAsyncDisposable
{
    private protected Executor(ExecutorCore core)
    {
        Core = core;
        core.CanBeSeen();
    }

    /// <summary>The executor's name in errors, logs and statistics.</summary>
    public string Name => Core.Name;

    /// <summary>Raised for errors that no caller can be handed: see <see cref="FailureSource"/>. Without a handler they are
    /// logged. Handlers run on the thread where the error turned up and should be quick.</summary>
    public event Action<UnobservedFailure>? UnobservedFailure
    {
        add => Core.UnobservedFailure += value;
        remove => Core.UnobservedFailure -= value;
    }

    internal ExecutorCore Core { get; }

    /// <summary>A snapshot of what the executor has done and is doing.</summary>
    public ExecutorStatistics GetStatistics() => Core.GetStatistics();

    /// <summary>Waits until every submitted task has ended. The executor goes on taking work; what is submitted while waiting is
    /// waited for too.</summary>
    /// <exception cref="InvalidOperationException">Called from one of the executor's own tasks, which would wait for itself.</exception>
    public Task DrainAsync(CancellationToken cancellationToken = default)
    {
        RefuseInsideOwnTask(nameof(DrainAsync));
        return ExternalWorkTracker.TrackExternalAsync(Core, Core.DrainAsync(cancellationToken));
    }

    /// <summary>Ends the executor: no more work is taken, and when the returned task completes nothing of it is left.</summary>
    /// <param name="mode">What happens to unfinished work. A second call may go further than the first.</param>
    /// <param name="grace">For <see cref="ShutdownMode.Kill"/>: how long running work may take to give up; null for
    /// <see cref="ExecutorOptions.CancellationGrace"/>.</param>
    /// <param name="cancellationToken">Gives up waiting; the shutdown itself goes on.</param>
    /// <remarks>A thread cannot be killed: after the grace its future ends <see cref="FutureState.Canceled"/> and the thread, a
    /// background one, ends when the work does.</remarks>
    /// <exception cref="InvalidOperationException">Called from one of the executor's own tasks, which would wait for itself.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative grace, or an unknown mode.</exception>
    public Task ShutdownAsync(
        ShutdownMode mode = ShutdownMode.Drain, TimeSpan? grace = null, CancellationToken cancellationToken = default)
    {
        if (!Enum.IsDefined(mode)) throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a member of ShutdownMode.");
        var limit = TimeoutArguments.RequireTimeout(grace ?? Core.CancellationGrace, nameof(grace));
        RefuseInsideOwnTask(nameof(ShutdownAsync));
        GC.SuppressFinalize(this);
        return ExternalWorkTracker.TrackExternalAsync(Core, Core.ShutdownAsync(mode, limit).WaitAsync(cancellationToken));
    }

    /// <summary>Waits for outstanding work, then ends the executor, as <see cref="ShutdownAsync"/> with
    /// <see cref="ShutdownMode.Drain"/>.</summary>
    public ValueTask DisposeAsync()
    {
        return new ValueTask(ShutdownAsync());
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private void RefuseInsideOwnTask(string member)
    {
        if (RunningTask.Current is { IsCompleted: false } task && ReferenceEquals(task.Core, Core))
        {
            throw new InvalidOperationException(
                $"{member} of '{Name}' was called inside its own task {task.Id}, which would wait for itself. Call it from outside the executor.");
        }
    }
}
