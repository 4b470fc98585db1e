namespace Samovar.Serialization;

/// <summary>The live side of a channel between two processes: ports through which live values talk to where they came from.</summary>
/// <remarks>
/// A channel implements it; one instance may stand for the channel or for one task on it, whatever its owner wants to close together.
/// Members are called from any thread.
/// </remarks>
public abstract class LiveConnector
{
    internal const string MissingOnWrite =
        "A live value needs a channel to stay connected through, and this message is written without one. Pass a LiveConnector to the write.";

    internal const string MissingOnRead =
        "The message carries a live value, and it is read without a channel to connect it through. Pass a LiveConnector to the read.";

    /// <summary>Whether what is read through this connector serves one task and no longer.</summary>
    internal virtual bool EndsWithTask => false;

    /// <summary>Calls back when the task is over that this connector serves; never, where it serves none.</summary>
    internal virtual void WhenTaskEnds(Action ended)
    {
    }

    /// <summary>Opens a port on this side for a value that is being sent.</summary>
    /// <param name="receive">Called for each message that the other side sends through the port, one at a time and in order.</param>
    public abstract LivePort Open(LiveReceiver receive);

    /// <summary>Connects to a port that the other side opened.</summary>
    /// <param name="id">The <see cref="LivePort.Id"/> as it came with the value; unknown ids give a port that never receives.</param>
    /// <param name="receive">Called for each message that the other side sends through the port, one at a time and in order.</param>
    public abstract LivePort Connect(long id, LiveReceiver receive);

    /// <summary>Holds what the other side needs to find a value that is being sent, until it has it or never will; disposes it then.</summary>
    /// <param name="resource">May be disposed more than once.</param>
    public virtual void Keep(IDisposable resource) => Open(static _ => { }).Own(resource);
}
