namespace Samovar.Ipc.Locks;

/// <summary>Whether this process still has its slot at an object. Its end is said before the slot is given back.</summary>
internal sealed class SlotOwnership
{
    private int _isOver;

    public bool IsOver => Volatile.Read(ref _isOver) != 0; // SYNC: slot let go

    public void End() => Interlocked.Exchange(ref _isOver, 1); // SYNC: slot let go
}
