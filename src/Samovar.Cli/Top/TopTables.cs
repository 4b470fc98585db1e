using System.Globalization;

namespace Samovar.Cli.Top;

/// <summary>The tables of <c>samovar top</c>.</summary>
internal static class TopTables
{
    public static TopTable Executors(WatchedPicture now, TopHistory history, int rows)
    {
        var table = new TopTable(
            new(Title("EXECUTOR", rows, now.Executors.Count), IsNumber: false), new("TYPE", IsNumber: false, Rank: 4), new("RATE/S"), new("QUEUED"), new("RUNNING"),
            new("DONE", Rank: 2), new("FAILED", Rank: 1), new("CANCELLED", Rank: 6), new("RETRIES", Rank: 5), new("BUSY", Rank: 3), new("P50", Rank: 2),
            new("P95", Rank: 2), new("RESOURCES", IsNumber: false, Rank: 4));
        foreach (var executor in now.Executors.Take(rows))
        {
            var times = now.Functions.Where(function => function.Executor == executor.Id).Select(static function => function.Run).ToList();
            table.Add(
                executor.Failed > 0 ? TopFrame.Yellow : 0,
                TopText.Printable(executor.Name), TopText.Printable(executor.Type), TopText.Rate(history.RateOf(executor)), TopText.Count(executor.Queued),
                TopText.Count(executor.Running), TopText.Count(executor.Succeeded), TopText.Count(executor.Failed), TopText.Count(executor.Canceled),
                TopText.Count(executor.Retries), string.Create(CultureInfo.InvariantCulture, $"{executor.Busy}/{executor.Workers}"),
                Time(Percentiles.Of(times, 0.5)), Time(Percentiles.Of(times, 0.95)), string.Join(", ", executor.Resources.Select(Text)));
        }

        return table;
    }

    public static TopTable Maps(WatchedPicture now, int rows)
    {
        var table = new TopTable(
            new(Title("MAP", rows, Math.Max(now.MapsTotal, now.Maps.Count)), IsNumber: false), new("EXECUTOR", IsNumber: false, Rank: 4), new("PROGRESS", IsNumber: false, Rank: 1),
            new("DONE"), new("TOTAL", Rank: 2), new("FAILED", Rank: 1), new("RUNNING", Rank: 3), new("ITEMS/S"), new("TIME", Rank: 5), new("LEFT"), new("P50", Rank: 6),
            new("P95", Rank: 6));
        foreach (var map in now.Maps.Take(rows))
        {
            double? done = map.Total is { } total ? total <= 0 ? 1 : Math.Clamp((double)map.Done / total, 0, 1) : null;
            table.Add(
                map.Failed > 0 ? TopFrame.Yellow : 0,
                TopText.Printable(map.Name ?? map.Function), NameOf(now, map.Executor), done is { } part ? TopText.Bar(part) : "", TopText.Count(map.Done),
                map.Total is { } all ? TopText.Count(all) : "", TopText.Count(map.Failed), TopText.Count(map.Running), TopText.Rate(map.Rate), TopText.Time(map.Elapsed),
                map.Ended ? "over" : Time(map.Left), Time(map.Run?.P50), Time(map.Run?.P95));
        }

        return table;
    }

    public static TopTable Running(WatchedPicture now, int rows)
    {
        var table = new TopTable(
            new(Title("RUNNING FOR", rows, now.RunningTotal)), new("TASK"), new("NAME", IsNumber: false, Rank: 1), new("FUNCTION", IsNumber: false),
            new("EXECUTOR", IsNumber: false, Rank: 2), new("WORKER", IsNumber: false, Rank: 3), new("ATTEMPT", Rank: 4), new("PROGRESS", IsNumber: false, Rank: 1));
        foreach (var task in now.Running.Take(rows))
        {
            string fraction = task.Fraction is { } done ? TopText.Percent(done) : "";
            string progress = task.Stopping ? "was requested to stop" : $"{fraction} {TopText.Printable(task.Message)}".Trim();
            table.Add(
                task.Stopping ? TopFrame.Yellow : 0,
                TopText.Time(task.For), TopText.Count(task.Id), TopText.Printable(task.Name), TopText.Printable(task.Function), NameOf(now, task.Executor),
                TopText.Printable(task.WorkerName), task.Attempt > 1 ? TopText.Count(task.Attempt) : "", progress);
        }

        return table;
    }

    public static TopTable Workers(WatchedPicture now, int rows)
    {
        var table = new TopTable(
            new(Title("WORKER", rows, now.Workers.Count), IsNumber: false), new("EXECUTOR", IsNumber: false, Rank: 3), new("STATE", IsNumber: false),
            new("PROCESS", Rank: 2), new("MEMORY", Rank: 2), new("TASK", Rank: 1), new("FOR", Rank: 1), new("FUNCTION", IsNumber: false, Rank: 4));
        foreach (var worker in now.Workers.Take(rows))
        {
            table.Add(
                worker.State == "blocked" ? TopFrame.Yellow : 0,
                TopText.Printable(worker.Name), NameOf(now, worker.Executor), TopText.Printable(worker.State), Number(worker.Process),
                worker.Memory is { } memory ? TopText.Bytes(memory) : "", Number(worker.Task), Time(worker.For), TopText.Printable(worker.Function));
        }

        return table;
    }

    public static TopTable Functions(WatchedPicture now, int rows)
    {
        var table = new TopTable(
            new(Title("FUNCTION", rows, now.Functions.Count), IsNumber: false), new("EXECUTOR", IsNumber: false, Rank: 3), new("COUNT"), new("FAILED"),
            new("TIMED OUT", Rank: 5), new("RETRIES", Rank: 5), new("P50", Rank: 1), new("P95"), new("P99", Rank: 4), new("MAX", Rank: 4), new("WAIT P95", Rank: 2),
            new("SHARE", Rank: 2));
        double total = now.Functions.Sum(static function => function.Run.Sum);
        foreach (var function in now.Functions.Take(rows))
        {
            var (run, wait) = (function.Run, function.Wait);
            table.Add(
                function.Failed > 0 ? TopFrame.Yellow : 0,
                TopText.Printable(function.Function), NameOf(now, function.Executor), TopText.Count(function.Count), TopText.Count(function.Failed),
                Some(function.TimedOut), Some(function.Retries), Time(run.P50), Time(run.P95), Time(run.P99), Time(run.Max), Time(wait.P95),
                total > 0 ? TopText.Percent(run.Sum / total) : "");
        }

        return table;
    }

    private static string Text(WatchedResource resource)
    {
        string waiting = resource.Waiting > 0 ? $" ({TopText.Count(resource.Waiting)} waiting)" : "";
        return $"{TopText.Printable(resource.Name)} {TopText.Amount(resource.InUse)}/{TopText.Amount(resource.Total)}{waiting}";
    }

    private static string Title(string name, int shown, long all) =>
        shown < all ? string.Create(CultureInfo.InvariantCulture, $"{name} ({shown} of {all:N0})") : name;

    private static string NameOf(WatchedPicture now, long executor) => TopText.Printable(now.Executors.FirstOrDefault(one => one.Id == executor)?.Name);

    private static string Number(long? number) => number is { } some ? some.ToString(CultureInfo.InvariantCulture) : "";

    private static string Some(long number) => number > 0 ? TopText.Count(number) : "";

    private static string Time(double? milliseconds) => milliseconds is { } some ? TopText.Time(some) : "";
}
