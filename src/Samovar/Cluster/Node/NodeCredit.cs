using System.Diagnostics;

namespace Samovar.Cluster.Node;

/// <summary>How many messages of a queue the broker sends to a node before the node has acknowledged any: one more than it has workers, and more if tasks
/// are so short that the node would otherwise wait for the broker. Thread-safe.</summary>
/// <remarks>
/// A task takes three messages between its delivery and its acknowledgement, so with few messages at a time a node completes few short tasks, however many
/// workers it has. With too many, it takes tasks that other nodes could start at once. So it asks for as many as its workers run in
/// <see cref="s_ahead"/>.
/// </remarks>
/// <param name="workers">The number of workers.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeCredit(int workers, TimeProvider time)
{
    /// <summary>The most messages.</summary>
    public const int Most = 256;

    /// <summary>For how long the workers have messages.</summary>
    private static readonly TimeSpan s_ahead = TimeSpan.FromMilliseconds(50);

    /// <summary>The least time between two changes: each is a request to the broker, and a smaller one ends a subscription.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private int _current = workers + 1;
    private double _tasksPerMessage = 1;
    private long _changedAt = time.GetTimestamp();

    /// <summary>The least number of messages.</summary>
    public int Least => workers + 1;

    /// <summary>Learns from a delivery.</summary>
    public void NoteMessage(int tasks)
    {
        lock (_gate) _tasksPerMessage += (tasks - _tasksPerMessage) / 8;
    }

    /// <summary>Learns how long tasks run; returns the new number if it changes.</summary>
    /// <param name="usual">How long a task runs lately.</param>
    public int? NoteTime(TimeSpan usual)
    {
        lock (_gate)
        {
            double work = Math.Max(1, usual.Ticks) * _tasksPerMessage;
            int wanted = (int)Math.Clamp(s_ahead.Ticks * (double)workers / work, Least, Math.Max(Least, Most));
            if (wanted == _current || (wanted < _current * 2 && wanted > _current / 4 && wanted != Least)) return null;
            long now = time.GetTimestamp();
            if (time.GetElapsedTime(_changedAt, now) < s_interval) return null;
            _changedAt = now;
            _current = wanted;
            CheckInvariantsLocked();
            return wanted;
        }
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked() => Debug.Assert(_current >= Least && _current <= Math.Max(Least, Most), "the credit is within its limits");
}
