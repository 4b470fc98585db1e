namespace Samovar.Processes.Protocol;

/// <summary>A worker's answer where it cannot become ready: it ends after this.</summary>
/// <param name="Step">How far it came.</param>
/// <param name="Error">Type, text and stack.</param>
internal sealed record WorkerFailed(WorkerStartStep Step, string Error)
{
    public static WorkerFailed Read(ReadOnlySpan<byte> message) => Handshake.Read(message, reader =>
        new WorkerFailed((WorkerStartStep)reader.ReadInt32(), reader.ReadString()));

    /// <summary>The message in at most as many bytes, the end of the text left out if need be.</summary>
    public byte[] ToBytes(int most)
    {
        string error = Error.Length > most / 4 ? Error[..(most / 4)] : Error; // at most three bytes a character, and the fields before
        return Handshake.Write(writer =>
        {
            writer.Write((int)Step);
            writer.Write(error);
        });
    }
}
