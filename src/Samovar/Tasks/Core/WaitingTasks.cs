namespace Samovar.Tasks.Core;

/// <summary>The tasks of an executor that are admitted and not yet queued, because they wait for something. Thread-safe.</summary>
internal sealed class WaitingTasks
{
    // Many threads submit, and others queue the tasks: with several sets, two of them seldom need the same lock.
    private readonly HashSet<Future>[] _sets = [[], [], [], []];

    public int Count
    {
        get
        {
            int count = 0;
            foreach (var set in _sets)
            {
                lock (set) count += set.Count;
            }

            return count;
        }
    }

    public void Add(Future task)
    {
        var set = SetOf(task);
        lock (set) set.Add(task);
    }

    /// <summary>Removes a task; does nothing if it is not there.</summary>
    public void Remove(Future task)
    {
        var set = SetOf(task);
        lock (set) set.Remove(task);
    }

    public List<Future> ToList()
    {
        List<Future> all = [];
        foreach (var set in _sets)
        {
            lock (set) all.AddRange(set);
        }

        return all;
    }

    private HashSet<Future> SetOf(Future task) => _sets[task.Id % _sets.Length];
}
