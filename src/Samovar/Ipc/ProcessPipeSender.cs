using System.Diagnostics;
using System.Threading.Channels;
using Samovar.Ipc.Pipes;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>The end of a <see cref="ProcessPipe"/> into which items are put. It is a <see cref="ChannelWriter{T}"/> too, and travels.</summary>
/// <remarks>All members are safe for any thread.</remarks>
/// <typeparam name="T">The items.</typeparam>
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

    /// <summary>Whether the pipe has ended, or was completed: nothing can be sent any more.</summary>
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

    /// <summary>Sends an item, and waits for room where there is none.</summary>
    /// <exception cref="ChannelClosedException">The pipe was completed, or nobody has its receiving end any more.</exception>
    /// <exception cref="UnshippableException">Something in the item cannot travel; the message names the member.</exception>
    /// <exception cref="OperationCanceledException">The token was tripped, and there was no room.</exception>
    public void Send(T item, CancellationToken cancellationToken = default) => Used.Put(item, cancellationToken);

    /// <summary>Sends an item, and waits for room for a time.</summary>
    /// <inheritdoc cref="Send"/>
    /// <returns>False where the time ran out.</returns>
    public bool TrySend(T item, TimeSpan timeout, CancellationToken cancellationToken = default) => Used.TryPut(item, timeout, cancellationToken);

    /// <summary>Sends items in their order, and waits for room where there is none.</summary>
    /// <inheritdoc cref="Send"/>
    public void SendMany(ReadOnlySpan<T> items, CancellationToken cancellationToken = default) => Used.PutMany(items, cancellationToken);

    /// <inheritdoc/>
    public override bool TryWrite(T item) => Used.Writer.TryWrite(item);

    /// <inheritdoc/>
    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default) => Used.Writer.WaitToWriteAsync(cancellationToken);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default) => Used.Writer.WriteAsync(item, cancellationToken);

    /// <summary>Ends the pipe for good, whoever else has this end. <see cref="Dispose"/> closes it here only.</summary>
    /// <param name="error">Why; who receives gets it. Null where all went well.</param>
    public override bool TryComplete(Exception? error = null) => Used.TryComplete(error);

    /// <summary>What this direction of the pipe has done and is doing.</summary>
    public ProcessQueueStatistics GetStatistics() => _queue.GetStatistics();

    /// <summary>Closes this end here. Where no other process has it, the pipe ends behind what was sent.</summary>
    public void Dispose() => _queue.Dispose();
}

/// <summary>Carries sending ends.</summary>
internal sealed class ProcessPipeSenderCodec<T> : SharedCodec<ProcessPipeSender<T>>
{
    protected override SharedFormat Format => QueueItems<T>.PipeFormat;

    protected override SharedReference ReferenceOf(ProcessPipeSender<T> value) => value.Reference;

    protected override long Lend(ProcessPipeSender<T> value, SharedReference kept) => PipeEnd.Lend(value.Hold, kept);

    protected override SharedReference Open(in SharedHandle handle, LiveConnector connector) => PipeEnd.Open(handle, Format, connector);

    protected override ProcessPipeSender<T> Make(SharedReference reference) => new(reference);
}
