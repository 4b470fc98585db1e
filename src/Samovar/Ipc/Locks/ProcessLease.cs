using System.Diagnostics;
using Samovar.Ipc.Locks;

namespace Samovar.Ipc;

/// <summary>Holds a lock or a permit until it is disposed. When the process dies, its leases are released at once, and the next holder is
/// notified.</summary>
/// <remarks>A lease belongs to the process, not to a thread: it may be disposed by another thread, after an <see langword="await"/>. Disposing it
/// more than once has no further effect.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class ProcessLease : IDisposable
{
    private static readonly object s_suspended = new();

    private readonly object _owner; // keeps the object from being collected, and so closed, while it is held
    private readonly bool _isAll;
    private object? _hold; // the permits; s_suspended while a condition has released them for its waiter; null after disposal

    internal ProcessLease(SharedSemaphore semaphore, object owner, bool isAll, bool isAbandoned)
    {
        _hold = semaphore;
        _owner = owner;
        _isAll = isAll;
        IsAbandoned = isAbandoned;
    }

    /// <summary>Gets whether a process died while it held the lock or permit, so that the protected state may be inconsistent. It is reported once,
    /// to the next holder. For a <see cref="ProcessReaderWriterLock"/> whose writer died, it is reported to each reader until a writer has acquired
    /// the lock, and to that writer.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Whether the lease holds all permits, as a writer's does.</summary>
    internal bool IsAll => _isAll;

    private string DebuggerText =>
        (_hold is null ? "released" : _hold is SharedSemaphore ? "held" : "waiting for a condition") + (IsAbandoned ? ", abandoned before" : "");

    /// <summary>Whether the lease holds permits of this semaphore and was not disposed.</summary>
    internal bool IsOf(SharedSemaphore semaphore) => ReferenceEquals(Volatile.Read(ref _hold), semaphore);

    /// <summary>Releases the permits for a condition's waiter; the lease holds nothing until <see cref="TryResume"/>. Returns false if the lease does
    /// not hold permits of this semaphore, or was disposed.</summary>
    internal bool TrySuspend(SharedSemaphore semaphore)
    {
        if (!ReferenceEquals(Interlocked.CompareExchange(ref _hold, s_suspended, semaphore), semaphore)) return false; // SYNC: process lease resumed or released, whichever is first
        semaphore.Give(_isAll);
        GC.KeepAlive(_owner);
        return true;
    }

    /// <summary>Takes over the permits that a condition has acquired again for its waiter. Returns false if this lease was disposed in the meantime;
    /// the caller then releases the permits.</summary>
    internal bool TryResume(ProcessLease entered)
    {
        IsAbandoned |= entered.IsAbandoned;
        object? hold = entered._hold;
        if (!ReferenceEquals(Interlocked.CompareExchange(ref _hold, hold, s_suspended), s_suspended)) return false; // SYNC: process lease resumed or released, whichever is first
        entered._hold = null; // no other code has it
        return true;
    }

    /// <summary>Releases permits that were not used, and leaves a report of their abandonment to the next holder.</summary>
    internal void LeaveUnused()
    {
        if (Interlocked.Exchange(ref _hold, null) is SharedSemaphore semaphore) semaphore.Give(_isAll, IsAbandoned); // SYNC: process lease resumed or released, whichever is first
        GC.KeepAlive(_owner);
    }

    /// <summary>Releases the lock or permit.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _hold, null) is SharedSemaphore semaphore) semaphore.Give(_isAll); // SYNC: process lease resumed or released, whichever is first
        GC.KeepAlive(_owner);
    }
}
