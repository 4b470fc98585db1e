namespace Samovar.Cluster.Protocol;

/// <summary>Identifies an attempt of a task within its owner.</summary>
internal readonly record struct TaskKey(long Id, int Attempt)
{
    public const int Size = sizeof(long) + sizeof(int);

    public static TaskKey Read(ref MessageReader reader) => new(reader.Int64(), reader.Int32());

    public void Write(MessageWriter writer) => writer.Int64(Id).Int32(Attempt);
}
