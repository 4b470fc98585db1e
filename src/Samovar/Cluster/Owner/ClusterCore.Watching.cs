using Samovar.Cluster.Protocol;
using Samovar.Primitives;

namespace Samovar.Cluster.Owner;

/// <content>Nodes that are lost, and their tasks.</content>
internal sealed partial class ClusterCore
{
    /// <summary>How often nodes are checked for silence.</summary>
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromSeconds(1);

    /// <summary>After how many checks this owner reports that it exists.</summary>
    private static readonly int s_checksPerReport = (int)(BeaconMessage.Interval / s_checkInterval);

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

                if (wasAsleep || (await _connector.Connected.ConfigureAwait(false)).State != ClusterConnectionState.Connected) _tasks.ForgetSilence();
                var silent = _tasks.RemoveSilent(_options.NodeTimeout);
                foreach (var (node, tasks) in silent) Monitor.NodeLost(node.Name, tasks.Count);
                Lose(silent, "was lost: it was silent for");
                Lose(_tasks.RemoveUnreported(_options.NodeTimeout), "did not report the task for");
            }
        }
        catch (OperationCanceledException)
        {
            // The executor stops.
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
            if ((future.IsCancelRequested || IsKilling) && !future.IsTimeoutRequested && future.EndAsCanceled(attempt)) continue;
            future.EndWithError(attempt, new NodeLostException(node, $"{what} while it ran task {future.Id}{(future.Name is null ? "" : $" '{future.Name}'")}, attempt {attempt}."));
        }
    }

    protected override void CloseAdmissions()
    {
        base.CloseAdmissions();
        Room?.Close();
    }
}
