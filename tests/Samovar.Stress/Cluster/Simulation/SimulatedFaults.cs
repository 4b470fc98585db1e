namespace Samovar.Stress.Cluster.Simulation;

/// <summary>The random choices of the network. Used by one thread.</summary>
internal sealed class SimulatedFaults(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>How many messages were lost, and how many came twice.</summary>
    public long Lost { get; private set; }

    public long Duplicates { get; private set; }

    /// <summary>Draws how long a message travels: about a millisecond, sometimes much longer.</summary>
    public long NextDelay()
    {
        double draw = _random.NextDouble();
        var delay = draw < 0.001 ? TimeSpan.FromMilliseconds(200 * _random.NextDouble()) : TimeSpan.FromMilliseconds(0.2 + (2 * _random.NextDouble()));
        return delay.Ticks;
    }

    /// <summary>Draws whether a message is lost that no one keeps: to the reply box of a node, or to all.</summary>
    public bool IsLost()
    {
        if (_random.NextDouble() >= 0.002) return false;
        Lost++;
        return true;
    }

    /// <summary>Draws whether a message is delivered twice.</summary>
    public bool IsDuplicated()
    {
        if (_random.NextDouble() >= 0.005) return false;
        Duplicates++;
        return true;
    }
}
