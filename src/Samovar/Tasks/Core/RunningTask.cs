namespace Samovar.Tasks.Core;

/// <summary>Tracks which task the calling code belongs to.</summary>
/// <remarks>For synchronous work a thread-static field is enough, at the cost of one store per task. Asynchronous work leaves its thread,
/// so for that the task also flows with the execution context.</remarks>
internal static class RunningTask
{
    private static readonly AsyncLocal<Future?> s_flowing = new();

    [ThreadStatic]
    private static Future? t_current;

    /// <summary>The task that the calling code runs in; null outside a task.</summary>
    public static Future? Current => t_current ?? s_flowing.Value;

    /// <summary>Whether the calling thread itself runs the task, so that blocking it keeps the task from completing.</summary>
    public static bool IsOnThisThread(Future task) => ReferenceEquals(t_current, task);

    /// <summary>Records that this thread now runs <paramref name="task"/>, and returns the task that it ran before.</summary>
    public static Future? Enter(Future? task)
    {
        var outer = t_current;
        t_current = task;
        return outer;
    }

    /// <summary>Records that this thread runs the outer task again.</summary>
    public static void Leave(Future? outer) => t_current = outer;

    /// <summary>Lets the task flow with the execution context, which the caller must have entered for the task.</summary>
    public static void Flow(Future task)
    {
        if (task.IsAsynchronous || s_flowing.Value is not null) s_flowing.Value = task;
    }
}
