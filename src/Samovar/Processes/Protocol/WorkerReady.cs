using Samovar.Ipc.Platform;

namespace Samovar.Processes.Protocol;

/// <summary>The reply of a worker to <see cref="WorkerHello"/>.</summary>
/// <param name="Cookie">The cookie of the channel.</param>
/// <param name="Library">The build of Samovar that the worker runs.</param>
/// <param name="ProcessId">The id of the worker, as the worker sees it.</param>
/// <param name="Runtime">The version of the worker's runtime.</param>
internal sealed record WorkerReady(ChannelCookie Cookie, ModuleId Library, int ProcessId, string Runtime)
{
    public static WorkerReady Read(ReadOnlySpan<byte> message) => Handshake.Read(message, reader =>
        new WorkerReady(reader.ReadCookie(), reader.ReadModule(), reader.ReadInt32(), reader.ReadString()));

    public byte[] ToBytes() => Handshake.Write(writer =>
    {
        writer.Write(Cookie);
        writer.Write(Library);
        writer.Write(ProcessId);
        writer.Write(Runtime);
    });
}
