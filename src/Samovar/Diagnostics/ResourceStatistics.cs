using System.Globalization;

namespace Samovar;

/// <summary>A snapshot of one resource of an executor; see <see cref="ExecutorStatistics.Resources"/>. Immutable.</summary>
/// <param name="Name">The name of the resource.</param>
/// <param name="Total">What the executor has of it; for a <see cref="ClusterExecutor"/>, what the nodes have that it knows, added up.</param>
/// <param name="InUse">What tasks have of it: those that run, and those that wait for a worker and have their resources already. On
/// a cluster, also the tasks of other executors.</param>
/// <param name="Waiting">How many tasks of the executor that require the resource wait for their resources.</param>
public sealed record ResourceStatistics(string Name, double Total, double InUse, long Waiting)
{
    /// <summary>The same as text, as in <c>1 of 2 gpu in use, 3 waiting</c>.</summary>
    internal string Text => string.Create(CultureInfo.InvariantCulture, $"{InUse:0.####} of {Total:0.####} {Name} in use, {Waiting} waiting");
}
