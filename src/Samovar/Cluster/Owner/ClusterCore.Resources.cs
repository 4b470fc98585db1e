using Samovar.Cluster.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <content>Resources of the nodes. The ledger of the executor chooses a node for each task that requires some, from what the nodes report; the node then
/// grants them, because it also serves other executors.</content>
internal sealed partial class ClusterCore
{
    /// <summary>How long nodes have, from the first one on, to report what they have. Then tasks are refused for which no node has enough.</summary>
    private static readonly TimeSpan s_gathering = TimeSpan.FromSeconds(2);

    /// <summary>After how long a task that its node has not claimed is granted again: on another node that has the amounts free; or on any node, because
    /// the message may be lost.</summary>
    private static readonly TimeSpan s_unclaimed = TimeSpan.FromSeconds(1), s_longestUnclaimed = TimeSpan.FromSeconds(5);

    private int _gathers; // Interlocked: whether the time for the first reports has begun

    /// <summary>Records what a node reports of itself.</summary>
    public void NoteResources(Guid node, BeaconMessage beacon)
    {
        if (Resources is null) return;
        if (beacon.State != NodeState.Accepting)
        {
            TakeBack(Resources.Remove(node), TimeSpan.Zero);
            return;
        }

        Resources.Note(_tasks.ReportOf(node, beacon, Id));
        if (Interlocked.Exchange(ref _gathers, 1) == 0) _ = GatherAsync();
    }

    /// <summary>Queues a task again that no node has started.</summary>
    public void EnqueueAgain(Future future)
    {
        if (future.Options.RequiredAmounts is null || Resources is not { } resources) Enqueue(future);
        else resources.AskAgain(future);
    }

    /// <summary>Queues tasks again that their nodes have not claimed for long.</summary>
    private void RepeatUnclaimed() => TakeBack(Resources?.FindGranted(s_unclaimed, s_longestUnclaimed) ?? [], s_unclaimed);

    private void TakeBack(List<Future> granted, TimeSpan age)
    {
        foreach (var future in granted)
        {
            if (_tasks.TryTakeUnclaimed(future, age)) EnqueueAgain(future);
        }
    }

    private void NoteOwnNode(ClusterNode node)
    {
        Interlocked.Exchange(ref _gathers, 1);
        Resources?.Note(new NodeResourcesReport(node.Id, node.Name, [.. node.Options.OwnResources?.Freeze().Units ?? []]) { Workers = node.Options.Workers });
        Resources?.KnowNodes();
    }

    private async Task GatherAsync()
    {
        try
        {
            await Task.Delay(s_gathering, _options.PresenceTime, _ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return; // the executor stops
        }

        foreach (var (task, error) in Resources!.KnowNodes()) task.EndUnstarted(FutureState.Failed, error);
    }
}
