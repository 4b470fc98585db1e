namespace Samovar.Stress.Cluster.Faults;

/// <summary>The work of a client.</summary>
/// <param name="Uri">The broker.</param>
/// <param name="Cluster">The cluster.</param>
/// <param name="Folder">Where the tasks note that they start.</param>
/// <param name="Tasks">How many tasks it submits.</param>
/// <param name="PerSecond">How many in a second.</param>
/// <param name="Length">How long a task runs.</param>
/// <param name="Limit">How long it waits for the last ones.</param>
internal sealed record LoadSettings(string Uri, string Cluster, string Folder, int Tasks, int PerSecond, TimeSpan Length, TimeSpan Limit)
{
    /// <summary>Whether a task is started again when it fails.</summary>
    public static bool Retries(int task) => task % 4 == 0;

    /// <summary>Whether a task is cancelled soon after it was submitted.</summary>
    public bool IsCanceled(int task) => Tasks > 100 && task % 25 == 7;
}
