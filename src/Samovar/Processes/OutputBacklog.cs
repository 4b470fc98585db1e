namespace Samovar.Processes;

/// <summary>How much of what a process wrote waits to be handed on. While it is full nothing more is read, so that the process blocks on
/// its pipe, and nothing else does. Safe for any thread.</summary>
internal sealed class OutputBacklog
{
    /// <summary>Characters: ten times what a pipe holds.</summary>
    public const int Most = 1024 * 1024;

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

    public void Add(int characters)
    {
        lock (_gate)
        {
            _waiting += characters;
            if (_waiting >= Most) _isFull = true;
        }
    }

    public void Remove(int characters)
    {
        lock (_gate)
        {
            _waiting -= characters;
            if (!_isFull || _waiting > Most / 2) return;
            _isFull = false;
        }

        RoomMade?.Invoke();
    }
}
