using System.Diagnostics;
using Samovar.Cluster.Protocol;

namespace Samovar.Stress.Cluster.Simulation;

/// <summary>Runs owners and nodes of a cluster, as they are, on a simulated broker with simulated workers in virtual time. Nodes are killed, stopped, cut
/// off and drained meanwhile, messages are delayed, lost and repeated. Whatever is drawn comes from the seed, so a run can be repeated.</summary>
internal sealed class ClusterSimulation
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(60);

    private readonly VirtualTime _time = new();
    private readonly SimulationJournal _journal;
    private readonly SimulationPlan _plan;
    private readonly SimulatedBroker _broker;
    private readonly SimulatedNodes _nodes;
    private readonly SimulatedHost _world; // the clock of what happens to the cluster
    private readonly int _seed;
    private readonly int _nodeCount;
    private readonly TimeSpan _patience;
    private readonly int _faults;
    private readonly List<Owner> _owners = [];
    private bool _isDisturbed = true;

    /// <param name="seed">The seed.</param>
    /// <param name="nodes">How many nodes there are at a time.</param>
    /// <param name="tasks">How many tasks are submitted.</param>
    /// <param name="patience">How long the run may take, in real time.</param>
    /// <param name="faults">By how much there are more faults of members than usual; 0 for none.</param>
    public ClusterSimulation(int seed, int nodes, int tasks, TimeSpan patience, int faults = 1)
    {
        (_seed, _nodeCount, _patience, _faults) = (seed, nodes, patience, faults);
        _journal = new SimulationJournal(_time) { HasFaults = faults > 0 };
        _plan = new SimulationPlan(_journal, seed, tasks);
        _broker = new SimulatedBroker(_time, new SimulatedFaults(unchecked((seed * 31) + 1)));
        _nodes = new SimulatedNodes(_time, _broker, unchecked((seed * 31) + 2));
        _world = new SimulatedHost(_time, "world");
    }

    public SimulationJournal Journal => _journal;

    public double VirtualSeconds => TimeSpan.FromTicks(_time.Now).TotalSeconds;

    private int Promised => _plan.Tasks.Length - _plan.Orphans;

    /// <summary>Runs the simulation; called on the thread pool.</summary>
    public async Task RunAsync()
    {
        Task? scenario = null;
        _time.At(0, null, () => scenario = ScenarioAsync());
        await _time.RunUntilAsync(() => scenario is { IsCompleted: true }).ConfigureAwait(false);
        await scenario!.ConfigureAwait(false);
    }

    public string Describe() =>
        $"""
        {Promised:N0} tasks on {_nodeCount:N0} nodes: {_journal.Succeeded:N0} succeeded, {_journal.Failed:N0} failed ({_journal.LostWithNode:N0} lost with their node), {_journal.Canceled:N0} cancelled
        nodes: {_nodes.Killed:N0} killed, {_nodes.Stopped:N0} stopped, {_nodes.Interrupted:N0} cut off, {_nodes.Drained:N0} drained
        messages: {_broker.Published:N0} bundles ({_broker.Deliveries:N0} deliveries), {_broker.Replies:N0} replies ({_broker.RepliesOf(MessageKind.Redelivered):N0} of redelivered messages, {_broker.RepliesOf(MessageKind.Probe):N0} probes of nodes that are reachable, {_broker.RepliesOf(MessageKind.Share):N0} shares), {_broker.Broadcasts:N0} broadcasts ({_broker.BroadcastDeliveries:N0} deliveries), {_broker.Faults.Lost:N0} lost, {_broker.Faults.Duplicates:N0} doubled
        {_time.Events:N0} events, digest {_journal.Digest:x16}
        """;

    private async Task ScenarioAsync()
    {
        long began = Stopwatch.GetTimestamp();
        var first = AddOwner("first");
        var second = AddOwner("second");
        var orphan = AddOwner("orphan");
        for (int i = 0; i < _nodeCount; i++) _nodes.Start();
        var disturbing = DisturbAsync();
        await Task.WhenAll(
            SubmitAsync(first, 0, Promised / 2), SubmitAsync(second, Promised / 2, Promised), SubmitAsync(orphan, Promised, _plan.Tasks.Length)).ConfigureAwait(false);

        long end = _time.Now + s_limit.Ticks;
        int shown = 0;
        while (_journal.Complete < Promised && _time.Now < end && Stopwatch.GetElapsedTime(began) < _patience && _journal.ProblemCount == 0)
        {
            await DelayAsync(TimeSpan.FromMilliseconds(250)).ConfigureAwait(false);
            if (_journal.Complete - shown < 100_000) continue;
            shown = _journal.Complete;
            Console.WriteLine($"{shown,11:N0} at {TimeSpan.FromTicks(_time.Now).TotalSeconds:F1} s, after {Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s, {Environment.WorkingSet >> 20} MiB, {_broker.BroadcastDeliveries:N0} deliveries of broadcasts");
        }

        _isDisturbed = false;
        await disturbing.ConfigureAwait(false);
        if (_journal.Complete < Promised) ReportIncomplete(Stopwatch.GetElapsedTime(began));
        if (_journal.ProblemCount == 0) await CheckEndAsync().ConfigureAwait(false);
    }

    /// <summary>Submits tasks in twice the speed at which the cluster runs them.</summary>
    private async Task SubmitAsync(Owner owner, int from, int to)
    {
        const int Steps = 100;
        double capacity = _nodeCount * 2.5 * SimulationPlan.PerSecond;
        var step = TimeSpan.FromSeconds(Promised / capacity / 2 / Steps);
        bool dies = to > Promised;
        for (int i = 0; i < Steps && !owner.Host.IsDead; i++)
        {
            int begin = from + (int)((long)(to - from) * i / Steps), end = from + (int)((long)(to - from) * (i + 1) / Steps);
            for (int index = begin; index < end; index++) Submit(owner, _plan.Tasks[index]);
            await DelayAsync(step).ConfigureAwait(false);
            if (!dies || _faults == 0 || i != Steps / 3) continue;
            owner.Host.IsDead = true;
            owner.Transport.Connection!.Kill(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(40));
        }
    }

    private void Submit(Owner owner, SimulatedTask task)
    {
        int index = task.Index;
        var future = owner.Executor.Submit(() => SimulatedWork.Run(index), _plan.OptionsOf(task));
        task.Future = future;
        future.AddCompletion(task);
        if (task.IsCanceled) _time.At(_time.Now + _plan.NextCancel().Ticks, owner.Host, () => task.Future?.Cancel());
    }

    private async Task DisturbAsync()
    {
        var random = new Random(unchecked((_seed * 31) + 3));
        double perSecond = Math.Max(0.5, _nodeCount * 0.004) * (0.2 + (3 * random.NextDouble())); // a quiet cluster, or a bad day
        if (_faults == 0) return;
        perSecond *= _faults;
        double ownersPerSecond = 0.005 + (random.Next(3) * 0.02);
        await DelayAsync(TimeSpan.FromSeconds(0.5)).ConfigureAwait(false);
        while (_isDisturbed)
        {
            await DelayAsync(TimeSpan.FromSeconds(2 * random.NextDouble() / perSecond)).ConfigureAwait(false);
            if (random.NextDouble() < ownersPerSecond / perSecond && _owners[random.Next(2)] is { } owner) _nodes.Disturb(owner.Host, owner.Transport.Connection);
            else _nodes.Disturb();
        }
    }

    /// <summary>Checks that nothing is left when all tasks have completed and everything has had time to settle.</summary>
    private async Task CheckEndAsync()
    {
        long settled = _time.Now + TimeSpan.FromMinutes(4).Ticks;
        while (_time.Now < settled && !IsQuiet()) await DelayAsync(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        if (_nodes.Running != 0) _journal.Report($"the nodes still run or claim {_nodes.Running} tasks");
        foreach (var queue in _broker.Queues)
        {
            if (queue.Waiting + queue.Held != 0) _journal.Report($"{queue.Waiting} messages wait in the queue of priority {queue.Priority}, and nodes hold {queue.Held}");
        }

        foreach (var error in _nodes.StartErrors) _journal.Report($"a node did not start: {error.Message}");
        if (_broker.Dead != 0) _journal.Report($"{_broker.Dead} messages were dead-lettered");
        foreach (var owner in _owners.Where(static owner => !owner.Host.IsDead))
        {
            var statistics = owner.Executor.GetStatistics();
            if (statistics.Submitted != statistics.Succeeded + statistics.Failed + statistics.Canceled || statistics.Running + statistics.Queued != 0)
                _journal.Report($"the counts of '{owner.Host.Name}' do not add up: {statistics}");
        }

        await EndInTimeAsync(_nodes.StopAllAsync(), "the nodes").ConfigureAwait(false);
        foreach (var owner in _owners.Where(static owner => !owner.Host.IsDead)) await EndInTimeAsync(owner.Executor.ShutdownAsync(), owner.Host.Name).ConfigureAwait(false);
    }

    private bool IsQuiet() => _nodes.Running == 0 && _broker.Queues.All(static queue => queue.Waiting + queue.Held == 0);

    private async Task EndInTimeAsync(Task ending, string what)
    {
        try
        {
            await ending.WaitAsync(TimeSpan.FromMinutes(3), _world).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _journal.Report($"{what} did not stop within 3 minutes");
        }
    }

    private void ReportIncomplete(TimeSpan elapsed)
    {
        var left = _plan.Tasks.Take(Promised).Where(static task => task.Future is not null).ToList();
        _journal.Report($"{Promised - _journal.Complete:N0} tasks are not complete after {elapsed.TotalSeconds:F0} s; queues: "
            + string.Join(", ", _broker.Queues.Select(static queue => $"{queue.Priority} {queue.Waiting} waiting, {queue.Held} held")) + $"; the nodes run {_nodes.Running}");
        foreach (var task in left.Take(5))
            _journal.Report($"task {task.Index} ({task.Fate}, {(task.Retries ? "with" : "without")} Retry) is {task.Future!.SentState}, attempt {task.Future.Attempt}, worker {task.Future.Worker}, {task.Starts} starts");
    }

    private Owner AddOwner(string name)
    {
        var host = new SimulatedHost(_time, name);
        var transport = new SimulatedTransport(_broker, host);
        var owner = new Owner(host, transport, new ClusterExecutor(transport, new ClusterExecutorOptions { Name = name, TimeProvider = host, PresenceTime = host }));
        _owners.Add(owner);
        return owner;
    }

    private Task DelayAsync(TimeSpan time) => Task.Delay(time, _world);

    private sealed record Owner(SimulatedHost Host, SimulatedTransport Transport, ClusterExecutor Executor);
}
