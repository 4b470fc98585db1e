using System.Diagnostics;
using Samovar.Primitives;
using Samovar.Processes.Protocol;
using Samovar.Serialization;
using Samovar.Tasks.Running;

namespace Samovar.Processes.Parent;

/// <summary>Decides which worker gets which task: it queues tasks, sends them, takes them back and balances them between workers.</summary>
/// <remarks>
/// <para>Lock rule: the gate guards every field that changes, but those that are marked "drain". <see cref="_windowSize"/> is also read without it.
/// A method whose name ends in "Locked" is called under the gate; the others enter it themselves. Futures are failed and bells are rung after the
/// gate is left: methods under it only note workers to wake, in <see cref="PendingWakeups"/>, and tasks that cannot be sent, in
/// <see cref="_refused"/>.</para>
/// <para>Under the gate this calls <see cref="WorkerSupervisor"/>, when a worker has had its last task or has none,
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
    private readonly QueueRoom? _room; // null where the queue is not bounded
    private readonly int? _tasksPerWorker;
    private readonly bool _sendsOneByOne; // where output is captured
    private readonly PriorityTaskQueue _queue = new();
    private readonly List<WorkerHandle> _ready = []; // the workers that get tasks: those in the state Ready
    private readonly List<SerializedTask> _refused = []; // to be failed outside of the gate
    private WorkerSupervisor _supervisor = null!; // set by Connect, before the first task
    private WorkerWatchdog _watchdog = null!;
    private ResultPump _pump = null!;
    private SendWindow _window = new();
    private int _windowSize = 1; // as learned last; for those outside the gate
    private int _next; // where the search for a worker with room begins
    private bool _hasSpinHint; // a caller waits without sleeping
    private bool _sleepsForGood; // the draining thread has to be woken when a task is sent, to watch over it
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
    }

    /// <summary>How many tasks a worker may have at once, as learned last.</summary>
    public int WindowSize => Volatile.Read(ref _windowSize);

    /// <summary>How many workers get tasks.</summary>
    public int ReadyCountLocked => _ready.Count;

    /// <summary>How many tasks wait in the queue.</summary>
    public int QueuedLocked => _queue.Count;

    public void Connect(WorkerSupervisor supervisor, WorkerWatchdog watchdog, ResultPump pump)
    {
        _supervisor = supervisor;
        _watchdog = watchdog;
        _pump = pump;
    }

    /// <summary>Whether a task that is on its way to the queue has a place there since it was submitted; batches of maps and further attempts have none.</summary>
    public static bool HasPlaceFromSubmit(Future future) => !future.HasItems && future.Attempt == 1;

    /// <summary>Sends a task to a worker that has room, or queues it and starts workers for it.</summary>
    /// <param name="future">The task.</param>
    /// <param name="wasInterrupted">Set where this thread was interrupted meanwhile: the caller interrupts it again when it is done.</param>
    /// <returns>False where the task has ended meanwhile.</returns>
    public bool TryEnqueue(Future future, ref bool wasInterrupted)
    {
        bool hasPlace = HasPlaceFromSubmit(future);
        if (future.TaskState is not SerializedTask task)
        {
            if (hasPlace) _room?.GiveBack();
            return false;
        }

        var wakeups = default(PendingWakeups);
        int launches = 0;
        wasInterrupted = _gate.EnterRegardless(); // otherwise a task that is tried again, or follows another, would be lost
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

    /// <summary>Takes a task out of the queue, if it is there.</summary>
    public void Remove(Future future)
    {
        lock (_gate)
        {
            if (_queue.Remove(future)) _room?.GiveBack();
        }
    }

    /// <summary>Takes everything that waits.</summary>
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
        }

        return taken;
    }

    /// <summary>Where no work is accepted, fails what waits.</summary>
    public void FailQueued()
    {
        if (_breaker.Refusal is not { } refusal) return;
        foreach (var task in TakeAllQueued()) task.FailUnstarted(refusal());
    }

    /// <summary>Takes the tasks that cannot be sent anywhere, for <see cref="FailIfRefused"/>.</summary>
    public SerializedTask[] TakeRefusedLocked()
    {
        if (_refused.Count == 0) return [];
        SerializedTask[] refused = [.. _refused];
        _refused.Clear();
        return refused;
    }

    public static void FailIfRefused(SerializedTask task)
    {
        if (task.Refusal is { } refusal) task.Future.FailUnstarted(refusal);
    }

    /// <summary>From here on a worker gets tasks.</summary>
    public void AddWorkerLocked(WorkerHandle worker)
    {
        _ready.Add(worker);
        CheckInvariants();
    }

    /// <summary>From here on a worker gets no more tasks. True: it was the last that got any.</summary>
    public bool RemoveWorkerLocked(WorkerHandle worker) => _ready.Remove(worker) && _ready.Count == 0;

    /// <summary>From here on no worker gets tasks.</summary>
    public void RemoveAllWorkersLocked() => _ready.Clear();

    /// <summary>The workers that get tasks, as they are now.</summary>
    public WorkerHandle[] ReadyWorkersLocked() => [.. _ready];

    /// <summary>The worker to retire when there are too many: one that has nothing to do, if there is one.</summary>
    public WorkerHandle SurplusWorkerLocked() => _ready.Find(static worker => worker.Out == 0) ?? _ready[^1];

    /// <summary>The next task that is sent asks its worker to spin before it sleeps: a caller waits for the result in the same way.</summary>
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
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the queue and the workers that get tasks");
        Debug.Assert(_next >= 0, "the search begins at a worker");
        Debug.Assert(_window.Size >= 1, "a worker may have at least one task");
        foreach (var worker in _ready)
        {
            Debug.Assert(worker.State == WorkerState.Ready, "only a worker that is ready gets tasks");
            Debug.Assert(worker.Out >= 0 && worker.Out <= worker.Given, "what a worker has was given to it");
            Debug.Assert(_tasksPerWorker is not { } limit || worker.Given < limit, "a worker that has had its last task gets no more");
        }
    }
}
