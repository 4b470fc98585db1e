using Samovar.Primitives;

namespace Samovar.Processes.Parent;

/// <summary>Determines which workers have been idle for an executor's <see cref="ProcessExecutorOptions.IdleTimeout"/>. The executor's gate guards it.</summary>
/// <param name="time">The clock of the executor.</param>
/// <param name="timeout">The idle timeout.</param>
/// <param name="check">Called, without the gate, when a worker may be due: enters the gate and calls <see cref="DueLocked"/>.</param>
internal sealed class IdleWatch(TimeProvider time, TimeSpan timeout, Action check)
{
    private ITimer? _timer; // null while no worker is idle

    /// <summary>Records that a worker has become idle.</summary>
    public void NoteIdleLocked()
    {
        if (timeout != Timeout.InfiniteTimeSpan && _timer is null) StartTimerLocked(timeout);
    }

    public void StopLocked()
    {
        _timer?.Dispose();
        _timer = null;
    }

    /// <summary>Returns the workers whose time has elapsed, and sets the timer for the next one.</summary>
    /// <param name="workers">The workers that receive tasks.</param>
    /// <param name="isPaused">Whether all workers are to be kept for now; their time begins again.</param>
    public List<WorkerHandle> DueLocked(IEnumerable<WorkerHandle> workers, bool isPaused)
    {
        StopLocked();
        List<WorkerHandle> due = [];
        long now = time.GetTimestamp();
        var next = Timeout.InfiniteTimeSpan;
        foreach (var worker in workers)
        {
            if (worker.Out > 0 || worker.KeptCount > 0) continue;
            var left = timeout - (isPaused ? TimeSpan.Zero : time.GetElapsedTime(worker.IdleSince, now));
            if (left <= TimeSpan.Zero) due.Add(worker);
            else if (next == Timeout.InfiniteTimeSpan || left < next) next = left;
        }

        // Workers that are busy now start the timer when they become idle.
        if (next != Timeout.InfiniteTimeSpan) StartTimerLocked(TimeoutArguments.ToNextCall(next));
        return due;
    }

    private void StartTimerLocked(TimeSpan after)
    {
        _timer = time.CreateTimerWithoutFlow(static check => ((Action)check!)(), check);
        _timer.Change(after, Timeout.InfiniteTimeSpan);
    }
}
