using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>An end of a <see cref="ProcessPipe"/> that sends and receives. It is also a <see cref="Channel{TWrite, TRead}"/>, and can be sent to
/// other processes.</summary>
/// <remarks>All members are thread-safe.</remarks>
/// <typeparam name="TSend">The type of the items that this end sends.</typeparam>
/// <typeparam name="TReceive">The type of the items that this end receives.</typeparam>
[ShipWith(typeof(ProcessPipeEndCodec<,>))]
[DebuggerDisplay("{Receiver}, {Sender}")]
public sealed class ProcessPipeEnd<TSend, TReceive> : Channel<TSend, TReceive>, IDisposable
{
    internal ProcessPipeEnd(ProcessPipeSender<TSend> sender, ProcessPipeReceiver<TReceive> receiver)
    {
        Sender = sender;
        Receiver = receiver;
        Writer = sender;
        Reader = receiver;
    }

    /// <summary>Gets the direction in which this end sends. Sent to another process by itself, it is a separate end.</summary>
    public ProcessPipeSender<TSend> Sender { get; }

    /// <summary>Gets the direction in which this end receives. Sent to another process by itself, it is a separate end.</summary>
    public ProcessPipeReceiver<TReceive> Receiver { get; }

    /// <inheritdoc cref="ProcessPipeSender{T}.Send"/>
    public void Send(TSend item, CancellationToken cancellationToken = default)
    {
        Receiver.Hold.Use(); // a process that sends also listens
        Sender.Send(item, cancellationToken);
    }

    /// <inheritdoc cref="ProcessPipeReceiver{T}.Receive"/>
    public TReceive Receive(CancellationToken cancellationToken = default)
    {
        Sender.Hold.Use(); // a process that receives also replies
        return Receiver.Receive(cancellationToken);
    }

    /// <inheritdoc cref="ProcessPipeReceiver{T}.TryReceive"/>
    public bool TryReceive([MaybeNullWhen(false)] out TReceive item, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Sender.Hold.Use();
        return Receiver.TryReceive(out item, timeout, cancellationToken);
    }

    /// <summary>Closes both directions of this end in this process. The other end notices if no other process holds this end.</summary>
    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }
}

/// <summary>Ships two-way ends to other processes.</summary>
internal sealed class ProcessPipeEndCodec<TSend, TReceive> : LiveCodec<ProcessPipeEnd<TSend, TReceive>>
{
    private static readonly ProcessPipeSenderCodec<TSend> s_sender = new();
    private static readonly ProcessPipeReceiverCodec<TReceive> s_receiver = new();

    public override void Export(ProcessPipeEnd<TSend, TReceive> value, IBufferWriter<byte> output, LiveConnector connector)
    {
        s_sender.Export(value.Sender, output, connector);
        s_receiver.Export(value.Receiver, output, connector);
    }

    public override ProcessPipeEnd<TSend, TReceive> Import(ReadOnlySpan<byte> payload, LiveConnector connector)
    {
        if (payload.Length != 2 * SharedHandle.Size)
            throw new ChannelCorruptedException($"A shipped pipe end has {payload.Length} bytes, expected {2 * SharedHandle.Size}.");
        ProcessPipeSender<TSend> sender = s_sender.Import(payload[..SharedHandle.Size], connector);
        try
        {
            return new ProcessPipeEnd<TSend, TReceive>(sender, s_receiver.Import(payload[SharedHandle.Size..], connector));
        }
        catch
        {
            sender.Dispose();
            throw;
        }
    }
}
