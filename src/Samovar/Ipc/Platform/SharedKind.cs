namespace Samovar.Ipc.Platform;

/// <summary>The kind of a shared object. The numbers are stored in its header.</summary>
internal enum SharedKind : uint
{
    Memory = 1,
    Array = 2,
    Value = 3,
    Queue = 4,
    Pipe = 5,
    Lock = 6,
    ReaderWriterLock = 7,
    Semaphore = 8,
    Event = 9,
    Condition = 10,
    Barrier = 11,
    Countdown = 12,
}
