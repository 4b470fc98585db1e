using System.Diagnostics;
using Samovar.Ipc;
using Samovar.Ipc.Channel;
using Samovar.Ipc.Platform;
using Samovar.Processes.Launch;
using Samovar.Serialization;

namespace Samovar.Processes.Parent;

/// <summary>Reads what workers write, and completes the futures of their tasks, on one draining thread for the executor.</summary>
/// <remarks>
/// <list type="number">
/// <item>The thread that reads results holds the turn: the draining thread while it serves workers, or one caller at a time
/// (<see cref="CallerDrain"/>). The draining thread blocks for the turn; a caller that waits for its result does not.</item>
/// <item>The thread reads what there is, has more tasks sent, and completes the futures after that: the worker is not to wait for that.</item>
/// <item>A result stays where it is, in the ring or in a segment, until its future is complete.</item>
/// <item>Starts, exits and deaths are the draining thread's alone.</item>
/// </list>
/// Lock rule: the turn guards the fields that are marked so; the gate guards <see cref="_bell"/> and <see cref="_thread"/>, which are created together
/// once, before the first worker, and which other threads may read without it. The turn comes before the gate: with the turn this enters the gate by
/// <see cref="EnterGate"/>, since the thread may be a caller's. With the turn, and outside of the gate, it calls <see cref="WorkerSupervisor"/>,
/// <see cref="WorkerWatchdog"/> and futures; under the gate <see cref="Dispatcher"/> and <see cref="WorkerSupervisor.RetireLocked"/>. Under the gate
/// the others call only <see cref="Wake"/> and members whose name ends in "Locked".
/// </remarks>
internal sealed partial class ResultPump
{
    /// <summary>How many results of one worker are taken before the others have their turn.</summary>
    private const int LargestTurn = 128;

    private readonly ProcessPool _pool;
    private readonly Lock _gate;
    private readonly Lock _turn;
    private readonly ChannelPlatform _platform;
    private readonly OutputCapture _output;
    private readonly Dispatcher _dispatcher;
    private readonly WorkerSupervisor _supervisor;
    private readonly WorkerWatchdog _watchdog;
    private readonly Func<bool> _hasResults;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ResultReader _result = new(); // turn
    private readonly List<FinishedTask> _ended = []; // turn: read, and not yet completed
    private readonly List<LargeMessage> _opened = []; // turn: what those lie in
    private ParentBell? _bell;
    private Thread? _thread;
    private bool _isInterrupted; // turn: the caller's thread was to be woken from a wait, and has not been
    private bool _hasFinished; // turn: the bell is unmapped

    public ResultPump(
        ProcessPool pool, Lock gate, Lock turn, ChannelPlatform platform, OutputCapture output, Dispatcher dispatcher,
        WorkerSupervisor supervisor, WorkerWatchdog watchdog)
    {
        _pool = pool;
        _gate = gate;
        _turn = turn;
        _platform = platform;
        _output = output;
        _dispatcher = dispatcher;
        _supervisor = supervisor;
        _watchdog = watchdog;
        _hasResults = HasResults;
    }

    /// <summary>Completes when the draining thread has taken its last step, or there never was one.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Whether there is a bell to wake the draining thread by, or was one.</summary>
    public bool HasBellLocked => _bell is not null;

    /// <summary>Whether this thread reads results: what it waits for may be what it reads.</summary>
    public bool IsTurnHeldByCurrentThread => _turn.IsHeldByCurrentThread;

    /// <summary>Turn: whether no worker is left, and the bell is unmapped.</summary>
    public bool HasFinished => _hasFinished;

    /// <summary>Wakes the draining thread, or keeps it from its next sleep. Any thread, also under the gate.</summary>
    public void Wake() => Volatile.Read(ref _bell)?.Interrupt();

    /// <summary>Starts the draining thread, and creates the bell that it waits at, before the first worker.</summary>
    /// <returns>The bell, for the workers to ring.</returns>
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

            _thread = thread; // only one that runs is waited for at the end
            return bell;
        }
    }

    /// <summary>The executor ends: where there is no draining thread, nothing is left to do.</summary>
    public void StopIfNeverStartedLocked()
    {
        if (_thread is null) _stopped.TrySetResult();
    }

    /// <summary>Turn: enters the gate. The thread may be a caller's, which another thread interrupts (<see cref="Thread.Interrupt"/>) and which must go
    /// on all the same. It is interrupted again when it has given the turn back.</summary>
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
                _isInterrupted = Thread.CurrentThread != _thread; // remembered for the caller; the draining thread has none
            }
        }
    }

    /// <summary>Turn: remembers that the caller's thread was interrupted.</summary>
    public void RememberInterrupt() => _isInterrupted = true;

    /// <summary>Turn: whether the caller's thread was interrupted since the last call.</summary>
    public bool TakeInterrupt()
    {
        bool wasInterrupted = _isInterrupted;
        _isInterrupted = false;
        return wasInterrupted;
    }

    /// <summary>Turn: keeps the draining thread asleep while a caller reads. False: it is awake.</summary>
    public bool TryTakeOver() => _bell!.Sleeper.TryTakeOver();

    /// <summary>Turn: ends what <see cref="TryTakeOver"/> began, and wakes the draining thread where there is something to read.</summary>
    public void EndTakeOver() => _bell!.Sleeper.EndTakeOver(_hasResults);

    /// <summary>The library itself has failed, on the draining thread or on a caller's: ends everything, and says why.</summary>
    public void FailInternally(Exception error)
    {
        InvalidOperationException Broken() => new(
            $"'{_pool.Name}' has failed inside, and is of no more use: {error.GetType().Name}: {error.Message} This is a fault of Samovar.", error);
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
        Debug.Assert(_ended.Count == 0 && _opened.Count == 0, "what was read is completed before the turn is given back");
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
            // A fault of Samovar's own: no state can be trusted any more, and no caller may wait without end.
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

    /// <summary>Does what there is to do for one worker. True: there may be more.</summary>
    private bool Serve(WorkerHandle worker, bool comparesSlots)
    {
        // Read first: what the worker wrote before it exited is in the ring by then.
        bool hasExited = worker.Process.Exit is not null;
        bool any = false;
        try
        {
            if (worker.State == WorkerState.Starting)
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
            worker.MarkCorrupted($"what it wrote cannot be read: {error.Message}");
            if (!hasExited) worker.Process.Kill();
            any = false;
        }

        if (any) return true;
        if (hasExited)
        {
            _supervisor.Reap(worker);
            return true;
        }

        _watchdog.Check(worker, comparesSlots);
        if (worker.State == WorkerState.Retiring) _supervisor.EndIfDone(worker);
        return false;
    }

    /// <summary>Takes the last steps once the executor ends. True: nothing is left, the thread exits.</summary>
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
