using Samovar.Tasks.Core;

namespace Samovar.Cluster.Protocol;

/// <summary>Requests an attempt to stop, or kills its process.</summary>
/// <param name="Key">The attempt.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">Why, as a clause for an error.</param>
internal sealed record StopMessage(TaskKey Key, StopReason Reason, string Text)
{
    public static StopMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        return new StopMessage(TaskKey.Read(ref reader), (StopReason)reader.Byte(), reader.Text());
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter();
        Key.Write(writer);
        return writer.Byte((byte)Reason).Text(Text);
    }
}
