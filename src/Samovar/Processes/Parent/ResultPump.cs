using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;
using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>Reads what workers write and completes the futures of their tasks, on one draining thread for the executor.</summary>
/// <remarks>
/// <list type="number">
/// <item>The thread that reads results holds the turn: the draining thread while it serves workers, or one caller at a time
/// (<see cref="CallerDrain"/>). The draining thread blocks for the turn; a caller that waits for its result does not.</item>
/// <item>The thread reads all available results, sends more tasks, and completes the futures after that, so that the worker need not wait for the
/// completions.</item>
/// <item>A result stays where it is, in the ring or in a segment, until its future is complete.</item>
/// <item>Only the draining thread handles starts, exits and deaths.</item>
/// </list>
/// Lock rule: the turn guards the fields that are marked so; the gate guards <see cref="_bell"/> and <see cref="_thread"/>, which are created
/// together once, before the first worker, and which other threads may read without it. The turn comes before the gate: while it holds the turn,
/// this class enters the gate through <see cref="EnterGate"/>, because the thread may be a caller's. With the turn, and outside the gate, it calls
/// <see cref="WorkerSupervisor"/>, <see cref="WorkerWatchdog"/> and futures; under the gate, <see cref="Dispatcher"/> and
/// <see cref="WorkerSupervisor.RetireLocked"/>. Under the gate the other classes call only <see cref="Wake"/> and members whose name ends in
/// "Locked".
/// </remarks>
internal sealed partial class ResultPump
{
    /// <summary>How many results of one worker are read before the other workers are served.</summary>
    private const int LargestTurn = 128;

    private readonly ProcessPool _pool;
    private readonly Lock _gate;
    private readonly Lock _turn;
    private readonly ChannelPlatform _platform;
    private readonly OutputCapture _output;
    private readonly Dispatcher _dispatcher;
    private readonly WorkerSupervisor _supervisor;
    private readonly WorkerWatchdog _watchdog;
    private readonly ControlSender _control;
    private readonly Func<bool> _hasResults;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ResultReader _result = new(); // turn
    private readonly List<FinishedTask> _ended = []; // turn: results that were read and are not completed yet
    private readonly List<LargeMessage> _opened = []; // turn: the open segments that contain those results
    private ParentBell? _bell;
    private Thread? _thread;
    private bool _isInterrupted; // turn: the caller's thread was interrupted, and must be interrupted again
    private bool _hasFinished; // turn: the bell is unmapped

    public ResultPump(
        ProcessPool pool, Lock gate, Lock turn, ChannelPlatform platform, OutputCapture output, Dispatcher dispatcher,
        WorkerSupervisor supervisor, WorkerWatchdog watchdog, ControlSender control)
    {
        _pool = pool;
        _gate = gate;
        _turn = turn;
        _platform = platform;
        _output = output;
        _dispatcher = dispatcher;
        _supervisor = supervisor;
        _watchdog = watchdog;
        _control = control;
        _hasResults = HasResults;
    }

    /// <summary>Completes when the draining thread has done its last step, or if there never was a draining thread.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Whether the bell that wakes the draining thread has ever been created.</summary>
    public bool HasBellLocked => _bell is not null;

    /// <summary>Whether this thread is reading results, so that it must not wait for another result.</summary>
    public bool IsTurnHeldByCurrentThread => _turn.IsHeldByCurrentThread;

    /// <summary>Turn: whether all workers are gone and the bell is unmapped.</summary>
    public bool HasFinished => _hasFinished;

    /// <summary>Wakes the draining thread, or prevents its next sleep. Any thread may call it, also under the gate.</summary>
    public void Wake() => Volatile.Read(ref _bell)?.Interrupt();

    /// <summary>Starts the draining thread, and creates the bell at which it waits, before the first worker.</summary>
    /// <returns>The bell, which the workers ring.</returns>
    public ParentBell EnsureRunning()
    {
        lock (_gate)
        {
            if (_thread is not null) return _bell!;
            var bell = new ParentBell(_platform);
            Volatile.Write(ref _bell, bell);
            var thread = new Thread(Run) { IsBackground = true, Name = $"{_pool.Name} results" };
            try
            {
                LibraryThread.Start(thread);
            }
            catch
            {
                bell.Dispose();
                Volatile.Write(ref _bell, null);
                throw;
            }

            _thread = thread; // set only after the start: the shutdown waits for a thread that runs
            return bell;
        }
    }

    /// <summary>Called at the shutdown of the executor: if there is no draining thread, nothing is left to do.</summary>
    public void StopIfNeverStartedLocked()
    {
        if (_thread is null) _stopped.TrySetResult();
    }

