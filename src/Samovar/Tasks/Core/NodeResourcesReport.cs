namespace Samovar.Tasks.Core;

/// <summary>What a node of a cluster reports of its resources.</summary>
/// <param name="Node">Identifies the node.</param>
/// <param name="Name">Its name.</param>
/// <param name="Totals">What it has, in ten-thousandths.</param>
internal sealed record NodeResourcesReport(Guid Node, string Name, IReadOnlyCollection<KeyValuePair<string, long>> Totals)
{
    /// <summary>Whether it accepts tasks now.</summary>
    public bool IsOpen { get; init; }

    /// <summary>How many tasks it runs at the same time.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>How many tasks of other executors it runs.</summary>
    public int OthersRunning { get; init; }

    /// <summary>Whether it cannot run the program of the executor, as far as is known.</summary>
    public bool HasRefused { get; init; }

    /// <summary>What tasks of other executors use, in ten-thousandths, by resource.</summary>
    public IReadOnlyDictionary<string, long> UsedByOthers { get; init; } = new Dictionary<string, long>();
}
