namespace Samovar.Cluster.Node;

/// <summary>The claims without an answer. While there are several, and each worker has a task, a node claims no more, so that the tasks that arrive
/// meanwhile travel in one claim: at a high rate of tasks, most of the messages would otherwise be claims and answers. Not thread-safe: <see cref="NodeItems"/> calls it under its
/// lock.</summary>
/// <param name="time">The clock.</param>
internal sealed class ClaimWindow(TimeProvider time)
{
    /// <summary>The most claims without an answer. With one, a task that comes just after another would wait for its answer.</summary>
    public const int Most = 4;

    /// <summary>From when on a claim does not count: its answer is lost or late, and nothing waits for it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    private readonly List<(long Number, long SentAt)> _open = []; // the oldest first

    /// <summary>Whether another claim may be sent.</summary>
    public bool HasRoom
    {
        get
        {
            if (_open.Count < Most) return true;
            _open.RemoveAll(claim => time.GetElapsedTime(claim.SentAt) >= s_patience);
            return _open.Count < Most;
        }
    }

    public void Sent(long number) => _open.Add((number, time.GetTimestamp()));

    public void Answered(long number) => _open.RemoveAll(claim => claim.Number == number);
}
