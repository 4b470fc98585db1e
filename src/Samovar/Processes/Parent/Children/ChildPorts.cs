using Samovar.Processes.Protocol;
using Samovar.Serialization;

namespace Samovar.Processes.Parent.Children;

/// <summary>The parent's ends of the live values in a child's function.</summary>
internal sealed class ChildPorts(ShippingWriter writer) : LivePorts
{
    private long _lastId;
    private ChildHandle? _handle;

    /// <summary>The child, once there is one.</summary>
    public ChildHandle? Handle
    {
        get => Volatile.Read(ref _handle);
        set => Volatile.Write(ref _handle, value);
    }

    /// <summary>The call that hands on a message of the child's; null where there is no such port.</summary>
    public Action? Receive(long id, Func<object?> read) => DeliveryOf(id, read);

    protected override long NextId() => Interlocked.Increment(ref _lastId);

    protected override PackedRecord Pack(long id, object? message) => PackedRecord.OfLive(writer, id, message);

    protected override void SendRest() => Handle?.SendLive();

    protected override void Report(Exception error) => Handle?.ReceiverFailed(error);
}
