using System.Runtime.InteropServices;
using Samovar.Serialization;

namespace Samovar.Processes.Protocol;

/// <summary>A complete record: header and body.</summary>
internal readonly record struct PackedRecord(byte[] Record, int DefinitionsNeeded)
{
    /// <summary>Creates a message for a port.</summary>
    public static PackedRecord OfLive(ShippingWriter writer, long port, object? message)
    {
        using var body = writer.Prepare(message);
        byte[] record = new byte[LiveHeader.Size + body.Length];
        MemoryMarshal.Write(record, new LiveHeader(port, body.DefinitionsNeeded));
        body.CopyTo(record.AsSpan(LiveHeader.Size));
        return new PackedRecord(record, body.DefinitionsNeeded);
    }

    /// <summary>Creates a task that does nothing, whose result is not used.</summary>
    public static PackedRecord OfWarmUp(ShippingWriter writer)
    {
        using var body = writer.Prepare<Delegate>(static () => 0);
        var header = new TaskHeader { Flags = TaskFlags.BringsResult | TaskFlags.IsWarmUp, Attempt = 1 };
        return new PackedRecord(new TaskMessage(header, [], [], [], body.ToArray()).ToArray(), body.DefinitionsNeeded);
    }
}
