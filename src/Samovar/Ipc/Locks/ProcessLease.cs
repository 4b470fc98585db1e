using System.Diagnostics;
using Samovar.Ipc.Locks;

namespace Samovar.Ipc;

/// <summary>What was entered, until it is disposed. A process that dies with it loses it at once, and the next is told.</summary>
/// <remarks>It belongs to the process, not to a thread: it may be disposed on another one, after an <see langword="await"/>. Disposing it
/// twice does nothing more.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class ProcessLease : IDisposable
{
    private static readonly object s_suspended = new();

    private readonly object _owner; // not to be collected, and so closed, while it is entered
    private readonly bool _isAll;
    private object? _hold; // the permits; s_suspended while a condition has left for its waiter; null when it was given back

    internal ProcessLease(SharedSemaphore semaphore, object owner, bool isAll, bool isAbandoned)
    {
        _hold = semaphore;
        _owner = owner;
        _isAll = isAll;
        IsAbandoned = isAbandoned;
    }

    /// <summary>A process died while it held what is held now: what is protected may be half changed. Told once, to the next; of a
    /// <see cref="ProcessReaderWriterLock"/> whose writer died, to each reader, until a writer has entered.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Whether it holds all there is, as a writer does.</summary>
    internal bool IsAll => _isAll;

    private string DebuggerText =>
        (_hold is null ? "given back" : _hold is SharedSemaphore ? "held" : "waiting for a condition") + (IsAbandoned ? ", abandoned before" : "");

    /// <summary>Whether it is a hold on what is meant, and was not given back.</summary>
    internal bool IsOf(SharedSemaphore semaphore) => ReferenceEquals(Volatile.Read(ref _hold), semaphore);

    /// <summary>A condition leaves for its waiter; until <see cref="TryResume"/> it holds nothing. False: it is no hold on these permits, or was given back.</summary>
    internal bool TrySuspend(SharedSemaphore semaphore)
    {
        if (!ReferenceEquals(Interlocked.CompareExchange(ref _hold, s_suspended, semaphore), semaphore)) return false; // SYNC: process lease resumed or given back, whichever is first
        semaphore.Give(_isAll);
        GC.KeepAlive(_owner);
        return true;
    }

    /// <summary>A condition that had left for its waiter has entered again: this lease has from here on what was entered. False: it was disposed of meanwhile, and what was
    /// entered is the caller's to leave.</summary>
    internal bool TryResume(ProcessLease entered)
    {
        IsAbandoned |= entered.IsAbandoned;
        object? hold = entered._hold;
        if (!ReferenceEquals(Interlocked.CompareExchange(ref _hold, hold, s_suspended), s_suspended)) return false; // SYNC: process lease resumed or given back, whichever is first
        entered._hold = null; // no other code has it
        return true;
    }

    /// <summary>Leaves without having used it: whether it was abandoned is for the next to know.</summary>
    internal void LeaveUnused()
    {
        if (Interlocked.Exchange(ref _hold, null) is SharedSemaphore semaphore) semaphore.Give(_isAll, IsAbandoned); // SYNC: process lease resumed or given back, whichever is first
        GC.KeepAlive(_owner);
    }

    /// <summary>Leaves.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _hold, null) is SharedSemaphore semaphore) semaphore.Give(_isAll); // SYNC: process lease resumed or given back, whichever is first
        GC.KeepAlive(_owner);
    }
}
