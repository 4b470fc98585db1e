using Samovar.Tasks.Completions;

namespace Samovar.Stress.Cluster.Simulation;

/// <summary>What happens to a task of the simulation, as it was drawn before.</summary>
internal enum SimulatedFate : byte
{
    Succeeds,
    Throws,

    /// <summary>Its worker exits.</summary>
    Crashes,

    /// <summary>It runs on when it is requested to stop.</summary>
    IgnoresStop,
}

/// <summary>A task of the simulation: what was drawn for it, and what has happened to it. Notified of its completion.</summary>
internal sealed class SimulatedTask(SimulationJournal journal, int index) : Completion
{
    public const int Attempts = 3;

    private long _attempts; // a bit for each that has started
    private bool _isComplete;
    private bool _mayNotStart;

    public int Index => index;

    public SimulatedFate Fate { get; init; }

    /// <summary>How long it runs, in ticks.</summary>
    public long Duration { get; init; }

    public bool Retries { get; init; }

    /// <summary>Whether the program cancels it at some time.</summary>
    public bool IsCanceled { get; init; }

    public bool HasTimeout { get; init; }

    /// <summary>Whether the owner is killed, so that nothing is promised but that no task starts twice.</summary>
    public bool IsOrphan { get; init; }

    public int Starts { get; private set; }

    /// <summary>Its future, from its submission until it has completed.</summary>
    public Future? Future { get; set; }

    /// <summary>Called when a worker starts it.</summary>
    public void NoteStart(int attempt, string node)
    {
        Starts++;
        journal.Note(index, attempt, node.Length);
        long bit = 1L << attempt;
        if ((_attempts & bit) != 0) journal.Report($"task {index} started attempt {attempt} twice, the second time on {node}");
        if (Starts > (Retries ? Attempts : 1)) journal.Report($"task {index} ({(Retries ? "with" : "without")} Retry) started {Starts} times, the last time on {node}");
        if (_mayNotStart) journal.Report($"task {index} was cancelled before it ran, and started on {node}");
        _attempts |= bit;
    }

    public override void Signal(Future future)
    {
        if (_isComplete) journal.Report($"task {index} completed twice");
        _isComplete = true;
        Future = null;
        if (IsOrphan) return;
        journal.Completed(this, future);
        switch (future.State)
        {
            case FutureState.Succeeded:
                if (Fate is SimulatedFate.Throws or SimulatedFate.Crashes) journal.Report($"task {index} succeeded, but it {Fate}");
                if (Starts == 0 || ((Future<int>)future).GetResult() != SimulatedWork.ResultOf(index)) journal.Report($"task {index} has another result than its own");
                break;
            case FutureState.Canceled:
                if (!IsCanceled) journal.Report($"task {index} was cancelled by no one");
                _mayNotStart = future.Worker is null;
                if (_mayNotStart && Starts > 0) journal.Report($"task {index} was cancelled before it ran, and had started");
                break;
            case FutureState.Failed:
                Check(future.Exception!);
                break;
            default:
                journal.Report($"task {index} is complete in state {future.State}");
                break;
        }
    }

    private void Check(Exception error)
    {
        bool isExpected = error switch
        {
            NodeLostException => journal.HasFaults,
            SimulatedException => Fate == SimulatedFate.Throws,
            WorkerCrashedException => Fate == SimulatedFate.Crashes || HasTimeout || IsCanceled,
            TaskTimeoutException => HasTimeout,
            _ => false,
        };
        if (!isExpected) journal.Report($"task {index} ({Fate}) failed with {error.GetType().Name}: {error.Message}");
    }
}
