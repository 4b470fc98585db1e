using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>Lets a caller that blocks for a tiny task read results itself while the draining thread sleeps, so that the round trip needs no
/// wake-up.</summary>
/// <remarks>
/// <list type="number">
/// <item>A caller reads only while the draining thread sleeps, for at most <see cref="SpinPolicy.WatchedSpin"/>, and only if recent attempts
/// succeeded. It reads results only; starts, exits and deaths are handled by the draining thread.</item>
/// <item>The next task that is sent requests its worker to spin before it sleeps, so that both sides poll and neither sleeps.</item>
/// </list>
/// Lock rule: the turn guards <see cref="_history"/>; a caller enters it only if no other thread holds it. The turn comes before the gate, which
/// this class enters through <see cref="ResultPump.EnterGate"/>.
/// </remarks>
internal sealed class CallerDrain
{
    /// <summary>A window of at least this size means that tasks take less than about 20 µs.</summary>
    private const int TinyTasksWindow = 50;

    private readonly Lock _gate;
    private readonly Lock _turn;
    private readonly Dispatcher _dispatcher;
    private readonly WorkerSupervisor _supervisor;
    private readonly ResultPump _pump;
    private SpinHistory _history = SpinHistory.OfCallers; // turn

    public CallerDrain(Lock gate, Lock turn, Dispatcher dispatcher, WorkerSupervisor supervisor, ResultPump pump)
    {
        _gate = gate;
        _turn = turn;
        _dispatcher = dispatcher;
        _supervisor = supervisor;
        _pump = pump;
    }

    /// <summary>Tries for some microseconds to complete a task on this thread, which waits for it. Returns true if the task has
    /// completed.</summary>
    public bool TryDrainOnCaller(Future future)
    {
        if (_dispatcher.WindowSize < TinyTasksWindow || Environment.ProcessorCount < 2) return false;
        if (_turn.IsHeldByCurrentThread || !_turn.TryEnter()) return false; // held by this thread: the value that it decodes waits for this executor
        try
        {
            if (_pump.HasFinished || !_history.TryBegin()) return false;
            if (!_pump.TryTakeOver())
            {
                _history.Withdraw();
                return false;
            }

            try
            {
                bool hasEnded = DrainUntilEnded(future);
                _history.Settle(hasEnded);
                return hasEnded;
            }
            finally
            {
                _pump.EndTakeOver();
            }
        }
        catch (Exception error)
        {
            // As on the draining thread: this is a bug in Samovar, and it fails every future of the executor.
            _pump.FailInternally(error);
            return future.IsCompleted;
        }
        finally
        {
            bool wasInterrupted = _pump.TakeInterrupt();
            _turn.Exit();
            if (wasInterrupted) Thread.CurrentThread.Interrupt(); // the interrupt is intended for the caller's next wait
        }
    }

    /// <summary>Called when the timeout of a running task has elapsed by the clock: reads what its worker has written. Returns true if the task had
    /// completed.</summary>
    /// <remarks>Runs on a timer's thread, which waits for the turn like the draining thread: the result may be among those that another thread is
    /// reading now.</remarks>
    public bool HasEndedInTime(Future future)
    {
        if (future.TaskState is not SerializedTask task || _turn.IsHeldByCurrentThread) return false;
        try
        {
            lock (_turn)
            {
                if (_pump.HasFinished || task.Worker is not { State: not WorkerPhase.Gone } worker) return future.IsCompleted;
                while (worker.Holds(task, task.Ticket) && worker.Channel.Results.HasRecord && DrainOnce(worker)) continue;
                CheckInvariants();
                return !worker.Holds(task, task.Ticket);
            }
        }
        catch (Exception error)
        {
            // As on the draining thread.
            _pump.FailInternally(error);
            return future.IsCompleted;
        }
    }

    private bool DrainUntilEnded(Future future)
    {
        _pump.EnterGate();
        _dispatcher.RequestSpinLocked();
        _gate.Exit();
        long start = Stopwatch.GetTimestamp();
        do
        {
            foreach (var worker in _supervisor.Handles) DrainOnce(worker);
            CheckInvariants();
            if (future.IsCompleted) return true;
            Thread.SpinWait(1);
        }
        while (Stopwatch.GetElapsedTime(start) < SpinPolicy.WatchedSpin);

        return false;
    }

    /// <summary>Reads what one worker has written. Returns false if there was nothing to read, or if it cannot be read.</summary>
    private bool DrainOnce(WorkerHandle worker)
    {
        if (worker.State is not (WorkerPhase.Ready or WorkerPhase.Retiring) || worker.KillReason is not null || !worker.Channel.Results.HasRecord) return false;
        try
        {
            return _pump.ReadResults(worker);
        }
        catch (Exception error) when (error is ChannelCorruptedException or ShippingException or IOException or OutOfMemoryException)
        {
            worker.MarkCorrupted($"its messages cannot be read: {error.Message}");
            _pump.Wake(); // the draining thread kills and reaps
            return false;
        }
        catch (ThreadInterruptedException)
        {
            // The interrupt came in the middle of a result, which cannot be read again. The interrupt is not lost: it is passed to the caller's
            // next wait.
            _pump.RememberInterrupt();
            worker.MarkCorrupted("the thread that read its results was interrupted");
            _pump.Wake();
            return false;
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Debug.Assert(!_gate.IsHeldByCurrentThread, "the turn comes before the gate");
        _pump.CheckInvariants();
    }
}
