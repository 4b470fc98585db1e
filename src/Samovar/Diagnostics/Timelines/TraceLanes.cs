using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Timelines;

/// <summary>Assigns lanes of a trace to workers and executors, and names them when they first appear. Not thread-safe.</summary>
internal sealed class TraceLanes(TraceWriter writer)
{
    /// <summary>More workers than an executor has during a trace.</summary>
    private const int LanesPerExecutor = 1_000_000;

    private const int SubmissionLane = 0;
    private const int CompletionLane = LanesPerExecutor - 1;

    private readonly HashSet<(int Process, long Lane)> _named = [];
    private readonly HashSet<int> _processes = [];

    /// <summary>Returns the lane of a worker.</summary>
    public (int Process, long Lane) OfWorker(int executor, string executorName, in RecordedAttempt attempt)
    {
        int process = attempt.Process == 0 ? Environment.ProcessId : attempt.Process;
        return Named(process, executor, 1 + (attempt.Worker % (LanesPerExecutor - 2)), attempt.WorkerName ?? executorName, executorName);
    }

    /// <summary>Returns the lane in which an executor's submissions are.</summary>
    public (int Process, long Lane) OfSubmissions(int executor, string executorName) =>
        Named(Environment.ProcessId, executor, SubmissionLane, $"{executorName}: submitted", executorName);

    /// <summary>Returns the lane in which an executor's completions are.</summary>
    public (int Process, long Lane) OfCompletions(int executor, string executorName) =>
        Named(Environment.ProcessId, executor, CompletionLane, $"{executorName}: completed", executorName);

    private (int Process, long Lane) Named(int process, int executor, int index, string name, string executorName)
    {
        var lane = (process, ((long)executor * LanesPerExecutor) + index);
        if (_processes.Add(process)) writer.ProcessName(process, process == Environment.ProcessId ? $"{Program} ({process})" : $"worker of '{executorName}' ({process})");
        if (_named.Add(lane)) writer.LaneName(lane, name);
        return lane;
    }

    private static string Program => Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]);
}
