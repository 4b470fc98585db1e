using Samovar.Diagnostics.Recording;

namespace Samovar;

/// <summary>The exception that is thrown when the node that runs a task leaves the cluster without its outcome: the machine or the node failed, was
/// stopped, or cannot reach the broker. Tasks with a <see cref="TaskOptions.Retry"/> run again elsewhere.</summary>
public sealed class NodeLostException : Exception, IWorkerLoss
{
    /// <summary>Initializes an exception with a default message.</summary>
    public NodeLostException()
        : base("The node that ran the task was lost.")
    {
    }

    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">The message that describes the error.</param>
    public NodeLostException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">The message that describes the error.</param>
    /// <param name="innerException">The cause; null for none.</param>
    public NodeLostException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal NodeLostException(string node, string message)
        : base(message) => Node = node;

    /// <summary>Gets the name of the node; empty if it is unknown.</summary>
    public string Node { get; } = "";
}
