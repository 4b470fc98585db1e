using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;

namespace Samovar.Diagnostics.Watching.Requests;

/// <summary>A task in a list: a running one, or a completed attempt.</summary>
/// <param name="Executor">The number of its executor.</param>
/// <param name="State"><c>running</c>, or the outcome.</param>
/// <param name="Attempt">The attempt; a running one ends when the list is created.</param>
/// <param name="IsRunning">Whether it is running.</param>
internal readonly record struct ListedTask(int Executor, string State, RecordedAttempt Attempt, bool IsRunning)
{
    private const int MostRunning = 10_000;

    /// <summary>Returns the tasks of an executor that are known: those that run, and the recorded attempts, the newest first.</summary>
    public static IEnumerable<ListedTask> Of(InspectedExecutor executor)
    {
        foreach (var task in executor.CaptureActivity(MostRunning).Running) yield return new(executor.Number, "running", AttemptOf(task), IsRunning: true);
        foreach (var attempt in executor.Recorder.ReadAttempts()) yield return new(executor.Number, PictureWriter.NameOf(attempt.Outcome), attempt, IsRunning: false);
    }

    private static RecordedAttempt AttemptOf(TaskActivity task) => new()
    {
        Id = task.Id,
        Name = task.Name,
        Function = task.Function ?? "",
        Worker = task.Worker,
        WorkerName = task.WorkerName,
        Attempt = task.Attempt,
        Submitted = task.Submitted.UtcTicks,
        Began = task.Began.UtcTicks,
        RetryOf = task.RetryOf,
        Arguments = task.Arguments,
        Ended = task.Began.UtcTicks + task.For.Ticks,
    };
}
