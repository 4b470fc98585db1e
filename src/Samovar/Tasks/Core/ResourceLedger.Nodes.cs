namespace Samovar.Tasks.Core;

/// <content>Resources of the nodes of a cluster, which come and go.</content>
internal sealed partial class ResourceLedger
{
    private readonly List<ResourceSource> _formerSources = []; // gate: of nodes that have left, while tasks have resources there
    private bool _knowsNodes; // gate

    /// <summary>Creates a ledger for resources that nodes announce.</summary>
    /// <param name="core">The executor.</param>
    /// <param name="clock">The clock by which the age of grants is measured.</param>
    public static ResourceLedger OfNodes(ExecutorCore core, TimeProvider clock) => new(core, null, clock);

    /// <summary>Records what a node has, and what tasks of other executors use of it.</summary>
    public void Note(NodeResourcesReport report)
    {
        List<ResourceGrant>? granted;
        lock (_gate)
        {
            var source = _sources.Find(source => source.Node == report.Node);
            if (source is null) _sources.Add(source = CreateSource(report.Node, report.Name, report.Totals));
            source.IsOpen = report.IsOpen;
            source.Workers = report.Workers;
            source.MostGrants = Math.Max(16, 4 * report.Workers);
            source.Others = report.OthersRunning;
            source.HasRefused = report.HasRefused;
            for (int place = 0; place < _names.Count; place++)
            {
                if (source[place] is { } pool) pool.UsedByOthers = report.UsedByOthers.GetValueOrDefault(_names[place]);
            }

            granted = GrantLocked();
            CheckInvariantsLocked();
        }

        Queue(granted);
    }

    /// <summary>Forgets a node that has left or leaves. Returns the tasks that have resources there.</summary>
    public List<Future> Remove(Guid node)
    {
        List<ResourceGrant>? granted;
        List<Future> tasks;
        lock (_gate)
        {
            var source = _sources.Find(source => source.Node == node);
            if (source is null) return [];
            _sources.Remove(source);
            _formerSources.Add(source);
            tasks = [.. source.Grants.Select(static grant => grant.Task)];
            granted = GrantLocked(); // what it withheld for a request, others may have elsewhere
        }

        Queue(granted);
        return tasks;
    }

    /// <summary>Refuses from now on what no known node has in total. Returns the tasks that wait for such amounts, with the errors.</summary>
    public List<(Future Task, InsufficientResourcesException Error)> KnowNodes()
    {
        List<(Future, InsufficientResourcesException)> impossible = [];
        lock (_gate)
        {
            if (_knowsNodes) return [];
            _knowsNodes = true;
            foreach (var grant in _lines.SelectMany(static line => line.All))
            {
                if (FindMissingLocked(grant.Request) is { } error) impossible.Add((grant.Task, error));
            }
        }

        return impossible;
    }

    /// <summary>Returns the tasks whose resources were granted so long ago that they are granted again unless they run.</summary>
    /// <param name="age">How long ago, if another node can take the task now, or its node has left.</param>
    /// <param name="longest">How long ago otherwise.</param>
    public List<Future> FindGranted(TimeSpan age, TimeSpan longest)
    {
        lock (_gate)
        {
            _formerSources.RemoveAll(static source => source.Grants.Count == 0);
            foreach (var source in _sources) source.BeginPass();
            var grants = _sources.Concat(_formerSources).SelectMany(static source => source.Grants);
            return [.. grants.Where(IsOld).Select(static grant => grant.Task)];
        }

        bool IsOld(ResourceGrant grant)
        {
            var since = _clock.GetElapsedTime(grant.GrantedAt);
            return since >= longest || (since >= age && CanMoveLocked(grant));
        }
    }

    private bool CanMoveLocked(ResourceGrant grant) =>
        !_sources.Contains(grant.Source!) || _sources.Exists(source => source != grant.Source && source is { HasRoom: true, HasRefused: false } && source.Fits(grant.Request.Parts));

    /// <summary>Takes the resources of a task that no node has started, and grants them again, here or elsewhere; the task keeps its position.</summary>
    public void AskAgain(Future task) => Ask(task, task.Controls?.Grant);

    private string DescribeNodesLocked() => _sources.Count == 0 ? "none" : string.Join("; ", _sources.Select(static source => $"{source.Name}: {source.Text}"));
}
