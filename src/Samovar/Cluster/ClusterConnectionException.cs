namespace Samovar;

/// <summary>The exception that is thrown when a member cannot join its cluster: the broker cannot be reached, refuses the connection, or does not
/// provide what a cluster needs. The message says what to do.</summary>
public sealed class ClusterConnectionException : Exception
{
    /// <summary>Initializes an exception with a default message.</summary>
    public ClusterConnectionException()
        : base("The connection to the cluster failed.")
    {
    }

    /// <summary>Initializes an exception with a message.</summary>
    /// <param name="message">The message: what happened, at which address, and what to do.</param>
    public ClusterConnectionException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes an exception with a message and its cause.</summary>
    /// <param name="message">The message: what happened, at which address, and what to do.</param>
    /// <param name="innerException">The cause; null for none.</param>
    public ClusterConnectionException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
