using System.Diagnostics;

namespace Samovar.Cluster.Node;

/// <summary>How many messages of a queue the broker sends to a node before the node has acknowledged any: one more than it has workers, and more if tasks
/// are so short that the node would otherwise wait for the broker. Not thread-safe: <see cref="NodeItems"/> calls it under its lock.</summary>
/// <remarks>
/// A task takes three messages between its delivery and its acknowledgement, so with few messages at a time a node completes few short tasks, however many
/// workers it has. With too many, it takes tasks that other nodes could start at once. So it asks for as many as it completes in <see cref="s_ahead"/>,
/// at the rate at which it has completed them while it had any. The times of single tasks would not do: on a busy machine, one that was interrupted is a
/// hundred times as long as the one before it.
/// </remarks>
/// <param name="workers">The number of workers.</param>
/// <param name="time">The clock.</param>
internal sealed class NodeCredit(int workers, TimeProvider time)
{
    /// <summary>The most messages.</summary>
    public const int Most = 256;

    /// <summary>For how long the workers have messages.</summary>
    private static readonly TimeSpan s_ahead = TimeSpan.FromMilliseconds(50);

    /// <summary>For how long the rate is measured.</summary>
    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(100);

    /// <summary>For how long the rate must be low before the number is reduced, which ends the subscription to the queue.</summary>
    private static readonly TimeSpan s_low = TimeSpan.FromSeconds(1);

    /// <summary>Over how many tasks the size of their messages is averaged; large messages count for more than small ones.</summary>
    private const double Memory = 512;

    private int _current = workers + 1;
    private double _tasksPerMessage = 1;
    private int _completed; // in this window
    private TimeSpan _busy; // of this window
    private TimeSpan _lowFor; // the time of the windows since the last one with a rate that needs the current number
    private long? _busySince; // null while the node has no tasks

    /// <summary>The least number of messages.</summary>
    public int Least => workers + 1;

    /// <summary>Learns from a delivery.</summary>
    public void NoteMessage(int tasks)
    {
        _tasksPerMessage += (tasks - _tasksPerMessage) * Math.Min(1, tasks / Memory);
        _busySince ??= time.GetTimestamp();
    }

    /// <summary>Learns that the node has no task: from now on time does not count.</summary>
    public void NoteIdle() => _busySince = null;

    /// <summary>Learns that a task is completed; returns the new number if it changes.</summary>
    /// <param name="isLast">Whether the node has no other task.</param>
    public int? NoteCompleted(bool isLast)
    {
        long now = time.GetTimestamp();
        _completed++;
        _busy += time.GetElapsedTime(_busySince ?? now, now);
        _busySince = isLast ? null : now;
        if (_busy < s_window) return null;
        double messages = s_ahead / _busy * _completed / _tasksPerMessage;
        int wanted = (int)Math.Clamp(messages, Least, Math.Max(Least, Most));
        _lowFor = wanted < _current && (wanted == Least || wanted <= _current / 4) ? _lowFor + _busy : TimeSpan.Zero;
        (_completed, _busy) = (0, TimeSpan.Zero);
        if (wanted < _current * 2 && _lowFor < s_low) return null;
        _lowFor = TimeSpan.Zero;
        _current = wanted;
        CheckInvariants();
        return wanted;
    }

    [Conditional("DEBUG")]
    private void CheckInvariants() => Debug.Assert(_current >= Least && _current <= Math.Max(Least, Most), "the credit is within its limits");
}
