using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;
using Samovar.Tasks.Core;

namespace Samovar.Executors.Mapping;

/// <summary>Counts the items of one run of a map by their outcome, for its <see cref="MapProgress"/> and for the watchers of the process.</summary>
/// <remarks>Batches are always counted, which costs an addition each. What takes a clock, <see cref="MapDetails"/>, is measured only while progress was
/// requested or the process is watched.</remarks>
internal sealed class MapTally(ExecutorCore core, Delegate work, MapOptions options) : IObservedMap
{
    private const int SlowestForWatchers = 5;

    private readonly MapProgress? _progress = options.TotalProgress;
    private IMapRun? _run;
    private MapDetails? _details;
    private long _number;
    private long _total = -1; // unknown
    private long _beganAt;
    private long _endedAt;
    private long _succeeded;
    private long _failed;
    private long _canceled;
    private long _retries;
    private long _stored;

    public ExecutorCore Core => core;

    /// <summary>Whether items are measured.</summary>
    public bool IsDetailed => _progress is not null || TaskRecorder.IsOn;

    /// <summary>What was measured so far; null if nothing was.</summary>
    public MapDetails? Details => Volatile.Read(ref _details);

    /// <summary>How many items the source has; null if that is not known.</summary>
    public long? Total => Volatile.Read(ref _total) is var total and >= 0 ? total : null;

    /// <summary>The items that have a result, computed or stored.</summary>
    public long Succeeded => Volatile.Read(ref _succeeded) + Volatile.Read(ref _stored);

    public long Failed => Volatile.Read(ref _failed);

    public long Canceled => Volatile.Read(ref _canceled);

    public long Retries => Volatile.Read(ref _retries);

    public bool HasEnded => Volatile.Read(ref _endedAt) != 0;

    /// <summary>Begins the run. Called before its first batch.</summary>
    public void Begin<T>(IMapRun run, MapSource<T> source)
    {
        Volatile.Write(ref _run, run);
        Volatile.Write(ref _beganAt, core.Time.GetTimestamp());
        Volatile.Write(ref _total, source.Count ?? -1);
        if (_progress is not null) EnsureDetails();
        Volatile.Write(ref _number, core.Maps.Add(this));
        _progress?.Begin(this);
    }

    /// <summary>Completes the run: none of its items runs any more. Called once, and only after <see cref="Begin"/>.</summary>
    public void End()
    {
        long now = core.Time.GetTimestamp();
        Volatile.Write(ref _endedAt, Math.Max(1, now));
        long number = Volatile.Read(ref _number);
        core.Maps.Remove(number, TaskRecorder.IsOn ? Capture(number) : null, now);
        _progress?.End(this);
    }

    /// <summary>Counts the items of a batch that has an outcome. Batches are counted one after the other, before the reader sees them.</summary>
    public void Count(in MapBatchCounts counts)
    {
        if (counts.Succeeded > 0) Volatile.Write(ref _succeeded, _succeeded + counts.Succeeded);
        if (counts.Failed > 0) Volatile.Write(ref _failed, _failed + counts.Failed);
        if (counts.Canceled > 0) Volatile.Write(ref _canceled, _canceled + counts.Canceled);
    }

    /// <summary>Counts an item whose result was in a cache. May be called on any thread.</summary>
    public void CountStored() => Interlocked.Increment(ref _stored);

    /// <summary>Notifies the handler of the progress that a batch was counted.</summary>
    public void Tell() => _progress?.Tell(this);

    /// <summary>Measures a completed task of the map. Called only while <see cref="IsDetailed"/>.</summary>
    /// <param name="worker">Its worker; null if it never started.</param>
    /// <param name="began">The timestamp of its start.</param>
    /// <param name="ended">The timestamp of its end.</param>
    /// <param name="items">How many of its items have an outcome.</param>
    public void Measure(WorkerIdentity? worker, long began, long ended, int items) => EnsureDetails().Add(worker, began, ended, items);

    /// <summary>Measures an item. Called only while <see cref="IsDetailed"/>. The item is described only if progress was requested: code of the program
    /// does not run because of a watcher.</summary>
    public void MeasureItem<T>(T item, long index, TimeSpan took, WorkerIdentity? worker)
    {
        var slowest = EnsureDetails().Slowest;
        if (slowest.WouldKeep(took)) slowest.Add(new MeasuredItem(index, took, _progress is null ? "" : ItemText.Of(item, _progress.DescribeItem), worker?.Name));
    }

    /// <summary>Counts an attempt that failed and will be repeated.</summary>
    public void CountRetry(WorkerIdentity? worker, long began)
    {
        Interlocked.Increment(ref _retries);
        if (IsDetailed) Measure(worker, began, core.Time.GetTimestamp(), items: 0);
    }

    /// <summary>Returns how many items run. Called under no lock of the executor.</summary>
    public int CountRunning() => HasEnded ? 0 : Volatile.Read(ref _run)?.CountRunning() ?? 0;

    /// <summary>The time since the run began, until it ended.</summary>
    public TimeSpan Elapsed => core.Time.GetElapsedTime(Volatile.Read(ref _beganAt), Until);

    /// <summary>How many items complete a second: at the moment, or on average if that was not measured or the run has ended.</summary>
    public double Rate
    {
        get
        {
            if (!HasEnded && Details is { } details && details.PerSecond(core.Time.GetTimestamp()) is > 0 and var rate) return rate;
            double seconds = Elapsed.TotalSeconds;
            return seconds > 0 ? (Succeeded + Failed + Canceled) / seconds : 0;
        }
    }

    /// <summary>Returns what the workers of the executor did during the run.</summary>
    public List<MapWorkerInsights> Workers() => Details?.Workers(core.WorkerLives.ToList(), Volatile.Read(ref _beganAt), Until) ?? [];

    public MapActivity Capture(long number)
    {
        var details = Details;
        long? total = Total ?? _progress?.Total;
        long completed = Succeeded + Failed + Canceled;
        return new MapActivity
        {
            Number = number,
            Name = _progress?.Name ?? options.Name,
            Function = FunctionNames.Shared.Of(work),
            Total = total >= completed ? total : null, // otherwise it is wrong
            Running = CountRunning(),
            Succeeded = Succeeded,
            Failed = Failed,
            Canceled = Canceled,
            Elapsed = Elapsed,
            Rate = Rate,
            HasEnded = HasEnded,
            Times = details?.CopyTimes(),
            Slowest = details?.Slowest.ToList() ?? [],
        };
    }

    private long Until => Volatile.Read(ref _endedAt) is not 0 and var ended ? ended : core.Time.GetTimestamp();

    private MapDetails EnsureDetails()
    {
        if (Volatile.Read(ref _details) is { } known) return known;
        var fresh = new MapDetails(core.Time, _progress?.KeptSlowestItems ?? SlowestForWatchers);
        return Interlocked.CompareExchange(ref _details, fresh, null) ?? fresh;
    }
}
