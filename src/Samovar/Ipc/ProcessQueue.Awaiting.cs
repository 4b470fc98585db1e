using System.Threading.Channels;
using Samovar.Serialization;

namespace Samovar.Ipc;

public sealed partial class ProcessQueue<T>
{
    /// <summary>Puts an item into the queue as soon as there is room, without blocking a thread.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Cancels the wait; the item is not in the queue then.</param>
    /// <exception cref="ChannelClosedException">The queue is completed; the item is not in it.</exception>
    /// <exception cref="UnshippableException">A part of the item cannot be serialized; the message names the member.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was room.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public ValueTask PutAsync(T item, CancellationToken cancellationToken = default) => Writer.WriteAsync(item, cancellationToken);

    /// <summary>Takes the next item as soon as one is available, without blocking a thread.</summary>
    /// <param name="cancellationToken">Cancels the wait; no item was taken then.</param>
    /// <exception cref="ChannelClosedException">The queue is completed and empty.</exception>
    /// <exception cref="ShippingException">The item was taken, but it cannot be deserialized in this process.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before an item was available.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public ValueTask<T> TakeAsync(CancellationToken cancellationToken = default) => Reader.ReadAsync(cancellationToken);

    /// <summary>Takes items until the queue is completed and empty.</summary>
    /// <param name="cancellationToken">Cancels the wait for the next item.</param>
    public IAsyncEnumerable<T> TakeAllAsync(CancellationToken cancellationToken = default) => Reader.ReadAllAsync(cancellationToken);
}
