namespace Samovar.Processes.Parent;

/// <summary>A bell that is to be rung once the gate is left: waking a process is a system call. The link's channel stays mapped
/// until then.</summary>
internal struct Ringing
{
    private WorkerLink? _link;
    private List<WorkerLink>? _more;

    /// <summary>Under the gate: notes a worker that sleeps and has something to read.</summary>
    public void Add(WorkerLink link)
    {
        if (ReferenceEquals(link, _link) || !link.Channel.WorkerBell.IsNeeded() || _more?.Contains(link) == true) return;
        link.BeginRing();
        if (_link is null) _link = link;
        else (_more ??= []).Add(link);
    }

    /// <summary>Outside the gate.</summary>
    public readonly void Ring()
    {
        if (_link is null) return;
        _link.Ring();
        foreach (var link in _more ?? []) link.Ring();
    }
}
