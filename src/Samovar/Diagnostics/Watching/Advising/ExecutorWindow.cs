using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>What happened in an executor between two moments.</summary>
/// <param name="then">The totals at the first moment.</param>
/// <param name="now">The totals at the second moment.</param>
/// <param name="span">The time between them.</param>
internal sealed class ExecutorWindow(ExecutorMoment then, ExecutorMoment now, TimeSpan span)
{
    private readonly Lazy<List<FunctionWindow>> _functions = new(() =>
    {
        var before = then.Functions.ToDictionary(static function => function.Name, StringComparer.Ordinal);
        return [.. now.Functions.Select(function => new FunctionWindow(function, before.GetValueOrDefault(function.Name)))];
    });

    public TimeSpan Span => span;

    public long Submitted => now.Submitted - then.Submitted;

    public long Completed => now.Completed - then.Completed;

    public long Abandoned => now.Abandoned - then.Abandoned;

    public long FailedStarts => now.FailedStarts - then.FailedStarts;

    public long WorkersLost => now.WorkersLost - then.WorkersLost;

    public TimeSpan Shipping => now.Shipping - then.Shipping;

    public long ShippedBytes => now.ShippedBytes - then.ShippedBytes;

    public IReadOnlyList<FunctionWindow> Functions => _functions.Value;

    /// <summary>How many attempts one recorded attempt represents.</summary>
    public double AttemptsPerRecord
    {
        get
        {
            double recorded = now.Recorded - then.Recorded, skipped = now.Skipped - then.Skipped;
            return recorded > 0 ? (recorded + skipped) / recorded : 1;
        }
    }

    /// <summary>How long attempts ran, together.</summary>
    public TimeSpan RunTime => new TimeSpan(Functions.Sum(static function => function.Run.Sum.Ticks)) * AttemptsPerRecord;

    /// <summary>The share of the time in which workers were idle; 1 without workers.</summary>
    public double IdleShare => WorkerTime > TimeSpan.Zero ? (now.IdleTime - then.IdleTime) / WorkerTime : 1;

    /// <summary>How many workers were busy on average.</summary>
    public double BusyWorkers => span > TimeSpan.Zero ? (WorkerTime - (now.IdleTime - then.IdleTime)) / span : 0;

    /// <summary>The share of the time in which the queue was empty.</summary>
    public double EmptyQueueShare => span > TimeSpan.Zero ? (now.EmptyQueueTime - then.EmptyQueueTime) / span : 0;

    private TimeSpan WorkerTime => now.WorkerTime - then.WorkerTime;

    public double PerSecond(double count) => span > TimeSpan.Zero ? count / span.TotalSeconds : 0;

    /// <summary>The run times of all functions.</summary>
    public TimeHistogram Run() => Together(static function => function.Run);

    /// <summary>The queue waits of all functions.</summary>
    public TimeHistogram Wait() => Together(static function => function.Wait);

    private TimeHistogram Together(Func<FunctionWindow, TimeHistogram> times)
    {
        var sum = new TimeHistogram();
        foreach (var function in Functions) sum.Add(times(function));
        return sum;
    }
}
