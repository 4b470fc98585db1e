namespace Samovar.Processes;

/// <summary>A worker's answer where it cannot become ready: it ends after this.</summary>
/// <param name="Step">How far it came.</param>
/// <param name="Error">Type, text and stack.</param>
internal sealed record WorkerFailed(WorkerStartStep Step, string Error)
{
    private const int LongestError = 8 * 1024;

    public static WorkerFailed Read(ReadOnlySpan<byte> message) => Handshake.Read(message, reader =>
        new WorkerFailed((WorkerStartStep)reader.ReadInt32(), reader.ReadString()));

    public byte[] ToBytes() => Handshake.Write(writer =>
    {
        writer.Write((int)Step);
        writer.Write(Error.Length > LongestError ? Error[..LongestError] : Error);
    });
}
