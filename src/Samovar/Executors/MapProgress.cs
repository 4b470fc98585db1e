using System.Diagnostics;
using Samovar.Diagnostics.Inspection;
using Samovar.Executors.Mapping;
using Samovar.Primitives;

namespace Samovar;

/// <summary>Shows how far a map is: pass one as <see cref="MapOptions.TotalProgress"/>, and read <see cref="GetSnapshot"/> while the map runs, or set a
/// <see cref="Handler"/>. After the map, <see cref="GetInsights"/> returns what its workers did.</summary>
/// <remarks>
/// <para>All members are thread-safe.</para>
/// <para>An item counts as completed when it has completed, and not when the enumeration returns it. Each enumeration of a map is a separate run; one
/// progress may be passed to several, one after the other or at the same time: their items add up.</para>
/// <para>Without a progress a map measures nothing. With one, each batch of items costs about a microsecond.</para>
/// </remarks>
/// <example>
/// <code>
/// var progress = new MapProgress { Name = "words" };
/// string[] words = ["tea", "samovar", "cup"];
/// await executor.ForEachAsync(words, word => Console.WriteLine(word), new() { TotalProgress = progress });
/// MapProgressSnapshot snapshot = progress.GetSnapshot();
/// Console.WriteLine($"{snapshot.Completed} of {snapshot.Total} items"); // 3 of 3 items
/// </code>
/// </example>
public sealed class MapProgress
{
    private readonly Lock _gate = new();
    private readonly Lock _telling = new(); // one report at a time
    private readonly List<MapTally> _running = [];
    private readonly MapTotals _ended = new();
    private TimeProvider _time = TimeProvider.System;
    private long _activeSince;
    private TimeSpan _activeBefore;
    private long? _total;
    private long? _toldAt;
    private bool _isTelling;

    /// <summary>Gets the name, for displays and for the watchers of the process. The default is null: the name of the map's function is shown.</summary>
    public string? Name { get; init; }

    /// <summary>Gets or sets how many items there are. Set it for a source that cannot tell, such as an asynchronous one, also while the map runs. If it
    /// is not set, it is the sum of the counts of the sources that have begun, where all can be counted without enumerating them
    /// (<see cref="Enumerable.TryGetNonEnumeratedCount"/>); otherwise null.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long? Total
    {
        get
        {
            lock (_gate) return TotalLocked;
        }

        set
        {
            if (value is { } total) ArgumentOutOfRangeException.ThrowIfNegative(total, nameof(Total));
            lock (_gate) _total = value;
        }
    }

