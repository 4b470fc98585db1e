using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Samovar.Ipc.Platform;
using Samovar.Serialization;

namespace Samovar.Ipc;

/// <summary>One of the two ends of a <see cref="ProcessPipe"/> that both send and receive. It is a <see cref="Channel{TWrite, TRead}"/> too, and travels.</summary>
/// <remarks>All members are safe for any thread.</remarks>
/// <typeparam name="TSend">What it sends.</typeparam>
/// <typeparam name="TReceive">What it receives.</typeparam>
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

    /// <summary>The direction in which this end sends. Sent on by itself, it is an end of its own.</summary>
    public ProcessPipeSender<TSend> Sender { get; }

    /// <summary>The direction in which this end receives. Sent on by itself, it is an end of its own.</summary>
    public ProcessPipeReceiver<TReceive> Receiver { get; }

    /// <inheritdoc cref="ProcessPipeSender{T}.Send"/>
    public void Send(TSend item, CancellationToken cancellationToken = default)
    {
        Receiver.Hold.Use(); // who speaks is listening
        Sender.Send(item, cancellationToken);
    }

    /// <inheritdoc cref="ProcessPipeReceiver{T}.Receive"/>
    public TReceive Receive(CancellationToken cancellationToken = default)
    {
        Sender.Hold.Use(); // who listens will answer
        return Receiver.Receive(cancellationToken);
    }

    /// <inheritdoc cref="ProcessPipeReceiver{T}.TryReceive"/>
    public bool TryReceive([MaybeNullWhen(false)] out TReceive item, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Sender.Hold.Use();
        return Receiver.TryReceive(out item, timeout, cancellationToken);
    }

    /// <summary>Closes this end here, both directions of it. Where no other process has it, the other end is told.</summary>
    public void Dispose()
    {
        Sender.Dispose();
        Receiver.Dispose();
    }
}

/// <summary>Carries ends that send and receive.</summary>
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
            throw new ChannelCorruptedException($"The end of a pipe has {payload.Length} bytes; there are {2 * SharedHandle.Size}.");
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
