namespace Samovar.Cluster.Worker;

/// <summary>Work that tasks share, in the form in which a node sends it to each of its workers once: the calls of the tasks refer to it.</summary>
/// <param name="number">The number of the work, unique within its owner.</param>
/// <param name="refersToAll">Whether the tasks may refer to each object of the work.</param>
/// <param name="body">The work, as the owner serialized it.</param>
internal sealed class SharedBytes(int number, bool refersToAll, byte[] body)
{
    public int Number => number;

    public bool RefersToAll => refersToAll;

    public byte[] Body => body;

    /// <summary>The method of the delegate that is sent to a worker once, with this object as its target; it is never called.</summary>
    public int Carry() => body.Length;
}
