using System.Diagnostics;
using System.Threading.Channels;
using Samovar.Ipc.Pipes;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>The sending end of a <see cref="ProcessPipe"/>. It is also a <see cref="ChannelWriter{T}"/>, and can be sent to other
/// processes.</summary>
/// <remarks>All members are thread-safe.</remarks>
/// <typeparam name="T">The type of the items.</typeparam>
[ShipWith(typeof(ProcessPipeSenderCodec<>))]
[DebuggerDisplay("{DebugText,nq}")]
[DebuggerTypeProxy(typeof(ProcessPipeDebugView))]
public sealed class ProcessPipeSender<T> : ChannelWriter<T>, IDisposable, IPipeEnd
{
    private readonly ProcessQueue<T> _queue;

    internal ProcessPipeSender(SharedReference reference)
    {
        Hold = PipeEnd.HoldOf(reference, PipeRole.Sender);
        _queue = new ProcessQueue<T>(reference);
    }

    /// <summary>Gets whether the pipe was completed or has ended, so that nothing can be sent.</summary>
    public bool IsCompleted => _queue.IsCompleted;

    internal PipeHold Hold { get; }

    internal SharedReference Reference => _queue.Reference;

    private ProcessQueue<T> Used
    {
        get
        {
            Hold.Use();
            return _queue;
        }
    }

    private string DebugText => PipeEnd.DebugText(this, typeof(T));

    /// <summary>Sends an item; blocks until there is room.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">Cancels the wait; the item was not sent then.</param>
    /// <exception cref="ChannelClosedException">The pipe was completed, or no process holds its receiving end.</exception>
    /// <exception cref="UnshippableException">A part of the item cannot be serialized; the message names the member.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before there was room.</exception>
    /// <exception cref="ObjectDisposedException">The end was closed in this process.</exception>
    public void Send(T item, CancellationToken cancellationToken = default) => Used.Put(item, cancellationToken);

    /// <summary>Sends an item; blocks until there is room or the timeout elapses.</summary>
    /// <inheritdoc cref="Send"/>
    /// <param name="item">The item.</param>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait; the item was not sent then.</param>
    /// <returns>False if the timeout elapsed.</returns>
    public bool TrySend(T item, TimeSpan timeout, CancellationToken cancellationToken = default) => Used.TryPut(item, timeout, cancellationToken);

    /// <summary>Sends items in order; blocks while there is no room.</summary>
    /// <inheritdoc cref="Send"/>
    /// <param name="items">The items.</param>
    /// <param name="cancellationToken">Cancels the wait; some of the items may have been sent.</param>
    public void SendMany(ReadOnlySpan<T> items, CancellationToken cancellationToken = default) => Used.PutMany(items, cancellationToken);

    /// <inheritdoc/>
    public override bool TryWrite(T item) => Used.Writer.TryWrite(item);

    /// <inheritdoc/>
    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => Used.Writer.WaitToWriteAsync(cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default) => Used.Writer.WriteAsync(item, cancellationToken);

    /// <summary>Completes the pipe for all processes that hold this end. <see cref="Dispose"/> closes the end in this process only.</summary>
    /// <param name="error">The error that receivers get after the remaining items; null for a regular end.</param>
    /// <returns>False if the pipe was completed before.</returns>
    public override bool TryComplete(Exception? error = null) => Used.TryComplete(error);

    /// <summary>Gets a snapshot of this direction's counts and rates.</summary>
    public ProcessQueueStatistics GetStatistics() => _queue.GetStatistics();

    /// <summary>Closes this end in this process. If no other process holds it, the pipe ends after the items that were sent.</summary>
    public void Dispose() => _queue.Dispose();
}

/// <summary>Ships sending ends to other processes.</summary>
internal sealed class ProcessPipeSenderCodec<T> : SharedCodec<ProcessPipeSender<T>>
{
    protected override SharedFormat Format => QueueItems<T>.PipeFormat;

    protected override SharedReference ReferenceOf(ProcessPipeSender<T> value) => value.Reference;

    protected override long Lend(ProcessPipeSender<T> value, SharedReference kept) => PipeEnd.Lend(value.Hold, kept);

    protected override SharedReference Open(in SharedHandle handle, LiveConnector connector) => PipeEnd.Open(handle, Format, connector);

    protected override ProcessPipeSender<T> Make(SharedReference reference) => new(reference);
}
