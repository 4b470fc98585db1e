namespace Samovar;

/// <summary>What a running task has of a resource: see <see cref="TaskContext.Resources"/>. Immutable.</summary>
public sealed class GrantedResource
{
    internal GrantedResource(double amount, IReadOnlyList<int> indexes)
    {
        Amount = amount;
        Indexes = indexes;
    }

    /// <summary>Gets the amount, as <see cref="TaskOptions.Requires"/> has it.</summary>
    public double Amount { get; }

    /// <summary>Gets which units of the resource the task has, counted from 0: of four GPUs, which ones. No two tasks have the same unit at the same
    /// time, unless each requires a fraction of it. On a cluster, they are units of the node. Empty if the total of the executor, or of the node, is
    /// not a whole number, or greater than 64: such a resource has no single units.</summary>
    public IReadOnlyList<int> Indexes { get; }
}
