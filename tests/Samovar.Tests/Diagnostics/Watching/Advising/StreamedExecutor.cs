using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;
using Samovar.Diagnostics.Watching;

namespace Samovar.Tests.Diagnostics.Watching.Advising;

/// <summary>An executor in a <see cref="PictureStream"/>: its totals, which a test changes between pictures.</summary>
internal sealed class StreamedExecutor(int number, string name, string type)
{
    private readonly Dictionary<string, FunctionRecord> _functions = [];
    private List<RecordedAttempt> _newAttempts = [];
    private long _recorded;
    private long _completed;
    private long _failed;

    public int Number => number;

    public int Workers { get; set; } = 4;

    public long Idle { get; set; }

    public long Busy { get; set; } = 4;

    public long Queued { get; set; }

    public long Submitted { get; set; }

    public long Abandoned { get; set; }

    public long FailedStarts { get; set; }

    public string? StartError { get; set; }

    public string? BrokenBy { get; set; }

    public TimeSpan Shipping { get; set; }

    public long ShippedBytes { get; set; }

    public List<TaskActivity> Running { get; set; } = [];

    public List<MapActivity> Maps { get; set; } = [];

    public List<WorkerActivity> Activity { get; set; } = [];

    /// <summary>Submits tasks, and completes an attempt of each.</summary>
    public void Complete(
        int count, string function = "Kitchen.Brew", double runMilliseconds = 1, double waitMilliseconds = 0, AttemptOutcome outcome = AttemptOutcome.Succeeded, bool losesWorker = false,
        RecordedShipping? shipping = null)
    {
        if (!_functions.TryGetValue(function, out var record)) _functions.Add(function, record = new FunctionRecord(function));
        var attempt = new RecordedAttempt
        {
            Function = function,
            Worker = 1,
            WorkerName = "worker",
            Attempt = 1,
            Outcome = outcome,
            Began = TimeSpan.FromMilliseconds(waitMilliseconds).Ticks,
            Ended = TimeSpan.FromMilliseconds(waitMilliseconds).Ticks + TimeSpan.FromMilliseconds(runMilliseconds).Ticks,
            HasLostWorker = losesWorker,
            Shipping = shipping,
            Error = outcome == AttemptOutcome.Succeeded ? null : new RecordedError("System.FormatException", "The milk is spilt.", ""),
        };
        for (int i = 0; i < count; i++)
        {
            record.Add(attempt);
            _newAttempts.Add(attempt);
        }

        Submitted += count;
        _recorded += count;
        _completed += count;
        if (outcome != AttemptOutcome.Succeeded) _failed += count;
    }

    public ExecutorPicture Show()
    {
        var attempts = _newAttempts;
        _newAttempts = [];
        var statistics = new ExecutorStatistics
        {
            Executor = name,
            Workers = Workers,
            LiveWorkers = (int)(Idle + Busy),
            IdleWorkers = (int)Idle,
            Queued = Queued,
            Running = Busy,
            Submitted = Submitted,
            Succeeded = _completed - _failed,
            Failed = _failed,
            Canceled = 0,
            Retries = 0,
            TimedOut = 0,
            Abandoned = Abandoned,
            UnobservedFailures = 0,
            FailedStarts = FailedStarts,
            StartError = StartError,
            BrokenBy = BrokenBy,
        };
        var recording = new RecorderSnapshot
        {
            Recorded = _recorded,
            Skipped = 0,
            Shipping = Shipping,
            ShippedBytes = ShippedBytes,
            FailuresKept = 0,
            FailuresRecorded = _failed,
            NewAttempts = attempts,
            Functions = [.. _functions.Values.Select(static function => function.Copy())],
        };
        return new ExecutorPicture(
            number, type, statistics, new ExecutorFigures { Idle = Idle, Busy = Busy, Queued = Queued, Running = Busy, Submitted = Submitted },
            new ExecutorActivity(Activity, Running, Running.Count), recording)
        {
            Maps = Maps,
        };
    }
}
