namespace Samovar.Cli.Map.Shell;

/// <summary>Gives each running command the smallest number, from 1, that no other one has. Thread-safe.</summary>
internal sealed class SlotNumbers
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<int, int> _returned = new(); // gate
    private int _largest; // gate

    public int Take()
    {
        lock (_gate) return _returned.TryDequeue(out int slot, out _) ? slot : ++_largest;
    }

    public void Return(int slot)
    {
        lock (_gate) _returned.Enqueue(slot, slot);
    }
}
