using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;
using Samovar.Primitives;

namespace Samovar.Executors.Mapping;

/// <summary>What is measured of a run whose progress was requested, or that is watched: times, rate, slowest items, workers. Thread-safe, and
/// safe on threads that a codec has interrupted.</summary>
/// <param name="time">The executor's clock.</param>
/// <param name="slowest">How many of the slowest items are kept.</param>
internal sealed class MapDetails(TimeProvider time, int slowest)
{
    private readonly Lock _gate = new();
    private readonly TimeHistogram _times = new();
    private readonly RateWindow _rate = new(time, time.GetTimestamp());
    private readonly Dictionary<string, WorkerWork> _workers = new(StringComparer.Ordinal); // by name: nodes of a cluster have workers with the same number

    public SlowestItems Slowest { get; } = new(slowest);

    /// <summary>Records a completed task of the map.</summary>
    /// <param name="worker">Its worker; null if it never started.</param>
    /// <param name="began">The timestamp of its start.</param>
    /// <param name="ended">The timestamp of its end.</param>
    /// <param name="items">How many of its items have an outcome; 0 for an attempt that will be repeated.</param>
    public void Add(WorkerIdentity? worker, long began, long ended, int items)
    {
        using (_gate.HoldRegardless())
        {
            if (items > 0) _rate.Add(items, ended);
            if (worker is null) return;
            if (items > 0) _times.Add(time.GetElapsedTime(began, ended) / items, items);
            if (!_workers.TryGetValue(worker.Name, out var work)) _workers.Add(worker.Name, work = new WorkerWork());
            work.Items += items;
            work.Busy.Add(began, ended);
            CheckInvariantsLocked();
        }
    }

    public TimeHistogram? CopyTimes()
    {
        using (_gate.HoldRegardless()) return _times.Count > 0 ? _times.Copy() : null;
    }

    public double PerSecond(long now)
    {
        using (_gate.HoldRegardless()) return _rate.PerSecond(now);
    }

    /// <summary>Returns what the workers did between two timestamps: those that ran items, and the others of the executor.</summary>
    /// <param name="lives">When the executor's workers started and exited, as far as that is known.</param>
    /// <param name="from">The timestamp from which.</param>
    /// <param name="to">The timestamp up to which.</param>
    public List<MapWorkerInsights> Workers(List<WorkerLife> lives, long from, long to)
    {
        List<MapWorkerInsights> workers = [];
        using (_gate.HoldRegardless())
        {
            foreach (var life in lives)
            {
                if (life.LaunchedAt >= to || (life.ExitedAt != 0 && life.ExitedAt <= from)) continue;
                workers.Add(Of(life.Name, _workers.GetValueOrDefault(life.Name), life, from, to));
            }

            foreach (var (name, work) in _workers)
            {
                if (!lives.Exists(life => life.Name == name)) workers.Add(Of(name, work, null, from, to));
            }
        }

        return workers;
    }

    private MapWorkerInsights Of(string name, WorkerWork? work, WorkerLife? life, long from, long to)
    {
        var working = time.GetElapsedTime(0, work?.Busy.Sum() ?? 0);
        TimeSpan start = TimeSpan.Zero, init = TimeSpan.Zero, exit = TimeSpan.Zero, whole = Within(from, to);
        if (life is not null)
        {
            long exited = Or(life.ExitedAt, to);
            long started = Or(life.StartedAt, exited), ready = Or(life.ReadyAt, exited), ending = Or(life.EndingAt, exited);
            (start, init, exit, whole) = (Within(life.LaunchedAt, started), Within(started, ready), Within(ending, exited), Within(life.LaunchedAt, exited));
        }

        var rest = whole - start - init - working - exit;
        return new MapWorkerInsights
        {
            Name = name,
            Items = work?.Items ?? 0,
            Start = start,
            Init = init,
            Waiting = rest > TimeSpan.Zero ? rest : TimeSpan.Zero,
            Working = working,
            Exit = exit,
        };

        static long Or(long timestamp, long otherwise) => timestamp != 0 ? timestamp : otherwise;

        TimeSpan Within(long since, long until)
        {
            (since, until) = (Math.Max(since, from), Math.Min(until, to));
            return until > since ? time.GetElapsedTime(since, until) : TimeSpan.Zero;
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() => Debug.Assert(_times.Count == _workers.Values.Sum(static work => work.Items), "each item with a time has a worker");

    /// <summary>What a worker did.</summary>
    private sealed class WorkerWork
    {
        public long Items { get; set; }

        public BusyTime Busy { get; } = new();
    }
}
