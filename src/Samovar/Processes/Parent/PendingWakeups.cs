namespace Samovar.Processes.Parent;

/// <summary>A bell that is to be rung once the gate is left: waking a process is a system call. The link's channel stays mapped
/// until then.</summary>
internal struct PendingWakeups
{
    private WorkerHandle? _worker;
    private List<WorkerHandle>? _more;

    /// <summary>Under the gate: notes a worker that sleeps and has something to read.</summary>
    public void Add(WorkerHandle worker)
    {
        if (ReferenceEquals(worker, _worker) || !worker.Channel.WorkerBell.IsNeeded() || _more?.Contains(worker) == true) return;
        worker.BeginRing();
        if (_worker is null) _worker = worker;
        else (_more ??= []).Add(worker);
    }

    /// <summary>Outside the gate.</summary>
    public readonly void Ring()
    {
        if (_worker is null) return;
        _worker.Ring();
        foreach (var worker in _more ?? []) worker.Ring();
    }
}
