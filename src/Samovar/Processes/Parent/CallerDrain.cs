using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Primitives;
using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>Lets a caller that blocks for a tiny task read the results itself, while the draining thread sleeps: the round trip then
/// takes no wake-up at all.</summary>
/// <remarks>
/// <list type="number">
/// <item>A caller reads only while the draining thread sleeps, for <see cref="SpinPolicy.WatchedSpin"/> at most, and only where
/// it has paid lately. It reads results; starts, exits and deaths stay the draining thread's.</item>
/// <item>The next task that is sent asks its worker not to sleep at once, so that both sides look, and neither sleeps.</item>
/// </list>
/// Lock rule: the turn guards <see cref="_history"/>; a caller enters it only if no other thread holds it. The turn comes before the gate, which this
/// enters by <see cref="ResultPump.EnterGate"/>.
/// </remarks>
internal sealed class CallerDrain
{
    /// <summary>A window as large as this means tasks of less than about 20 µs.</summary>
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

    /// <summary>Tries for some microseconds to bring a task to its end on this thread, which waits for it. True: it has ended.</summary>
    public bool TryDrainOnCaller(Future future)
    {
        if (_dispatcher.WindowSize < TinyTasksWindow || Environment.ProcessorCount < 2) return false;
        if (_turn.IsHeldByCurrentThread || !_turn.TryEnter()) return false; // held: what is being decoded waits for this executor
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
            // As on the draining thread: a fault of Samovar's own, which ends every future of the executor.
            _pump.FailInternally(error);
            return future.IsCompleted;
        }
        finally
        {
            bool wasInterrupted = _pump.TakeInterrupt();
            _turn.Exit();
            if (wasInterrupted) Thread.CurrentThread.Interrupt(); // for the caller's next wait, which it was meant for
        }
    }

    /// <summary>The time of a running task is over by the clock: reads what has come from its worker. True: the task had ended.</summary>
    /// <remarks>On a timer's thread, which waits for the turn as the draining thread does: the result may be among those that are read now.</remarks>
    public bool HasEndedInTime(Future future)
    {
        if (future.TaskState is not SerializedTask task || _turn.IsHeldByCurrentThread) return false;
        try
        {
            lock (_turn)
            {
                if (_pump.HasFinished || task.Worker is not { State: not WorkerState.Gone } worker) return future.IsCompleted;
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

    /// <summary>Reads what one worker has written. False: there was nothing to read, or nothing that can be.</summary>
    private bool DrainOnce(WorkerHandle worker)
    {
        if (worker.State is not (WorkerState.Ready or WorkerState.Retiring) || worker.KillReason is not null || !worker.Channel.Results.HasRecord) return false;
        try
        {
            return _pump.ReadResults(worker);
        }
        catch (Exception error) when (error is ChannelCorruptedException or ShippingException or IOException or OutOfMemoryException)
        {
            worker.MarkCorrupted($"what it wrote cannot be read: {error.Message}");
            _pump.Wake(); // it is the draining thread that kills and reaps
            return false;
        }
        catch (ThreadInterruptedException)
        {
            // In the middle of a result, which cannot be read again. Not lost: it is passed on to the caller's next wait.
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
