using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Samovar.Ipc.Pipes;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>The receiving end of a <see cref="ProcessPipe"/>. It is also a <see cref="ChannelReader{T}"/>, and can be sent to other
/// processes.</summary>
/// <remarks>All members are thread-safe.</remarks>
/// <typeparam name="T">The type of the items.</typeparam>
[ShipWith(typeof(ProcessPipeReceiverCodec<>))]
[DebuggerDisplay("{DebugText,nq}")]
[DebuggerTypeProxy(typeof(ProcessPipeDebugView))]
public sealed class ProcessPipeReceiver<T> : ChannelReader<T>, IDisposable, IPipeEnd
{
    private readonly ProcessQueue<T> _queue;

    internal ProcessPipeReceiver(SharedReference reference)
    {
        Hold = PipeEnd.HoldOf(reference, PipeRole.Receiver);
        _queue = new ProcessQueue<T>(reference);
    }

    /// <summary>Gets a task that completes when the pipe was completed or has ended, and all items were received.</summary>
    public override Task Completion => Used.Reader.Completion;

    /// <inheritdoc/>
    public override bool CanCount => true;

    /// <inheritdoc/>
    public override int Count => _queue.Reader.Count;

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

    /// <summary>Receives the next item; blocks until one is available.</summary>
    /// <param name="cancellationToken">Cancels the wait; no item was received then.</param>
    /// <exception cref="ChannelClosedException">All items were received, and the pipe was completed or no process holds its sending end.</exception>
    /// <exception cref="ShippingException">The item was received, but it cannot be deserialized in this process.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before an item was available.</exception>
    /// <exception cref="ObjectDisposedException">The end was closed in this process.</exception>
    public T Receive(CancellationToken cancellationToken = default) => Used.Take(cancellationToken);

    /// <summary>Receives the next item; blocks until one is available or the timeout elapses.</summary>
    /// <inheritdoc cref="Receive"/>
    /// <param name="item">The item.</param>
    /// <param name="timeout">How long to wait; <see cref="TimeSpan.Zero"/> to try without waiting, <see cref="Timeout.InfiniteTimeSpan"/> to wait
    /// indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait; no item was received then.</param>
    /// <returns>False if the timeout elapsed.</returns>
    public bool TryReceive([MaybeNullWhen(false)] out T item, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Used.TryTake(out item, timeout, cancellationToken);

    /// <summary>Receives all available items, up to the length of the span; blocks until at least one is available.</summary>
    /// <remarks>The call stops before an item that cannot be deserialized. The next call that receives throws the error of that item; the call after
    /// it continues with the next item.</remarks>
    /// <inheritdoc cref="Receive"/>
    /// <param name="items">The destination.</param>
    /// <param name="cancellationToken">Cancels the wait; no item was received then.</param>
    /// <returns>The number of items received; 0 if the pipe has ended.</returns>
    public int ReceiveMany(Span<T> items, CancellationToken cancellationToken = default) => Used.TakeMany(items, cancellationToken);

    /// <inheritdoc/>
    public override bool TryRead([MaybeNullWhen(false)] out T item) => Used.Reader.TryRead(out item);

    /// <inheritdoc/>
    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => Used.Reader.WaitToReadAsync(cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default) => Used.Reader.ReadAsync(cancellationToken);

    /// <summary>Gets a snapshot of this direction's counts and rates.</summary>
    public ProcessQueueStatistics GetStatistics() => _queue.GetStatistics();

    /// <summary>Closes this end in this process. Senders notice if no other process holds it.</summary>
    public void Dispose() => _queue.Dispose();
}

/// <summary>Ships receiving ends to other processes.</summary>
internal sealed class ProcessPipeReceiverCodec<T> : SharedCodec<ProcessPipeReceiver<T>>
{
    protected override SharedFormat Format => QueueItems<T>.PipeFormat;

    protected override SharedReference ReferenceOf(ProcessPipeReceiver<T> value) => value.Reference;

    protected override long Lend(ProcessPipeReceiver<T> value, SharedReference kept) => PipeEnd.Lend(value.Hold, kept);

    protected override SharedReference Open(in SharedHandle handle, LiveConnector connector) => PipeEnd.Open(handle, Format, connector);

    protected override ProcessPipeReceiver<T> Make(SharedReference reference) => new(reference);
}
