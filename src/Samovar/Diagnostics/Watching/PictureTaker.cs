using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Metering;
using Samovar.Diagnostics.Recording;
using Samovar.Diagnostics.Watching.Advising;

namespace Samovar.Diagnostics.Watching;

/// <summary>Takes the pictures for one watcher, on the watcher's thread: from snapshots, under no lock of a dispatcher for longer than the executor's
/// statistics take. Not thread-safe.</summary>
internal sealed class PictureTaker
{
    /// <summary>The maximum number of running tasks of an executor in a picture.</summary>
    public const int MostRunning = 50;

    /// <summary>The maximum number of bars in a picture.</summary>
    public const int MostBars = 400;

    /// <summary>The maximum number of members of clusters in a picture.</summary>
    public const int MostMembers = 100;

    private readonly Advisor _advisor = new();
    private readonly Dictionary<int, SeenAttempts> _seen = []; // by executor
    private readonly MachineLoad _machine = new();
    private readonly ProcessMemory _memory = new();
    private long _number;
    private long _takenAt;
    private TimeSpan _processorTime = Environment.CpuUsage.TotalTime;
    private TimeSpan _pauses = GC.GetTotalPauseDuration();

    /// <summary>For how long locks are held.</summary>
    public HoldWatch Holds { get; } = new();

    /// <summary>Takes a picture. Its attempts are valid until the next one is taken.</summary>
    public Picture Take()
    {
        long now = Stopwatch.GetTimestamp();
        var since = _takenAt == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_takenAt, now);
        _takenAt = now;
        var running = ExecutorRegistry.Running();
        _memory.Begin();
        int workersLeft = PictureWriter.MostWorkers;
        var executors = running.ConvertAll(executor => PictureOf(executor, ref workersLeft));
        foreach (int gone in _seen.Keys.Except(running.Select(static executor => executor.Number)).ToList()) _seen.Remove(gone);
        var bars = LaneBuilder.Build(
            executors.ConvertAll(static executor => (executor.Number, executor.Recording.NewAttempts)), MostBars, out int dropped);
        var picture = new Picture
        {
            Number = ++_number,
            At = TimeProvider.System.GetUtcNow(),
            Since = since,
            Process = ProcessNow(since),
            Executors = executors,
            Lanes = bars,
            LanesDropped = dropped,
            Held = Holds.Note(PrimitiveRegistry.Capture()),
            Members = [.. MemberRegistry.Present().Take(MostMembers).Select(static one => (one.Number, one.Member.CaptureMember()))],
        };
        return picture with { Advice = _advisor.Advise(picture) };
    }

    private ExecutorPicture PictureOf(InspectedExecutor executor, ref int workersLeft)
    {
        var activity = executor.CaptureActivity(MostRunning);
        int shown = Math.Min(workersLeft, activity.Workers.Count);
        for (int i = 0; i < shown; i++) activity.Workers[i] = _memory.Fill(activity.Workers[i]);
        workersLeft -= shown;
        if (!_seen.TryGetValue(executor.Number, out var seen)) _seen.Add(executor.Number, seen = new SeenAttempts());
        var recording = executor.Recorder.Read(seen.Count, seen.Buffer);
        executor.Recorder.Refill();
        seen.Count = recording.Recorded;
        return new ExecutorPicture(
            executor.Number, executor.Type, executor.GetStatistics(), executor is IMetered metered ? metered.ReadFigures() : default,
            activity, recording)
        {
            Maps = executor.CaptureMaps(),
        };
    }

    private ProcessPicture ProcessNow(TimeSpan since)
    {
        var (processorTime, pauses) = (Environment.CpuUsage.TotalTime, GC.GetTotalPauseDuration());
        double seconds = since.TotalSeconds;
        var picture = new ProcessPicture(
            seconds > 0 ? (processorTime - _processorTime).TotalSeconds / seconds : 0,
            Environment.WorkingSet,
            GC.GetTotalMemory(forceFullCollection: false),
            GC.GetTotalAllocatedBytes(precise: false),
            seconds > 0 ? Math.Min(1, (pauses - _pauses).TotalSeconds / seconds) : 0,
            [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)],
            ThreadPool.ThreadCount,
            ThreadPool.PendingWorkItemCount)
        {
            MachineLoad = _machine.Measure(),
        };
        (_processorTime, _pauses) = (processorTime, pauses);
        return picture;
    }

    /// <summary>What pictures had of an executor's recorded attempts.</summary>
    private sealed class SeenAttempts
    {
        /// <summary>How many were in a picture.</summary>
        public long Count { get; set; }

        /// <summary>Those of the latest picture: up to a megabyte, so it is used again.</summary>
        public List<RecordedAttempt> Buffer { get; } = [];
    }
}
