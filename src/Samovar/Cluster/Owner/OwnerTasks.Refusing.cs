using Samovar.Cluster.Protocol;

namespace Samovar.Cluster.Owner;

/// <content>Attempts that a node has refused: other nodes may run them.</content>
internal sealed partial class OwnerTasks
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(5);

    /// <summary>How long a task waits for a node that has not refused it although none is known: one that has just connected, or the owner itself has.</summary>
    private static readonly TimeSpan s_refusalPatience = TimeSpan.FromSeconds(1);

    /// <summary>Records that a node cannot run attempts. Returns those that no known node can run, and those that are published again, with the pause
    /// before: it grows with each refusal, so that nodes which cannot run a task do not exchange it all the time.</summary>
    public (List<TaskKey> Failed, List<(TaskKey Key, TimeSpan Pause)> Returned) Refuse(Guid sender, IEnumerable<TaskKey> keys)
    {
        List<TaskKey> failed = [];
        List<(TaskKey, TimeSpan)> returned = [];
        lock (_gate)
        {
            if (_nodes.TryGetValue(sender, out var node)) node.HasRefused = true;
            foreach (var key in keys)
            {
                if (!_sent.TryGetValue(key.Id, out var task) || task.Attempt != key.Attempt || task.Node is not null || task.IsPausing || task.IsPlacedElsewhere(sender)) continue;
                if (task.Refusals++ == 0) task.RefusedAt = presence.GetTimestamp();
                if (!_nodes.Values.Any(other => other.MayAccept(task.Future)) && presence.GetElapsedTime(task.RefusedAt) >= s_refusalPatience)
                {
                    failed.Add(key);
                    continue;
                }

                task.IsPausing = true;
                returned.Add((key, PauseAfter(task.Refusals)));
            }
        }

        return (failed, returned);
    }

    private static TimeSpan PauseAfter(int refusals)
    {
        var pause = s_firstPause * Math.Pow(2, Math.Min(refusals, 16) - 1);
        return pause < s_longestPause ? pause : s_longestPause;
    }
}
