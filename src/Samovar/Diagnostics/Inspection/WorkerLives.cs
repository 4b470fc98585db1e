namespace Samovar.Diagnostics.Inspection;

/// <summary>The workers of an executor, and the last ones that have exited. Thread-safe. A worker costs an entry, a task costs nothing.</summary>
/// <param name="time">The executor's clock.</param>
internal sealed class WorkerLives(TimeProvider time)
{
    private const int MostExited = 256;

    private readonly Lock _gate = new();
    private readonly List<WorkerLife> _lives = []; // oldest first

    /// <summary>Adds a worker that is launched.</summary>
    public WorkerLife Launch(string name)
    {
        var life = new WorkerLife(time, name);
        lock (_gate)
        {
            _lives.Add(life);
            int tooMany = _lives.Count > MostExited ? _lives.Count(static one => one.ExitedAt != 0) - MostExited : 0;
            if (tooMany > MostExited / 4) _lives.RemoveAll(one => one.ExitedAt != 0 && tooMany-- > 0);
        }

        return life;
    }

    public List<WorkerLife> ToList()
    {
        lock (_gate) return [.. _lives];
    }
}
