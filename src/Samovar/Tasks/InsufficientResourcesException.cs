namespace Samovar;

/// <summary>The exception that is thrown when a task requires more of a resource than its executor has in total, so that it could never start. See
/// <see cref="TaskOptions.Requires"/>.</summary>
public sealed class InsufficientResourcesException : InvalidOperationException
{
    /// <summary>Initializes a new instance.</summary>
    /// <param name="executor">The executor's name.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="required">The required amount.</param>
    /// <param name="total">What the executor has of the resource; 0 for nothing.</param>
    /// <param name="available">All resources of the executor, as text.</param>
    public InsufficientResourcesException(string executor, string resource, double required, double total, string available)
        : base(
            $"The task requires {Text(required)} of the resource '{resource}', and '{executor}' has {(total > 0 ? Text(total) : "none")}, so the task could never start. " +
            $"The executor's resources: {available}. Require less, or add the resource to ExecutorOptions.Resources.")
    {
        Executor = executor;
        Resource = resource;
        Required = required;
        Total = total;
    }

    private InsufficientResourcesException(string message, string executor, string resource, double required, double total)
        : base(message)
    {
        Executor = executor;
        Resource = resource;
        Required = required;
        Total = total;
    }

    /// <summary>Returns the error of a cluster.</summary>
    /// <param name="executor">The executor's name.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="required">The required amount.</param>
    /// <param name="total">The largest total of a node; 0 if no node has the resource.</param>
    /// <param name="nodes">The nodes with their resources, as text.</param>
    internal static InsufficientResourcesException OfNodes(string executor, string resource, double required, double total, string nodes)
    {
        string why = total <= 0 ? "has any" : required > total ? $"has more than {Text(total)}" : "has it together with all others that the task requires";
        return new(
            $"The task requires {Text(required)} of the resource '{resource}', and no node of '{executor}' {why}, so the task could never start. The nodes: {nodes}. " +
            "Require less, or start a node with more in ClusterNodeOptions.Resources.",
            executor,
            resource,
            required,
            total);
    }

    /// <summary>Gets the executor's name.</summary>
    public string Executor { get; }

    /// <summary>Gets the resource.</summary>
    public string Resource { get; }

    /// <summary>Gets the required amount.</summary>
    public double Required { get; }

    /// <summary>Gets what the executor has of the resource in total, of a cluster the node with the largest total; 0 for nothing.</summary>
    public double Total { get; }

    private static string Text(double amount) => amount.ToString("0.####", System.Globalization.CultureInfo.InvariantCulture);
}
