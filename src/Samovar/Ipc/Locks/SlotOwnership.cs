namespace Samovar.Ipc.Locks;

/// <summary>Whether this process still owns its slot at an object. Cleared before the slot is returned.</summary>
internal sealed class SlotOwnership
{
    private int _isOver;

    public bool IsOver => Volatile.Read(ref _isOver) != 0; // SYNC: slot released

    public void End() => Interlocked.Exchange(ref _isOver, 1); // SYNC: slot released
}
