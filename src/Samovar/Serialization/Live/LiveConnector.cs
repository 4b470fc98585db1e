using Samovar.Serialization.Live;

namespace Samovar.Serialization;

/// <summary>Provides the ports through which live values stay connected to the process that they came from.</summary>
/// <remarks>
/// A channel between two processes implements this class. One instance can represent the whole channel or a single task on it, depending on
/// which ports its owner closes together. Implementations must be safe for any thread.
/// </remarks>
public abstract class LiveConnector
{
    internal const string MissingOnWrite =
        "A live value needs a channel to stay connected, and this message is written without one. Pass a LiveConnector to the write.";

    internal const string MissingOnRead =
        "The message contains a live value, and it is read without a channel to connect to it. Pass a LiveConnector to the read.";

    /// <summary>Whether the values that are read through this connector are used by one task only, and not after it.</summary>
    internal virtual bool EndsWithTask => false;

    /// <summary>Registers a callback for the completion of the connector's task; it is never called if the connector belongs to no task.</summary>
    internal virtual void WhenTaskEnds(Action ended)
    {
    }

    /// <summary>Opens a port on this side for a value that is being sent.</summary>
    /// <param name="receive">The callback for messages that the other side sends through the port; called for one at a time, in order.</param>
    /// <returns>This side's end of the port. Send its <see cref="LivePort.Id"/> with the value.</returns>
    public abstract LivePort Open(LiveReceiver receive);

    /// <summary>Opens a port on this side for a value that answers the messages of the other side.</summary>
    /// <param name="receive">The callback for messages, with a delegate that sends an answer to their sender only; called for one message of a sender at
    /// a time, in order.</param>
    /// <returns>This side's end of the port.</returns>
    /// <exception cref="NotSupportedException">The connector cannot send answers.</exception>
    internal virtual LivePort OpenForCalls(LiveCallReceiver receive) =>
        throw new NotSupportedException("The connector cannot send an answer to one of several receivers of a message.");

    /// <summary>Connects to a port that the other side opened.</summary>
    /// <param name="id">The <see cref="LivePort.Id"/> that came with the value. An unknown id returns a port that never receives a message.</param>
    /// <param name="receive">The callback for messages that the other side sends through the port; called for one at a time, in order.</param>
    /// <returns>This side's end of the port.</returns>
    public abstract LivePort Connect(long id, LiveReceiver receive);

    /// <summary>Keeps a resource that the other side needs to connect to a value that is being sent, and disposes it when the other side has
    /// connected or can no longer connect.</summary>
    /// <param name="resource">The resource. It may be disposed more than once.</param>
    public virtual void Keep(IDisposable resource) => Open(static _ => { }).Own(resource);
}
