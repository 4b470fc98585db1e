using Samovar.Ipc.Platform;

namespace Samovar.Processes.Protocol;

/// <summary>A worker's answer to <see cref="WorkerHello"/>.</summary>
/// <param name="Cookie">The channel's.</param>
/// <param name="Library">The build of Samovar that runs there.</param>
/// <param name="ProcessId">The worker's id, as it sees it.</param>
/// <param name="Runtime">Version of the runtime there.</param>
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
