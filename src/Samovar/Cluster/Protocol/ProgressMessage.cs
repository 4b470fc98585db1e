namespace Samovar.Cluster.Protocol;

/// <summary>Progress that a task has reported.</summary>
/// <param name="Key">The attempt.</param>
/// <param name="Number">The position among the reports of the attempt, from 0: a receiver ignores what it has received.</param>
/// <param name="Progress">The progress.</param>
internal sealed record ProgressMessage(TaskKey Key, int Number, TaskProgress Progress)
{
    public static ProgressMessage Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        var key = TaskKey.Read(ref reader);
        int number = reader.Int32();
        double fraction = BitConverter.Int64BitsToDouble(reader.Int64());
        string? message = reader.Byte() == 0 ? null : reader.Text();
        return new ProgressMessage(key, number, new TaskProgress(fraction is >= 0 and <= 1 ? fraction : null, message));
    }

    public MessageWriter Write()
    {
        var writer = new MessageWriter();
        Key.Write(writer);
        writer.Int32(Number).Int64(BitConverter.DoubleToInt64Bits(Progress.Fraction ?? double.NaN));
        return Progress.Message is { } message ? writer.Byte(1).Text(message) : writer.Byte(0);
    }
}
