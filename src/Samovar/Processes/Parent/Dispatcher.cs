using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Tasks.Running;

namespace Samovar.Processes.Parent;

/// <summary>Assigns tasks to workers: queues, sends, revokes and rebalances them.</summary>
/// <remarks>
/// <para>Lock rule: the gate guards every field that changes, except those marked "drain". <see cref="_windowSize"/> is also read without it. A
/// method whose name ends in "Locked" is called under the gate; the others enter it themselves. Futures are failed and bells are rung after the
/// gate is left: methods under it only record workers to wake, in <see cref="PendingWakeups"/>, and tasks that cannot be sent, in
/// <see cref="_refused"/>.</para>
/// <para>Under the gate this class calls <see cref="WorkerSupervisor"/> (when a worker has received its last task, or has no task),
/// <see cref="WorkerWatchdog"/>, <see cref="ControlSender"/>, and <see cref="ResultPump.Wake"/>. The supervisor, the watchdog and the pump call it
/// under the gate.</para>
/// </remarks>
internal sealed partial class Dispatcher
{
    private readonly Lock _gate;
    private readonly TimeProvider _time;
    private readonly ShippingWriter _writer;
    private readonly StartBreaker _breaker;
    private readonly ControlSender _control;
    private readonly QueueRoom? _room; // null if the queue is not bounded
    private readonly int? _tasksPerWorker;
    private readonly bool _sendsOneByOne; // true if output is captured
    private readonly PriorityTaskQueue _queue = new();
    private readonly List<WorkerHandle> _ready = []; // the workers that can receive tasks: those in the state Ready
    private readonly List<SerializedTask> _refused = []; // fail after the gate is left
    private WorkerSupervisor _supervisor = null!; // set by Connect, before the first task
    private WorkerWatchdog _watchdog = null!;
    private ResultPump _pump = null!;
    private SendWindow _window = new();
    private int _windowSize = 1; // the latest size of the window, for readers without the gate
    private int _next; // where the search for a worker with room starts
    private bool _hasSpinHint; // a caller spins for a result
    private bool _sleepsForGood; // the draining thread sleeps without a limit: wake it when a task is sent, so that it monitors the worker
    private int _idleTurns; // drain

    public Dispatcher(
        ProcessPool pool, Lock gate, ProcessExecutorOptions options, QueueRoom? room, ShippingWriter writer, OutputCapture output,
        StartBreaker breaker, ControlSender control)
    {
        _gate = gate;
        _time = pool.Time;
        _writer = writer;
        _breaker = breaker;
        _control = control;
        _room = room;
        _tasksPerWorker = options.MaxTasksPerWorker;
        _sendsOneByOne = output.IsOn;
        Kept = new KeptTaskQueues(gate, this, control);
    }

    /// <summary>How many tasks a worker may have at once, according to the latest measurements.</summary>
    public int WindowSize => Volatile.Read(ref _windowSize);

    /// <summary>The tasks that only one worker can run, because it keeps their input.</summary>
    public KeptTaskQueues Kept { get; }

    /// <summary>How many workers can receive tasks.</summary>
    public int ReadyCountLocked => _ready.Count;

    /// <summary>How many tasks are queued.</summary>
    public int QueuedLocked => _queue.Count;

    public void Connect(WorkerSupervisor supervisor, WorkerWatchdog watchdog, ResultPump pump)
    {
        _supervisor = supervisor;
        _watchdog = watchdog;
        _pump = pump;
        Kept.Connect(supervisor);
    }

    /// <summary>Returns whether a task on its way to the queue has had a place there since it was submitted; batches of maps and further attempts
    /// have none.</summary>
    public static bool HasPlaceFromSubmit(Future future) => !future.HasItems && future.Attempt == 1;

    /// <summary>Sends a task to a worker that has room, or queues it and starts workers for it.</summary>
    /// <param name="future">The task.</param>
    /// <param name="wasInterrupted">Set if this thread was interrupted meanwhile; the caller interrupts it again when it is done.</param>
    /// <returns>False if the task has completed meanwhile; otherwise, true.</returns>
    public bool TryEnqueue(Future future, ref bool wasInterrupted)
    {
        bool hasPlace = HasPlaceFromSubmit(future);
        if (future.TaskState is not SerializedTask task)
        {
            if (hasPlace) _room?.GiveBack();
            return false;
        }

        if (task.Input is { } input)
        {
            if (hasPlace) _room?.GiveBack();
            Kept.Enqueue(task, input, ref wasInterrupted);
            return true;
        }

        var wakeups = default(PendingWakeups);
        int launches = 0;
        wasInterrupted = _gate.EnterRegardless(); // otherwise a retry or a dependent task would be lost
        try
        {
            if (_queue.Count > 0 || PickLocked() is not { } worker || SendLocked(worker, task, ref wakeups) == SendOutcome.NoRoom)
            {
                _queue.Append(future);
                if (!hasPlace) _room?.TakeRegardless();
                launches = _supervisor.PlanLaunchesLocked();
            }
            else if (hasPlace)
            {
                _room?.GiveBack();
            }

            CheckInvariants();
        }
        finally
        {
            _gate.Exit();
        }

        wakeups.Ring();
        FailIfRefused(task);
        if (launches > 0) _supervisor.Launch(launches);
        FailQueued();
        return true;
    }

