using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Samovar.Ipc.Pipes;
using Samovar.Ipc.Platform;
using Samovar.Ipc.Queues;
using Samovar.Ipc.Shared;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>The end of a <see cref="ProcessPipe"/> from which items are taken. It is a <see cref="ChannelReader{T}"/> too, and travels.</summary>
/// <remarks>All members are safe for any thread.</remarks>
/// <typeparam name="T">The items.</typeparam>
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

    /// <summary>Ends when the pipe has ended, or was completed, and everything was received.</summary>
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

    /// <summary>Receives an item, and waits for one where there is none.</summary>
    /// <exception cref="ChannelClosedException">The pipe has ended: it was completed, or nobody has its sending end any more; and everything was
    /// received.</exception>
    /// <exception cref="ShippingException">The item cannot be read here. It was received all the same.</exception>
    /// <exception cref="OperationCanceledException">The token was tripped, and nothing was there.</exception>
    public T Receive(CancellationToken cancellationToken = default) => Used.Take(cancellationToken);

    /// <summary>Receives an item, and waits for one for a time.</summary>
    /// <inheritdoc cref="Receive"/>
    /// <returns>False where the time ran out.</returns>
    public bool TryReceive([MaybeNullWhen(false)] out T item, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Used.TryTake(out item, timeout, cancellationToken);

    /// <summary>Receives as many items as are there, up to the span's length, and waits for one where there is none.</summary>
    /// <remarks>It stops in front of an item that cannot be read; the next call that receives throws its error, and the one after that goes on behind it.</remarks>
    /// <inheritdoc cref="Receive"/>
    /// <returns>How many; 0 where the pipe has ended.</returns>
    public int ReceiveMany(Span<T> items, CancellationToken cancellationToken = default) => Used.TakeMany(items, cancellationToken);

    /// <inheritdoc/>
    public override bool TryRead([MaybeNullWhen(false)] out T item) => Used.Reader.TryRead(out item);

    /// <inheritdoc/>
    public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) => Used.Reader.WaitToReadAsync(cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default) => Used.Reader.ReadAsync(cancellationToken);

    /// <summary>What this direction of the pipe has done and is doing.</summary>
    public ProcessQueueStatistics GetStatistics() => _queue.GetStatistics();

    /// <summary>Closes this end here. Where no other process has it, who sends is told.</summary>
    public void Dispose() => _queue.Dispose();
}

/// <summary>Carries receiving ends.</summary>
internal sealed class ProcessPipeReceiverCodec<T> : SharedCodec<ProcessPipeReceiver<T>>
{
    protected override SharedFormat Format => QueueItems<T>.PipeFormat;

    protected override SharedReference ReferenceOf(ProcessPipeReceiver<T> value) => value.Reference;

    protected override long Lend(ProcessPipeReceiver<T> value, SharedReference kept) => PipeEnd.Lend(value.Hold, kept);

    protected override SharedReference Open(in SharedHandle handle, LiveConnector connector) => PipeEnd.Open(handle, Format, connector);

    protected override ProcessPipeReceiver<T> Make(SharedReference reference) => new(reference);
}
