using System.Diagnostics;

namespace Samovar.Processes.Platform;

/// <summary>How much of what a process wrote waits to be handed on. While it is full nothing more is read, so that the process blocks on
/// its pipe, and nothing else does. Safe for any thread.</summary>
internal sealed class OutputBacklog
{
    /// <summary>Characters: ten times what a pipe holds.</summary>
    public const int Most = 1024 * 1024;

    /// <summary>Characters that a line counts for besides its own: about the memory that an empty one takes while it waits.</summary>
    public const int LineCost = 64;

    private readonly Lock _gate = new();
    private long _waiting;
    private bool _isFull;

    /// <summary>Called when it is full no more. Set before the process is watched; must not block.</summary>
    public Action? RoomMade { get; set; }

    public bool IsFull
    {
        get
        {
            lock (_gate) return _isFull;
        }
    }

    /// <summary>What was read though it was full: with a task's result, and at the end of the process. Beyond this it is dropped.</summary>
    public bool IsOverfull
    {
        get
        {
            lock (_gate) return _waiting >= 4 * Most;
        }
    }

    /// <summary>A line of so many characters waits.</summary>
    public void AddLine(int characters)
    {
        lock (_gate)
        {
            _waiting += characters + LineCost;
            if (_waiting >= Most) _isFull = true;
            CheckInvariantsLocked();
        }
    }

    /// <summary>A line of so many characters has been handed on.</summary>
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
        Debug.Assert(_waiting >= 0, "only what waits is handed on");
        Debug.Assert(_isFull ? _waiting > Most / 2 : _waiting < Most, "it is full from the most on, until half of it is handed on");
    }
}
