namespace Samovar.Stress.Cluster.Simulation;

/// <summary>What has happened in a simulation, and what must not have happened.</summary>
internal sealed class SimulationJournal(VirtualTime time)
{
    private const int MostProblems = 20;

    private readonly List<string> _problems = [];
    private ulong _digest = 14695981039346656037; // FNV-1a

    public IReadOnlyList<string> Problems => _problems;

    public int ProblemCount { get; private set; }

    public bool HasFaults { get; set; }

    public int Complete { get; private set; }

    public int Succeeded { get; private set; }

    public int Failed { get; private set; }

    public int Canceled { get; private set; }

    public int LostWithNode { get; private set; }

    /// <summary>A number over all starts and outcomes, with their order and their times: equal for runs that were equal.</summary>
    public ulong Digest => _digest;

    public void Report(string problem)
    {
        ProblemCount++;
        if (_problems.Count < MostProblems) _problems.Add($"at {TimeSpan.FromTicks(time.Now).TotalSeconds:F3} s: {problem}");
    }

    public void Note(long first, long second, long third)
    {
        Add((ulong)first);
        Add((ulong)second);
        Add((ulong)third);
        Add((ulong)time.Now);
    }

    public void Completed(SimulatedTask task, Future future)
    {
        Complete++;
        Note(task.Index, (long)future.State, future.Attempt);
        switch (future.State)
        {
            case FutureState.Succeeded:
                Succeeded++;
                break;
            case FutureState.Failed:
                Failed++;
                if (future.Exception is NodeLostException) LostWithNode++;
                break;
            case FutureState.Canceled:
                Canceled++;
                break;
        }
    }

    private void Add(ulong value)
    {
        for (int i = 0; i < 8; i++) _digest = (_digest ^ ((value >> (8 * i)) & 0xff)) * 1099511628211;
    }
}
