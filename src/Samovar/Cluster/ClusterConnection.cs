namespace Samovar;

/// <summary>A connection of a member to its cluster. See <see cref="ClusterTransport"/> for the guarantees.</summary>
/// <remarks>
/// <para>Thread-safe. While the connection is interrupted, sending methods wait and send again once it is restored; they fail only for the reasons
/// that they list.</para>
/// <para>After <see cref="IAsyncDisposable.DisposeAsync"/> has returned, the receiver is not called any more, unacknowledged deliveries go to other
/// members, and pending calls have thrown <see cref="ObjectDisposedException"/>.</para>
/// </remarks>
public abstract class ClusterConnection : IAsyncDisposable
{
    /// <summary>Gets the address of this connection's reply box, for <see cref="SendAsync"/> of other members. It does not change when the connection
    /// is restored.</summary>
    public abstract string Address { get; }

    /// <summary>Gets the state of the connection.</summary>
    public abstract ClusterConnectionState State { get; }

    /// <summary>Gets what the broker is and what it can do.</summary>
    public abstract ClusterBroker Broker { get; }

    /// <summary>Puts a message into a task queue. Completes when the broker has stored it durably.</summary>
    /// <param name="priority">The queue.</param>
    /// <param name="body">The message; not changed until the call completes.</param>
    /// <param name="cancellationToken">Cancels the wait: whether the message was stored is then unknown.</param>
    /// <returns>A task that completes when the message is stored.</returns>
    /// <exception cref="QueueFullException">The queue has a maximum length and has reached it.</exception>
    /// <exception cref="ArgumentException">The message is longer than <see cref="ClusterBroker.LargestMessage"/>.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public abstract ValueTask PublishAsync(TaskPriority priority, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default);

    /// <summary>Sets how many messages of each task queue this connection holds without having acknowledged them; 0 (the initial value) to receive
    /// none. A lower value takes back nothing that was delivered.</summary>
    /// <param name="credit">The number for each queue, from 0 to 10,000.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the broker knows the value, or when it is remembered for the time when the connection is restored.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="credit"/> is out of range.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public abstract ValueTask SetCreditAsync(int credit, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to the reply box of a member. Messages from one connection to one address arrive in the order of the calls, unless the
    /// connection is interrupted in between.</summary>
    /// <param name="address">The <see cref="Address"/> of the member.</param>
    /// <param name="body">The message; not changed until the call completes.</param>
    /// <param name="cancellationToken">Cancels the wait: whether the message was sent is then unknown.</param>
    /// <returns>true when the box has the message; false if there is no such box (any more).</returns>
    /// <exception cref="ArgumentException">The message is longer than <see cref="ClusterBroker.LargestMessage"/>.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public abstract ValueTask<bool> SendAsync(string address, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to every member of an audience that is connected now, this one included if it belongs to it.</summary>
    /// <param name="audience">The members that receive the message: at least one flag.</param>
    /// <param name="body">The message; not changed until the call completes.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that completes when the message is on its way. It is lost if the connection is interrupted at that moment.</returns>
    /// <exception cref="ArgumentException">The message is longer than <see cref="ClusterBroker.LargestMessage"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="audience"/> is <see cref="ClusterAudience.None"/>, or has a flag that does not
    /// exist.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public abstract ValueTask BroadcastAsync(ClusterAudience audience, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default);

    /// <summary>Stores a blob. If the key exists, nothing is stored, because a key names the content that it was computed from.</summary>
    /// <param name="key">The key: 1 to 128 letters, digits, hyphens or underscores.</param>
    /// <param name="content">The content, read once from its current position to its end.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that completes when the blob is stored durably.</returns>
    /// <exception cref="ArgumentException">The key is not valid.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public abstract Task PutBlobAsync(string key, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Opens a blob for reading.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The content; null if there is no such blob. The stream throws <see cref="IOException"/> if the blob is incomplete.</returns>
    /// <exception cref="ArgumentException">The key is not valid.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public abstract Task<Stream?> OpenBlobAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Deletes a blob; does nothing if it does not exist. A member that is reading it meanwhile fails.</summary>
    /// <param name="key">The key. It must not be used again soon: members that put it meanwhile may lose what they put.</param>
    /// <param name="cancellationToken">Cancels the call: whether the blob was deleted is then unknown.</param>
    /// <returns>A task that completes when the blob does not exist any more.</returns>
    /// <exception cref="ArgumentException">The key is not valid.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public abstract Task DeleteBlobAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Reads how many messages wait in the task queues and in the queue of dead letters.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public abstract Task<ClusterQueueDepth> GetQueueDepthAsync(CancellationToken cancellationToken = default);

    /// <summary>Passes the dead letters to a function, the oldest first, which decides what becomes of each. While the call runs, other members do not see
    /// those that were passed.</summary>
    /// <param name="decide">Decides about a dead letter. If it throws, the letter and those after it stay, and the call throws that exception.</param>
    /// <param name="most">How many are passed at most; at least 1.</param>
    /// <param name="cancellationToken">Cancels the call. What was decided before stays decided.</param>
    /// <returns>The number of dead letters that were passed.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="most"/> is less than 1.</exception>
    /// <exception cref="QueueFullException">A letter could not be put into its task queue, which is full. It stays, as those after it do.</exception>
    /// <exception cref="ClusterConnectionException">The connection was interrupted. What was not decided stays; a letter that was put into its task queue
    /// last may also stay.</exception>
    /// <exception cref="ObjectDisposedException">The connection was disposed.</exception>
    public abstract Task<int> ReviewDeadLettersAsync(
        Func<ClusterDeadLetter, DeadLetterAction> decide, int most = int.MaxValue, CancellationToken cancellationToken = default);

    /// <summary>Closes the connection.</summary>
    /// <returns>A task that completes when the connection is closed.</returns>
    public abstract ValueTask DisposeAsync();
}