    /// <summary>Turn: enters the gate. The thread may be a caller's, which another thread interrupts (<see cref="Thread.Interrupt"/>) and which
    /// must continue anyway. It is interrupted again when it has released the turn.</summary>
    public void EnterGate()
    {
        while (true)
        {
            try
            {
                _gate.Enter();
                return;
            }
            catch (ThreadInterruptedException)
            {
                _isInterrupted = Thread.CurrentThread != _thread; // remembered for the caller; an interrupt of the draining thread is dropped
            }
        }
    }

    /// <summary>Turn: remembers that the caller's thread was interrupted.</summary>
    public void RememberInterrupt() => _isInterrupted = true;

    /// <summary>Turn: returns whether the caller's thread was interrupted since the last call.</summary>
    public bool TakeInterrupt()
    {
        bool wasInterrupted = _isInterrupted;
        _isInterrupted = false;
        return wasInterrupted;
    }

    /// <summary>Turn: keeps the draining thread asleep while a caller reads. Returns false if it is awake.</summary>
    public bool TryTakeOver() => _bell!.Sleeper.TryTakeOver();

    /// <summary>Turn: reverts <see cref="TryTakeOver"/>, and wakes the draining thread if there is something to read.</summary>
    public void EndTakeOver() => _bell!.Sleeper.EndTakeOver(_hasResults);

    /// <summary>Fails everything because of a bug in Samovar, on the draining thread or on a caller's, and reports the error.</summary>
    public void FailInternally(Exception error)
    {
        InvalidOperationException Broken() => new(
            $"'{_pool.Name}' has failed internally and can no longer be used: {error.GetType().Name}: {error.Message} This is a bug in Samovar.", error);
        _supervisor.Break(Broken);
        ThreadPool.UnsafeQueueUserWorkItem(_ => _pool.Report(FailureSource.Executor, 0, null, Broken()), null); // its handlers may block
        _supervisor.AbandonWorkers(Broken);
        FailRefused();
        _dispatcher.FailQueued();
        _stopped.TrySetResult(); // channels stay mapped: other threads may be using them
    }

    [Conditional("DEBUG")]
    public void CheckInvariants()
    {
        Debug.Assert(_turn.IsHeldByCurrentThread, "the turn guards the reading of results");
        Debug.Assert(_ended.Count == 0 && _opened.Count == 0, "results that were read are completed before the turn is released");
        Debug.Assert(!_hasFinished || _supervisor.Handles.Length == 0, "the bell outlives the workers");
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                if (ServeAll()) continue;
                if (TryFinish()) return;
                var sleep = _dispatcher.SendBeforeSleep();
                FailRefused();
                _bell!.Sleeper.Wait(_hasResults, sleep);
            }
        }
        catch (Exception error)
        {
            // This is a bug in Samovar: no state can be trusted any more, and no caller may wait indefinitely.
            FailInternally(error);
        }
    }

    private bool ServeAll()
    {
        bool any = false;
        bool comparesSlots = _watchdog.IsTimeToCompare();
        lock (_turn)
        {
            foreach (var worker in _supervisor.Handles) any |= Serve(worker, comparesSlots);
            CheckInvariants();
        }

        return any;
    }

    private bool HasResults()
    {
        foreach (var worker in _supervisor.Handles)
        {
            if (worker.Channel.Results.HasRecord) return true;
        }

        return false;
    }

    /// <summary>Serves one worker. Returns true if there may be more to do.</summary>
    private bool Serve(WorkerHandle worker, bool comparesSlots)
    {
        // Read the exit first: everything that the worker wrote before it exited is then in the ring.
        bool hasExited = worker.Process.Exit is not null;
        bool any = false;
        try
        {
            if (worker.State == WorkerPhase.Starting)
            {
                if (worker.Setup.TryComplete()) _supervisor.SetUp(worker);
            }
            else
            {
                any = ReadResults(worker);
            }
        }
        catch (WorkerStartException error)
        {
            _supervisor.NoteFailedStart(worker, error);
            return true;
        }
        catch (Exception error) when (error is ChannelCorruptedException or ShippingException or IOException or OutOfMemoryException)
        {
            worker.MarkCorrupted($"its messages cannot be read: {error.Message}");
            if (!hasExited) worker.Process.Kill();
            any = false;
        }

        if (any) return true;
        if (hasExited)
        {
            ExitHooks.NoteExit(_pool, worker);
            _supervisor.Reap(worker);
            return true;
        }

        _watchdog.Check(worker, comparesSlots);
        if (worker.State == WorkerPhase.Retiring) _supervisor.EndIfDone(worker);
        return false;
    }

    /// <summary>Does the last steps of a shutdown. Returns true if nothing is left to do and the thread exits.</summary>
    private bool TryFinish()
    {
        if (!_supervisor.TryEndWorkers()) return false;
        lock (_turn)
        {
            _hasFinished = true;
            if (!_supervisor.HasLeftBehind) _bell!.Dispose();
            CheckInvariants();
        }

        _pool.ReleaseMemory();
        _stopped.TrySetResult();
        return true;
    }
}
