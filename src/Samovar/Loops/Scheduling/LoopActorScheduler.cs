using System.Diagnostics;
using Samovar.Loops.Core;
using Samovar.Loops.Scopes;
using Samovar.Tasks.Core;
using Samovar.Tasks.Running;

namespace Samovar.Loops.Scheduling;

/// <summary>The executor core of an actor on an event loop: lets at most a fixed number of its calls be incomplete on the loop at a time, in order.</summary>
/// <remarks>
/// <list type="number">
/// <item>The queue, the running calls and the number of turns change under the gate; all calls run on the loop's thread.</item>
/// <item>Calls that run and turns that are posted to the loop are together at most as many as calls may run at the same time. A turn takes the first call;
/// if calls were cancelled meanwhile, it takes the next one, or does nothing.</item>
/// </list>
/// </remarks>
internal sealed class LoopActorScheduler : ExecutorCore
{
    private readonly LoopScheduler _scheduler;
    private readonly int _concurrency;
    private readonly Lock _gate = new();
    private readonly PriorityTaskQueue _queue = new();
    private readonly HashSet<Future> _running = [];
    private readonly WorkerIdentity _worker;
    private readonly Turn _turn;
    private int _turns;

    public LoopActorScheduler(LoopScheduler scheduler, int concurrency, ExecutorOptions options, string name)
        : base(name, options.TimeProvider, options.CancellationGrace, options.LoggerFactory, reportsToConsole: true)
    {
        _scheduler = scheduler;
        _concurrency = concurrency;
        _worker = new WorkerIdentity(1, name);
        _turn = new Turn(this);
        Owner = scheduler;
        Order = scheduler.Loop.Context;
        Meter = CreateMeter(options.MeterFactory, "loop");
    }

    public override int Parallelism => _concurrency;

    public override void Enqueue(Future future)
    {
        bool isTurn;
        lock (_gate)
        {
            _queue.Append(future);
            isTurn = TryAddTurnLocked();
        }

        if (isTurn) _scheduler.Loop.PostOrForward(_turn, null);
        if (IsDiscarding) future.Cancel();
    }

    public override void Revoked(Future future)
    {
        lock (_gate) _queue.Remove(future);
    }

    /// <summary>Called when a caller is about to block on a call. On the loop's thread no other code would run meanwhile, so the call throws.</summary>
    public override bool TryRunInline(Future future, bool isShort) => !_scheduler.Loop.IsHere ? false : throw new InvalidOperationException(
        $"{future} was waited for on the thread of event loop '{_scheduler.Name}', where the actor's calls run. Await it instead.");

    /// <summary>Leaves an abandoned call behind. The next call finds the instance in use.</summary>
    public override void LeftBehind(Future future, int attempt)
    {
        base.LeftBehind(future, attempt);
        Over(future);
    }

    public override ExecutorStatistics GetStatistics()
    {
        int running;
        lock (_gate) running = _running.Count(static call => !call.IsCompleted); // a completed call is removed after its waiters are signalled
        return CreateStatistics(Parallelism, live: 1, idle: running == 0 ? 1 : 0, running);
    }

    /// <summary>Refuses calls, and prevents further ones from starting, because the main work of the loop has completed.</summary>
    public void BeginEnding()
    {
        CloseAdmissions();
        BeginDiscarding();
    }

    /// <summary>Removes and returns the calls that have not started, because the loop stops.</summary>
    public List<Future> TakeCalls() => TakeQueued();

    /// <summary>Returns the calls that have started and not completed.</summary>
    public List<Future> RunningCalls() => TasksUnderWay();

    protected override List<Future> TakeQueued()
    {
        List<Future> queued = [];
        lock (_gate)
        {
            while (_queue.TakeFirst() is { } task) queued.Add(task);
        }

        return queued;
    }

    protected override List<Future> TasksUnderWay()
    {
        lock (_gate) return [.. _running];
    }

    protected override Task StopAsync(ShutdownMode mode, TimeSpan grace)
    {
        _scheduler.RemoveActor(this);
        return Task.CompletedTask;
    }

    private bool TryAddTurnLocked()
    {
        CheckInvariantsLocked();
        if (_queue.Count <= _turns || _running.Count + _turns >= _concurrency) return false;
        _turns++;
        return true;
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread, "the gate guards the queue, the running calls and the turns");
        Debug.Assert(_turns >= 0, "no turn is taken twice");
        Debug.Assert(_running.Count + _turns <= _concurrency, "no more calls run than the actor allows");
    }

    private void RunNext()
    {
        Future? task;
        lock (_gate)
        {
            _turns--;
            task = _queue.TakeFirst();
            if (task is not null) _running.Add(task); // SYNC: discard against start
        }

        if (task is null) return;
        if (IsDiscarding) task.Cancel();
        if (!task.TryStart(_worker, 0, out int attempt))
        {
            Over(task);
            return;
        }

        var run = new Attempt(this, task, attempt);
        if (task.Context is { } context) ExecutionContext.Run(context, Attempt.Callback, run);
        else run.Start();
    }

    private void Over(Future task)
    {
        bool isTurn;
        lock (_gate)
        {
            _running.Remove(task);
            isTurn = TryAddTurnLocked();
        }

        if (isTurn) _scheduler.Loop.PostOrForward(_turn, null);
    }

    private sealed class Turn(LoopActorScheduler actor) : ReadyWork
    {
        public override void Run() => actor.RunNext();

        public override string ToString() => $"a call of {actor.Name}";
    }

    /// <summary>One call, from its start to its completion.</summary>
    private sealed class Attempt(LoopActorScheduler actor, Future task, int attempt)
    {
        public static readonly ContextCallback Callback = static run => ((Attempt)run!).Start();

        private Task? _work;

        public void Start()
        {
            var outer = RunningTask.Enter(task);
            RunningTask.Flow(task);
            if (task.IsAsynchronous) AmbientFrame.Current = new FutureFrame(task);
            try
            {
                _work = task.Begin(attempt);
            }
            finally
            {
                RunningTask.Leave(outer);
            }

            if (_work is null) actor.Over(task);
            else if (_work.IsCompleted) End();
            else _work.GetAwaiter().UnsafeOnCompleted(End);
        }

        private void End()
        {
            task.End(attempt, _work!);
            actor.Over(task);
        }
    }
}
