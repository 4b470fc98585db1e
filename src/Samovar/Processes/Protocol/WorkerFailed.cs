namespace Samovar.Processes.Protocol;

/// <summary>The message of a worker that cannot become ready; the worker exits after it.</summary>
/// <param name="Step">The last step that the worker reached.</param>
/// <param name="Error">The type, message and stack trace of the error.</param>
internal sealed record WorkerFailed(WorkerStartStep Step, string Error)
{
    public static WorkerFailed Read(ReadOnlySpan<byte> message) => Handshake.Read(message, reader =>
        new WorkerFailed((WorkerStartStep)reader.ReadInt32(), reader.ReadString()));

    /// <summary>Returns the message, with the end of the text cut if it would be longer than a number of bytes.</summary>
    public byte[] ToBytes(int most)
    {
        string error = Error.Length > most / 4 ? Error[..(most / 4)] : Error; // at most three bytes for each character, plus the fields before
        return Handshake.Write(writer =>
        {
            writer.Write((int)Step);
            writer.Write(error);
        });
    }
}
