namespace Samovar.Stress.Cluster.Simulation;

/// <summary>The work of the tasks. The delegate travels to the node as in a real cluster, and is called there.</summary>
internal static class SimulatedWork
{
    private static SimulatedTask[] s_tasks = [];
    private static int s_attempt;
    private static string s_node = "";
    private static SimulatedTask? s_started;

    public static void Use(SimulatedTask[] tasks) => s_tasks = tasks;

    /// <summary>The body of every task.</summary>
    public static int Run(int index)
    {
        var task = s_started = s_tasks[index];
        task.NoteStart(s_attempt, s_node);
        return task.Fate == SimulatedFate.Throws ? throw new SimulatedException($"task {index} throws") : ResultOf(index);
    }

    public static int ResultOf(int index) => unchecked((index * 7) + 1);

    /// <summary>Calls the work of a task that starts on a host.</summary>
    /// <returns>What the worker returns when it has run for as long as the task takes.</returns>
    public static byte[] Start(int attempt, SimulatedHost host, Func<byte[]> work, out SimulatedTask task)
    {
        (s_attempt, s_node, s_started) = (attempt, host.Name, null);
        byte[] payload = work();
        task = s_started ?? throw new InvalidOperationException("The work of a task was not called.");
        return payload;
    }
}

/// <summary>The error of tasks that throw.</summary>
public sealed class SimulatedException(string message) : Exception(message);
