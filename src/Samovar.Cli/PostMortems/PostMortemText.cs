using System.Globalization;
using Spectre.Console;

namespace Samovar.Cli.PostMortems;

/// <summary>Writes records as text.</summary>
internal static class PostMortemText
{
    public static string Report(PostMortem program, int most)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.Write($"process {program.ProcessId}: {NameOf(program)}, {(program.IsRunning ? "still running" : "ended")}; last activity {TimeOf(program.LastActivity)}\n");
        foreach (var worker in program.Workers)
        {
            text.Write('\n');
            if (worker.Problem is { } problem)
            {
                text.Write($"worker #{worker.Number}: {worker.Path} cannot be read: {problem}\n");
                continue;
            }

            text.Write($"{worker.Executor} #{worker.Number} (process {worker.ProcessId}): {DoingOf(worker, program.IsRunning)}\n");
            if (worker.LastTasks.Count > 0) Terminal.WritePlain(console => console.Write(TasksOf(worker, most)), text);
        }

        return Printable(text.ToString());
    }

    public static void List(IReadOnlyList<PostMortem> programs, IAnsiConsole console)
    {
        var table = new Table().NoBorder().AddColumn(new TableColumn("PID").RightAligned()).AddColumn("PROGRAM").AddColumn("LAST ACTIVITY").AddColumn("WORKERS").AddColumn("RUNNING");
        foreach (var program in programs)
        {
            string running = string.Join(", ", program.Workers.Where(static worker => worker.RunningTask is not null).Select(static worker => TitleOf(worker.RunningTask!)));
            table.AddRow(
                new Text($"{program.ProcessId}"), new Text(Printable(NameOf(program))), new Text(TimeOf(program.LastActivity)),
                new Text($"{program.Workers.Count}"), new Text(Printable(running.Length == 0 ? "nothing" : running)));
        }

        console.Write(table);
    }

    private static string DoingOf(WorkerPostMortem worker, bool isRunning)
    {
        string verb = isRunning ? "is" : "was";
        return worker.RunningTask is { } task
            ? $"{verb} running {TitleOf(task)}, attempt {task.Attempt}, since {TimeOf(task.StartedAt)}"
            : $"{verb} idle{(worker.LastTasks.Count == 0 ? ", and had run no task" : "")}";
    }

    private static string TitleOf(WorkerTaskRecord task)
    {
        string name = task.TaskName is null ? "" : $" '{task.TaskName}'";
        return $"task {task.TaskId}{name} ({task.Function ?? "not deserialized yet"}{(task.Items > 0 ? $", {task.Items} items of a map" : "")})";
    }

    private static Table TasksOf(WorkerPostMortem worker, int most)
    {
        var table = new Table().NoBorder().AddColumn(new TableColumn("TASK").RightAligned()).AddColumn("STARTED").AddColumn(new TableColumn("DURATION").RightAligned())
            .AddColumn("OUTCOME").AddColumn("FUNCTION").AddColumn("NAME");
        foreach (var task in worker.LastTasks.Take(most))
        {
            table.AddRow(
                new Text(task.Attempt > 1 ? $"{task.TaskId}.{task.Attempt}" : $"{task.TaskId}"), new Text(TimeOf(task.StartedAt)), new Text(DurationOf(task.Duration)),
                new Text(OutcomeOf(task.State)), new Text($"{task.Function}{(task.Items > 0 ? $" × {task.Items}" : "")}"), new Text(task.TaskName ?? ""));
        }

        return table;
    }

    private static string OutcomeOf(FutureState state) => state switch
    {
        FutureState.Succeeded => "succeeded",
        FutureState.Failed => "failed",
        FutureState.Canceled => "cancelled",
        _ => "running",
    };

    private static string DurationOf(TimeSpan? duration) => duration switch
    {
        null => "",
        { TotalMilliseconds: < 1 } took => string.Create(CultureInfo.InvariantCulture, $"{took.TotalMicroseconds:0.#} µs"),
        { TotalSeconds: < 1 } took => string.Create(CultureInfo.InvariantCulture, $"{took.TotalMilliseconds:0.#} ms"),
        { } took => string.Create(CultureInfo.InvariantCulture, $"{took.TotalSeconds:0.0} s"),
    };

    private static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string NameOf(PostMortem program) => program.Program.Length == 0 ? "unknown program" : program.Program;

    /// <summary>Replaces control characters: names come from another program, and must not move the cursor or change colours.</summary>
    private static string Printable(string text) => string.Concat(text.Select(static one => char.IsControl(one) && one != '\n' ? '?' : one));
}
