namespace Samovar;

/// <summary>A snapshot of one resource of an executor; see <see cref="ExecutorStatistics.Resources"/>. Immutable.</summary>
/// <param name="Name">The name of the resource.</param>
/// <param name="Total">What the executor has of it.</param>
/// <param name="InUse">What tasks have of it: those that run, and those that wait for a worker and have their resources already.</param>
/// <param name="Waiting">How many tasks that require the resource wait for their resources.</param>
public sealed record ResourceStatistics(string Name, double Total, double InUse, long Waiting);
