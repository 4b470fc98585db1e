namespace Samovar;

/// <summary>Receives what arrives at a <see cref="ClusterConnection"/>.</summary>
/// <remarks>Each method is called for one message at a time, in the order of arrival; different methods may be called at the same time. A call must
/// return soon and must not block, because the next message waits for it. A message that is passed to a call belongs to the receiver. Calls may begin
/// before <see cref="ClusterTransport.ConnectAsync"/> has returned.</remarks>
public abstract class ClusterReceiver
{
    /// <summary>Called with a message from a task queue.</summary>
    /// <param name="delivery">The message, which the receiver must acknowledge, return or dead-letter at some time.</param>
    public abstract void OnDelivery(ClusterDelivery delivery);

    /// <summary>Called with a message from the reply box.</summary>
    /// <param name="message">The message.</param>
    public abstract void OnReply(ReadOnlyMemory<byte> message);

    /// <summary>Called with a broadcast to an audience of the member.</summary>
    /// <param name="message">The message.</param>
    public abstract void OnBroadcast(ReadOnlyMemory<byte> message);

    /// <summary>Called after the state of the connection has changed.</summary>
    /// <param name="state">The new state.</param>
    /// <param name="cause">The error that caused the change; null for none.</param>
    public abstract void OnStateChanged(ClusterConnectionState state, Exception? cause);
}
