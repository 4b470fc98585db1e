using System.Diagnostics;
using Samovar.Cli.Map.Inputs;
using Samovar.Cli.Map.Outputs;
using Samovar.Cli.Map.Running;

namespace Samovar.Cli.Map.Progress;

/// <summary>Counts what a run has done, for progress and summary. Only the run's thread adds; any thread may take snapshots.</summary>
/// <param name="already">The number of items that an earlier run finished.</param>
internal sealed class ProgressCounters(long already) : IProgress<ItemNote>
{
    private const int SlowestKept = 5;
    private const int KindsKept = 20;

    private readonly Lock _gate = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly PriorityQueue<SlowItem, long> _slowest = new();
    private readonly Dictionary<string, long> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<int, RunningItem> _running = [];
    private long _succeeded;
    private long _cached;
    private long _failed;
    private long _skipped;
    private long _worked;

    /// <summary>Read only on the run's thread, which is the only writer.</summary>
    public long Failed => _failed;

    /// <inheritdoc cref="Failed"/>
    public long Ended => _succeeded + _failed + _skipped;

    public void Add(in InputItem item, in ItemReport report, bool countsAsFailure)
    {
        lock (_gate)
        {
            if (report.Status == ItemStatus.Succeeded) _succeeded++;
            else if (countsAsFailure) _failed++;
            else _skipped++;
            if (report.IsFromCache) _cached++;
            _worked += report.Elapsed;
            if (report.Status != ItemStatus.Succeeded)
            {
                string kind = report.Status == ItemStatus.Malformed ? "malformed input" : FailureLines.ShortName(report.ErrorType);
                if (_kinds.Count >= KindsKept && !_kinds.ContainsKey(kind)) kind = "others";
                _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
            }

            if (_slowest.Count < SlowestKept || _slowest.TryPeek(out _, out long least) && report.Elapsed > least)
            {
                _slowest.Enqueue(new SlowItem(item.Number, TextFormat.Short(item.Text), Stopwatch.GetElapsedTime(0, report.Elapsed)), report.Elapsed);
                if (_slowest.Count > SlowestKept) _slowest.Dequeue();
            }

            if (_running.Count > 0 && _running.TryGetValue(report.Worker, out RunningItem? running) && running.Number == item.Number)
                _running.Remove(report.Worker);
        }
    }

    /// <summary>Records a worker's note about the item it is running.</summary>
    public void Report(ItemNote value)
    {
        lock (_gate) _running[value.Worker] = new RunningItem(value.Worker, value.Number, value.Started, value.Input, value.Message);
    }

    /// <summary>Removes the note about an item, and returns its worker and start time; zeros if no worker sent a note.</summary>
    public (int Worker, long Started) WhoRan(long number)
    {
        lock (_gate)
        {
            RunningItem? running = _running.Values.FirstOrDefault(r => r.Number == number);
            if (running is null) return default;
            _running.Remove(running.Worker);
            return (running.Worker, running.Started);
        }
    }

    public ProgressSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new ProgressSnapshot
            {
                Already = already,
                Succeeded = _succeeded,
                Cached = _cached,
                Failed = _failed,
                Skipped = _skipped,
                Wall = Stopwatch.GetElapsedTime(_began),
                Worked = Stopwatch.GetElapsedTime(0, _worked),
                Slowest = [.. _slowest.UnorderedItems.OrderByDescending(s => s.Priority).Select(s => s.Element)],
                Kinds = [.. _kinds.OrderByDescending(k => k.Value).Select(k => (k.Key, k.Value))],
                Running = [.. _running.Values.OrderBy(r => r.Worker)],
            };
        }
    }
}

/// <summary>One of the slowest items.</summary>
internal sealed record SlowItem(long Number, string Input, TimeSpan Elapsed);

/// <summary>An item that has been running for a while.</summary>
internal sealed record RunningItem(int Worker, long Number, long Started, string Input, string? Message);
