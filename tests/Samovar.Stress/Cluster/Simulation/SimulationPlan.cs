namespace Samovar.Stress.Cluster.Simulation;

/// <summary>The tasks of a simulation, drawn from its seed.</summary>
internal sealed class SimulationPlan
{
    private static readonly TimeSpan s_usual = TimeSpan.FromMilliseconds(100);

    private readonly Random _random;

    public SimulationPlan(SimulationJournal journal, int seed, int tasks)
    {
        _random = new Random(seed);
        Orphans = Math.Max(1, tasks / 50);
        Tasks = new SimulatedTask[tasks + Orphans];
        for (int i = 0; i < Tasks.Length; i++) Tasks[i] = Draw(journal, i, isOrphan: i >= tasks);
        SimulatedWork.Use(Tasks);
    }

    /// <summary>How many tasks a worker runs in a second.</summary>
    public static double PerSecond => 1 / s_usual.TotalSeconds;

    /// <summary>The tasks; the last <see cref="Orphans"/> are those of an owner that is killed.</summary>
    public SimulatedTask[] Tasks { get; }

    public int Orphans { get; }

    public TaskOptions? OptionsOf(SimulatedTask task)
    {
        int priority = _random.Next(20);
        return new TaskOptions
        {
            Priority = priority == 0 ? TaskPriority.High : priority < 3 ? TaskPriority.Low : TaskPriority.Normal,
            Retry = task.Retries ? new RetryPolicy { MaxAttempts = SimulatedTask.Attempts, Delay = TimeSpan.FromMilliseconds(100), UseJitter = false } : null,
            Timeout = task.HasTimeout ? TimeSpan.FromMilliseconds(150) : null,
        };
    }

    /// <summary>Draws when a task is cancelled, counted from its submission.</summary>
    public TimeSpan NextCancel() => TimeSpan.FromSeconds(6 * _random.NextDouble() * _random.NextDouble());

    private SimulatedTask Draw(SimulationJournal journal, int index, bool isOrphan)
    {
        int fate = _random.Next(100);
        double length = _random.Next(500) == 0 ? 50 + (250 * _random.NextDouble()) : 0.2 + (1.6 * _random.NextDouble());
        return new SimulatedTask(journal, index)
        {
            Fate = fate < 4 ? SimulatedFate.Throws : fate < 5 ? SimulatedFate.Crashes : fate < 8 ? SimulatedFate.IgnoresStop : SimulatedFate.Succeeds,
            Duration = (long)(s_usual.Ticks * length),
            Retries = _random.Next(4) == 0,
            IsCanceled = _random.Next(20) == 0,
            HasTimeout = _random.Next(30) == 0,
            IsOrphan = isOrphan,
        };
    }
}
