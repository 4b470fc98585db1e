namespace Samovar.Tasks.Core;

/// <summary>Which task the code at hand belongs to.</summary>
/// <remarks>A thread-static answers for synchronous work, at the price of one store a task. Asynchronous work leaves its thread,
/// so for that the answer flows with the execution context as well.</remarks>
internal static class RunningTask
{
    private static readonly AsyncLocal<Future?> s_flowing = new();

    [ThreadStatic]
    private static Future? t_current;

    /// <summary>The task this code runs in; null outside of any.</summary>
    public static Future? Current => t_current ?? s_flowing.Value;

    /// <summary>Whether this very thread runs the task, so that what blocks here keeps it from ending.</summary>
    public static bool IsOnThisThread(Future task) => ReferenceEquals(t_current, task);

    /// <summary>Says that this thread runs <paramref name="task"/> now, and gives what it ran before.</summary>
    public static Future? Enter(Future? task)
    {
        var outer = t_current;
        t_current = task;
        return outer;
    }

    /// <summary>Says that this thread is back at what it ran before.</summary>
    public static void Leave(Future? outer) => t_current = outer;

    /// <summary>Lets the answer flow with the execution context, which the caller must have entered for the task.</summary>
    public static void Flow(Future task)
    {
        if (task.IsAsynchronous || s_flowing.Value is not null) s_flowing.Value = task;
    }
}