    /// <summary>Gets how many of the slowest items are kept, from 0 to 1,000. The default is 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 0 or more than 1,000.</exception>
    public int KeptSlowestItems
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(KeptSlowestItems));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1_000, nameof(KeptSlowestItems));
            field = value;
        }
    } = 5;

    /// <summary>Gets the function that returns the text of one of the slowest items, for <see cref="SlowMapItem.Argument"/>. The default, null, means the
    /// item's <see cref="object.ToString"/>, in the invariant culture. It runs on the thread that completes the item, only for items that are slower than
    /// those that are kept, and should be quick. If it throws, the text says so. Long texts are shortened.</summary>
    public Func<object?, string?>? DescribeItem { get; init; }

    /// <summary>Gets the handler that is called as items complete, at most once in each <see cref="Interval"/>, and once at the end of each map,
    /// before its enumeration ends. It runs on the thread pool, one call at a time; an error that it throws is reported to
    /// <see cref="Executor.UnobservedFailure"/>. The default is null: none. For a display that is drawn at a fixed rate, read <see cref="GetSnapshot"/>
    /// instead.</summary>
    public IProgress<MapProgressSnapshot>? Handler { get; init; }

    /// <summary>Gets the shortest time between two calls of the <see cref="Handler"/>, by the executor's clock; zero or more. The default is 0.1
    /// seconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public TimeSpan Interval
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(Interval));
            field = value;
        }
    } = TimeSpan.FromSeconds(0.1);

    /// <summary>Returns how far the maps are. May be called at any time, also from a task of the executor; takes some microseconds.</summary>
    /// <returns>An immutable snapshot. Its counts are read while items complete, so that they may be a few items apart.</returns>
    public MapProgressSnapshot GetSnapshot()
    {
        List<MapTally> running;
        MapTotals sum;
        TimeSpan elapsed;
        long? total;
        lock (_gate)
        {
            running = [.. _running];
            sum = _ended.Copy();
            elapsed = ElapsedLocked;
            total = TotalLocked;
        }

        // Not under the lock: the executor may have to find out whether a task runs.
        int itemsRunning = running.Sum(static run => run.CountRunning());
        double rate = running.Sum(static run => run.Rate);
        var slowest = new SlowestItems(KeptSlowestItems);
        slowest.Add(sum.Slowest);
        foreach (var run in running)
        {
            sum.Add(run);
            slowest.Add(run.Details?.Slowest.ToList() ?? []);
        }

        if (running.Count == 0 && elapsed > TimeSpan.Zero) rate = sum.Completed / elapsed.TotalSeconds;
        if (sum.Completed > total) total = null; // it was wrong
        return new MapProgressSnapshot
        {
            Name = Name,
            Total = total,
            Succeeded = sum.Succeeded,
            Failed = sum.Failed,
            Canceled = sum.Canceled,
            Retries = sum.Retries,
            Running = itemsRunning,
            IsRunning = running.Count > 0,
            Elapsed = elapsed,
            Rate = rate,
            EstimatedRemaining = running.Count > 0 ? RemainingTime.Estimate(total, sum.Completed, rate) : null,
            SlowestItems = slowest.ToList().ConvertAll(static item => new SlowMapItem(item.Index, item.Took, item.Text, item.Worker)),
        };
    }

    /// <summary>Returns how the workers of the executors spent the time of the maps, so far or until they ended.</summary>
    /// <returns>An immutable snapshot.</returns>
    public MapInsights GetInsights()
    {
        List<MapTally> running;
        List<MapWorkerInsights> workers;
        lock (_gate)
        {
            running = [.. _running];
            workers = [.. _ended.Workers.Values];
        }

        var sum = new MapTotals();
        foreach (var worker in workers) sum.Add(worker);
        foreach (var worker in running.SelectMany(static run => run.Workers())) sum.Add(worker);
        return new MapInsights(GetSnapshot(), [.. sum.Workers.Values]);
    }

    /// <summary>Returns what <see cref="MapProgressSnapshot.ToString"/> of a snapshot returns.</summary>
    public override string ToString() => GetSnapshot().ToString();

    internal void Begin(MapTally run)
    {
        lock (_gate)
        {
            if (_running.Count == 0)
            {
                _time = run.Core.Time;
                _activeSince = _time.GetTimestamp();
            }

            _running.Add(run);
            _ended.AddTotal(run.Total);
            CheckInvariantsLocked();
        }
    }

    internal void End(MapTally run)
    {
        var workers = run.Workers();
        lock (_gate)
        {
            var elapsed = ElapsedLocked;
            if (!_running.Remove(run)) return;
            if (_running.Count == 0) _activeBefore = elapsed;
            _ended.Add(run);
            var slowest = new SlowestItems(KeptSlowestItems);
            slowest.Add(_ended.Slowest);
            slowest.Add(run.Details?.Slowest.ToList() ?? []);
            _ended.Slowest = slowest.ToList();
            foreach (var worker in workers) _ended.Add(worker);
            CheckInvariantsLocked();
        }

        if (Handler is null) return;
        using (_telling.HoldRegardless()) Report(run);
    }

    /// <summary>Has the handler called, unless it was called shortly before or is being called. May be called on a thread that must not run code of
    /// the program.</summary>
    internal void Tell(MapTally run)
    {
        if (Handler is null) return;
        var time = run.Core.Time;
        using (_gate.HoldRegardless())
        {
            long now = time.GetTimestamp();
            if (_isTelling || (_toldAt is { } told && time.GetElapsedTime(told, now) < Interval)) return;
            _toldAt = now;
            _isTelling = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static one => one.Progress.TellNow(one.Run), (Progress: this, Run: run), preferLocal: false);
    }

    private void TellNow(MapTally run)
    {
        lock (_telling)
        {
            if (!run.HasEnded) Report(run);
        }

        lock (_gate) _isTelling = false;
    }

    private TimeSpan ElapsedLocked => _running.Count == 0 ? _activeBefore : _activeBefore + _time.GetElapsedTime(_activeSince);

    private long? TotalLocked => _total ?? _ended.Total;

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_running.Distinct().Count() == _running.Count, "a run is counted once");
        Debug.Assert(_ended.Slowest.Count <= KeptSlowestItems, "no more items are kept than the limit");
    }

    private void Report(MapTally run)
    {
        try
        {
            Handler!.Report(GetSnapshot());
        }
        catch (Exception error)
        {
            // The handler belongs to the submitter, so its error must not fail the map.
            run.Core.Report(FailureSource.ProgressHandler, 0, Name, error);
        }
    }
}