    /// <summary>Removes a task from the queue if it is there.</summary>
    public void Remove(Future future)
    {
        lock (_gate)
        {
            if (_queue.Remove(future)) _room?.GiveBack();
        }
    }

    /// <summary>Removes and returns all queued tasks.</summary>
    public List<Future> TakeAllQueued()
    {
        var taken = new List<Future>();
        lock (_gate)
        {
            while (_queue.TakeFirst() is { } task)
            {
                taken.Add(task);
                _room?.GiveBack();
            }

            foreach (var worker in _supervisor.Handles) KeptTaskQueues.TakeAllLocked(worker, taken);
        }

        return taken;
    }

    /// <summary>Fails the queued tasks if no work is accepted.</summary>
    public void FailQueued()
    {
        if (_breaker.Refusal is not { } refusal) return;
        foreach (var task in TakeAllQueued()) task.EndUnstarted(FutureState.Failed, refusal());
    }

    /// <summary>Lets the draining thread fail a task that cannot be sent to any worker, after the gate is left.</summary>
    public void RefuseLocked(SerializedTask task)
    {
        _refused.Add(task);
        _pump.Wake();
    }

    /// <summary>Removes and returns the tasks that cannot be sent to any worker, for <see cref="FailIfRefused"/>.</summary>
    public SerializedTask[] TakeRefusedLocked()
    {
        if (_refused.Count == 0) return [];
        SerializedTask[] refused = [.. _refused];
        _refused.Clear();
        return refused;
    }

    public static void FailIfRefused(SerializedTask task)
    {
        if (task.Refusal is { } refusal) task.Future.EndUnstarted(FutureState.Failed, refusal);
    }

    /// <summary>Adds a worker to those that can receive tasks.</summary>
    public void AddWorkerLocked(WorkerHandle worker)
    {
        _ready.Add(worker);
        CheckInvariants();
    }

    /// <summary>Removes a worker from those that can receive tasks. Returns true if it was the last of them.</summary>
    public bool RemoveWorkerLocked(WorkerHandle worker)
    {
        Kept.LoseAllLocked(worker);
        return _ready.Remove(worker) && _ready.Count == 0;
    }

    /// <summary>Removes all workers from those that can receive tasks.</summary>
    public void RemoveAllWorkersLocked()
    {
        foreach (var worker in _ready) Kept.LoseAllLocked(worker);
        _ready.Clear();
    }

    /// <summary>Returns a copy of the list of workers that can receive tasks.</summary>
    public WorkerHandle[] ReadyWorkersLocked() => [.. _ready];

    /// <summary>Returns the worker to retire if there are too many: an idle one if there is one.</summary>
    public WorkerHandle SurplusWorkerLocked() => _ready.Find(static worker => worker is { Out: 0, KeptCount: 0 })
        ?? _ready.Find(static worker => worker.Out == 0) ?? _ready[^1];

    /// <summary>Makes the next task that is sent request its worker to spin before it sleeps, because a caller spins for the result.</summary>
    public void RequestSpinLocked() => _hasSpinHint = true;

    private TaskFlags TakeSpinHintLocked()
    {
        if (!_hasSpinHint) return TaskFlags.None;
        _hasSpinHint = false;
        return TaskFlags.SpinBeforeSleep;
    }

    [Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the queue and the ready workers");
        Debug.Assert(_next >= 0, "the search starts at a valid index");
        Debug.Assert(_window.Size >= 1, "a worker may have at least one task");
        foreach (var worker in _ready)
        {
            Debug.Assert(worker.State == WorkerPhase.Ready, "only a ready worker receives tasks");
            Debug.Assert(worker.Out >= 0 && worker.Out <= worker.Given, "a worker has only tasks that were sent to it");
            Debug.Assert(_tasksPerWorker is not { } limit || worker.Given < limit, "a worker that has received its last task is not ready");
        }
    }
}
