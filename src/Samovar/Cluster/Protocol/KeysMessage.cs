namespace Samovar.Cluster.Protocol;

/// <summary>A list of attempts.</summary>
internal static class KeysMessage
{
    public static TaskKey[] Read(ReadOnlyMemory<byte> body)
    {
        var reader = new MessageReader(body);
        return ReadKeys(ref reader);
    }

    public static MessageWriter Write(IReadOnlyList<TaskKey> keys)
    {
        var writer = new MessageWriter(sizeof(int) + (keys.Count * TaskKey.Size));
        WriteKeys(writer, keys);
        return writer;
    }

    public static TaskKey[] ReadKeys(ref MessageReader reader)
    {
        var keys = new TaskKey[reader.Count(TaskKey.Size)];
        for (int i = 0; i < keys.Length; i++) keys[i] = TaskKey.Read(ref reader);
        return keys;
    }

    public static void WriteKeys(MessageWriter writer, IReadOnlyList<TaskKey> keys)
    {
        writer.Int32(keys.Count);
        foreach (var key in keys) key.Write(writer);
    }
}
