namespace Samovar.Processes.Parent;

/// <summary>Collects the bells to ring after the gate is left, because waking a process is a system call. The channels of the workers stay mapped
/// until then.</summary>
internal struct PendingWakeups
{
    private WorkerHandle? _worker;
    private List<WorkerHandle>? _more;

    /// <summary>Adds a worker that sleeps and has something to read. Called under the gate.</summary>
    public void Add(WorkerHandle worker)
    {
        if (ReferenceEquals(worker, _worker) || !worker.Channel.WorkerBell.IsNeeded() || _more?.Contains(worker) == true) return;
        worker.BeginRing();
        if (_worker is null) _worker = worker;
        else (_more ??= []).Add(worker);
    }

    /// <summary>Rings the bells. Called outside the gate.</summary>
    public readonly void Ring()
    {
        if (_worker is null) return;
        _worker.Ring();
        if (_more is null) return;
        foreach (var worker in _more) worker.Ring();
    }
}
