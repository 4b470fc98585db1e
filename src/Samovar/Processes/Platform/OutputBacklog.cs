using System.Diagnostics;

namespace Samovar.Processes.Platform;

/// <summary>Counts the output of a process that has not been delivered yet. While the backlog is full, the output is not read, so that the process
/// blocks on its pipe, and nothing else does. Thread-safe.</summary>
internal sealed class OutputBacklog
{
    /// <summary>The limit in characters: about ten times the capacity of a pipe.</summary>
    public const int Most = 1024 * 1024;

    /// <summary>The characters that a line counts in addition to its own: about the memory of an empty line.</summary>
    public const int LineCost = 64;

    private readonly Lock _gate = new();
    private long _waiting;
    private bool _isFull;

    /// <summary>Called when the backlog is no longer full. Set before the process is watched; must not block.</summary>
    public Action? RoomMade { get; set; }

    public bool IsFull
    {
        get
        {
            lock (_gate) return _isFull;
        }
    }

    /// <summary>Whether lines must be dropped: output that is read although the backlog is full (with the result of a task, and at the exit of the
    /// process) has reached four times the limit.</summary>
    public bool IsOverfull
    {
        get
        {
            lock (_gate) return _waiting >= 4 * Most;
        }
    }

    /// <summary>Adds a line with a number of characters.</summary>
    public void AddLine(int characters)
    {
        lock (_gate)
        {
            _waiting += characters + LineCost;
            if (_waiting >= Most) _isFull = true;
            CheckInvariantsLocked();
        }
    }

    /// <summary>Removes a line that has been delivered.</summary>
    public void RemoveLine(int characters)
    {
        lock (_gate)
        {
            _waiting -= characters + LineCost;
            bool hasRoom = _isFull && _waiting <= Most / 2;
            if (hasRoom) _isFull = false;
            CheckInvariantsLocked();
            if (!hasRoom) return;
        }

        RoomMade?.Invoke();
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_waiting >= 0, "only added lines are removed");
        Debug.Assert(_isFull ? _waiting > Most / 2 : _waiting < Most, "the backlog is full from the limit on, until it has shrunk to half");
    }
}
