using Samovar.Cluster.Protocol;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <content>Nodes that are lost, and their tasks.</content>
internal sealed partial class ClusterCore
{
    /// <summary>How often nodes are checked for silence.</summary>
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromSeconds(1);

    /// <summary>After how many checks this owner reports that it exists.</summary>
    private static readonly int s_checksPerReport = (int)(BeaconMessage.Interval / s_checkInterval);

    /// <summary>How often this owner asks a node whether it has an attempt, and the time for each answer.</summary>
    private const int ProbeCount = 3;

    private static readonly TimeSpan s_probeInterval = TimeSpan.FromMilliseconds(250);

    private bool _hasGivenUp; // Volatile: the grace period of a kill has elapsed

    /// <summary>Checks the nodes for silence. If this process itself has not run for a while, the silence is its own.</summary>
    private async Task WatchNodesAsync()
    {
        var time = _options.PresenceTime;
        using var timer = new PeriodicTimer(s_checkInterval, time);
        long last = time.GetTimestamp();
        int untilReport = s_checksPerReport;
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false))
            {
                bool wasAsleep = time.GetElapsedTime(last) > s_checkInterval * 3;
                last = time.GetTimestamp();
                if (--untilReport == 0)
                {
                    untilReport = s_checksPerReport;
                    _ = BroadcastAsync(MessageKind.Alive);
                }

                // A kill ends although the broker is away: the nodes that do not answer in time are lost, and cancel what runs for this owner.
                bool isCutOff = !Volatile.Read(ref _hasGivenUp) && (await _connector.Connected.ConfigureAwait(false)).State != ClusterConnectionState.Connected;
                if (wasAsleep || isCutOff) _tasks.ForgetSilence();
                var silent = _tasks.RemoveSilent(_options.NodeTimeout);
                foreach (var (node, tasks) in silent)
                {
                    Monitor.NodeLost(node.Name, tasks.Count);
                    TakeBack(Resources?.Remove(node.Id) ?? [], TimeSpan.Zero);
                }

                Lose(silent, "was lost: it was silent for");
                Lose(_tasks.RemoveUnreported(_options.NodeTimeout), "did not report the task for");
                if (!isCutOff) RepeatUnclaimed();
                if (Actor is null) continue;
                _receiver.InOrder(Actor.CheckNode);
                Actor.Repeat();
            }
        }
        catch (OperationCanceledException)
        {
            // The executor stops.
        }
    }

    /// <summary>Finds out whether the nodes that run attempts still exist: the broker has delivered the messages of these again, as it does when the
    /// connection of a node has failed. Those that a node does not report in a short time are lost, although it may be silent for much longer
    /// otherwise.</summary>
    public void Probe(Guid sender, IEnumerable<TaskKey> keys)
    {
        foreach (var probe in _tasks.FindRedelivered(sender, keys, _options.NodeTimeout)) _ = ProbeAsync(probe);
    }

    /// <summary>Publishes tasks again after a pause, unless a node claims them meanwhile.</summary>
    public void PublishAgain(List<TaskKey> keys, TimeSpan pause) => _ = PublishAgainAsync(keys, pause);

    private async Task ProbeAsync(NodeProbe probe)
    {
        var time = _options.PresenceTime;
        try
        {
            for (int asked = 0; asked < ProbeCount; asked++)
            {
                if (!_tasks.SendProbe(probe)) return;
                long began = time.GetTimestamp();
                await Task.Delay(s_probeInterval, time, _ending.Token).ConfigureAwait(false);
                if (time.GetElapsedTime(began) > s_probeInterval * 2) asked = -1; // this process was suspended, and has not read what has arrived
            }
        }
        catch (OperationCanceledException)
        {
            return; // the executor stops
        }

        string what = $"Node '{probe.Node.Name}' did not answer for {TimeoutArguments.Text(s_probeInterval * ProbeCount)}, after its connection had failed,";
        _receiver.InOrder(() => // after the outcomes that have arrived
        {
            var repeated = _tasks.FindUnanswered(probe).FindAll(entry => WillRepeat(entry.Task.Future, entry.Attempt, probe.Node.Name, what));
            FailLost(_tasks.EndProbe(probe, [.. repeated.Select(static entry => entry.Task)]), probe.Node.Name, what);
        });
    }

    private static bool WillRepeat(Future future, int attempt, string node, string what)
    {
        Exception error = new NodeLostException(node, what);
        return future.Options.Retry is { } retry && retry.Allows(attempt, ref error);
    }

    private async Task PublishAgainAsync(List<TaskKey> keys, TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _options.PresenceTime, _ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return; // the executor stops
        }

        foreach (var key in keys)
        {
            if (_tasks.TakeUnstarted(key, sender: null) is { } future) EnqueueAgain(future);
        }
    }

    private void Lose(List<(ClusterNodeInfo Node, List<(ClusterTask Task, int Attempt)> Tasks)> lost, string what)
    {
        foreach (var (node, tasks) in lost)
            _receiver.InOrder(() => FailLost(tasks, node.Name, $"Node '{node.Name}' {what} {TimeoutArguments.Text(_options.NodeTimeout)}"));
    }

    /// <summary>Fails tasks whose node was lost.</summary>
    public void FailLost(List<(ClusterTask Task, int Attempt)> lost, string node, string what)
    {
        foreach (var (task, attempt) in lost)
        {
            var future = task.Future;
            Exception error = new NodeLostException(node, $"{what} while it ran task {future.Id}{(future.Name is null ? "" : $" '{future.Name}'")}, attempt {attempt}.");
            if (task.Place is { } place) error = Actor!.LoseRunning(place, error);
            if ((future.IsCancelRequested || IsKilling) && !future.IsTimeoutRequested && future.EndAsCanceled(attempt)) continue;
            future.EndWithError(attempt, error);
        }
    }

    /// <summary>Kills the workers of the tasks that are still running when the grace period has elapsed. A task whose node does not answer within
    /// <see cref="ClusterExecutorOptions.NodeTimeout"/> completes as cancelled, also while the connection is interrupted.</summary>
    protected override void GiveUpRunning(TimeSpan grace)
    {
        CancelUnstarted();
        Blobs.GiveUp();
        string why = $"'{Name}' was shut down, and its work was still running after the grace period of {TimeoutArguments.Text(grace)}";
        foreach (var future in _tasks.AllSent())
        {
            if (future.TaskState is ClusterTask task) Kill(task, future.Attempt, StopReason.Cancel, why);
        }

        Volatile.Write(ref _hasGivenUp, true);
    }

    protected override void CloseAdmissions()
    {
        base.CloseAdmissions();
        Room?.Close();
    }
}
