namespace Samovar.Tasks.Core;

/// <summary>Whether one task is in its executor's queue. The mark, not the entries of the queue, decides: an entry may remain when its task has
/// left.</summary>
internal struct QueueMark
{
    private byte _isSet;

    public readonly bool IsSet => Volatile.Read(in _isSet) != 0;

    /// <summary>Sets the mark. Called before the task is published to the queue.</summary>
    public void Set() => Volatile.Write(ref _isSet, 1); // SYNC: task queued

    /// <summary>Clears the mark, under the lock of a queue that has one.</summary>
    public void Clear() => Volatile.Write(ref _isSet, 0);

    /// <summary>Takes the task out of a queue without a lock: true for one caller only. A full fence.</summary>
    public bool TryClear() => Interlocked.Exchange(ref _isSet, 0) != 0; // SYNC: task queued
}
