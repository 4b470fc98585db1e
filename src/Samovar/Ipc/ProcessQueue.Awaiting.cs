using System.Threading.Channels;

namespace Samovar.Ipc;

public sealed partial class ProcessQueue<T>
{
    /// <summary>Puts an item in when there is room, without blocking a thread.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Ends the wait; the item is not in the queue then.</param>
    /// <exception cref="ChannelClosedException">The queue is completed; the item is not in it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public ValueTask PutAsync(T item, CancellationToken cancellationToken = default) => Writer.WriteAsync(item, cancellationToken);

    /// <summary>Takes the next item when there is one, without blocking a thread.</summary>
    /// <param name="cancellationToken">Ends the wait; no item was taken then.</param>
    /// <exception cref="ChannelClosedException">The queue is completed and empty.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    /// <exception cref="ObjectDisposedException">The queue was disposed in this process.</exception>
    public ValueTask<T> TakeAsync(CancellationToken cancellationToken = default) => Reader.ReadAsync(cancellationToken);

    /// <summary>Takes items until the queue is completed and empty.</summary>
    /// <param name="cancellationToken">Ends the wait for the next item.</param>
    public IAsyncEnumerable<T> TakeAllAsync(CancellationToken cancellationToken = default) => Reader.ReadAllAsync(cancellationToken);
}
