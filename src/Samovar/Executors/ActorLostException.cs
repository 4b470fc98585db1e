namespace Samovar;

/// <summary>The exception that is thrown when an actor has no instance any more, because its process died, its node was lost, or a call that ignored its
/// token was abandoned on its thread. <see cref="Exception.InnerException"/> is the cause, for example a <see cref="WorkerCrashedException"/>.</summary>
public sealed class ActorLostException : Exception
{
    /// <summary>Initializes a new instance.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why the actor was lost; null if that is not known.</param>
    public ActorLostException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <inheritdoc cref="ActorLostException(string, Exception?)"/>
    public ActorLostException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="ActorLostException(string, Exception?)"/>
    public ActorLostException()
        : base("An actor was lost.")
    {
    }

    /// <summary>Gets the actor's name; empty if it is not known.</summary>
    public string Actor { get; init; } = "";

    /// <summary>Gets the name of the executor that created the actor; empty if it is not known.</summary>
    public string Executor { get; init; } = "";

    /// <summary>Gets whether a new instance runs the next calls. If not, all queued and later calls fail.</summary>
    public bool IsRestarted { get; init; }
}
