using System.Globalization;

namespace Samovar;

/// <summary>How the workers spent the time of a map: starting, initializing, waiting for items, working, exiting. Immutable. A large share of
/// <see cref="Waiting"/> means a slow source, a slow reader, or a few long items at the end; a large share of <see cref="Start"/> means that the map is
/// too short for new processes.</summary>
public sealed class MapInsights
{
    internal MapInsights(MapProgressSnapshot progress, IReadOnlyList<MapWorkerInsights> workers)
    {
        Progress = progress;
        Workers = workers;
    }

    /// <summary>Gets the progress at the same moment, with the slowest items.</summary>
    public MapProgressSnapshot Progress { get; }

    /// <summary>Gets the workers of the executor: those that ran items of the map, and, where the executor knows them, those that ran none.</summary>
    public IReadOnlyList<MapWorkerInsights> Workers { get; }

    /// <summary>Gets the sum of <see cref="MapWorkerInsights.Start"/> over all workers.</summary>
    public TimeSpan Start => Sum(static worker => worker.Start);

    /// <summary>Gets the sum of <see cref="MapWorkerInsights.Init"/> over all workers.</summary>
    public TimeSpan Init => Sum(static worker => worker.Init);

    /// <summary>Gets the sum of <see cref="MapWorkerInsights.Waiting"/> over all workers.</summary>
    public TimeSpan Waiting => Sum(static worker => worker.Waiting);

    /// <summary>Gets the sum of <see cref="MapWorkerInsights.Working"/> over all workers.</summary>
    public TimeSpan Working => Sum(static worker => worker.Working);

    /// <summary>Gets the sum of <see cref="MapWorkerInsights.Exit"/> over all workers.</summary>
    public TimeSpan Exit => Sum(static worker => worker.Exit);

    /// <summary>Gets the sum of all times.</summary>
    public TimeSpan Total => Sum(static worker => worker.Total);

    /// <summary>Writes the text that <see cref="ToString"/> returns.</summary>
    /// <param name="writer">The writer.</param>
    /// <exception cref="ArgumentNullException"><paramref name="writer"/> is null.</exception>
    public void WriteTo(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteLine(Progress);
        if (Workers.Count > 0)
        {
            writer.WriteLine(Line($"{"",-8}  {"total",12}  {"share",7}  mean and deviation of {Workers.Count} worker{(Workers.Count == 1 ? "" : "s")}"));
            WriteRow(writer, "start", static worker => worker.Start);
            WriteRow(writer, "init", static worker => worker.Init);
            WriteRow(writer, "waiting", static worker => worker.Waiting);
            WriteRow(writer, "working", static worker => worker.Working);
            WriteRow(writer, "exit", static worker => worker.Exit);
        }

        foreach (var (item, rank) in Progress.SlowestItems.Select(static (item, at) => (item, at + 1)))
            writer.WriteLine(Line($"{(rank == 1 ? "slowest" : ""),-8}  {Seconds(item.Duration),12}  item {item.Index}: {item.Argument}"));
    }

    /// <summary>Returns a table: for each kind of time the sum over all workers, its share, and mean and standard deviation of the workers; then the
    /// slowest items.</summary>
    public override string ToString()
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        WriteTo(writer);
        return writer.ToString().TrimEnd();
    }

    private TimeSpan Sum(Func<MapWorkerInsights, TimeSpan> time) => Workers.Aggregate(TimeSpan.Zero, (sum, worker) => sum + time(worker));

    private void WriteRow(TextWriter writer, string name, Func<MapWorkerInsights, TimeSpan> time)
    {
        var (sum, total) = (Sum(time), Total);
        double mean = sum.TotalSeconds / Workers.Count;
        double deviation = Math.Sqrt(Workers.Average(worker => Math.Pow(time(worker).TotalSeconds - mean, 2)));
        double share = total > TimeSpan.Zero ? sum / total * 100 : 0;
        writer.WriteLine(Line($"{name,-8}  {Seconds(sum),12}  {share,5:0.0} %  {Seconds(TimeSpan.FromSeconds(mean))} ± {Seconds(TimeSpan.FromSeconds(deviation))}"));
    }

    private static string Seconds(TimeSpan time) => Line($"{time.TotalSeconds:0.000} s");

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
