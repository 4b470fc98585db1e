using System.Diagnostics;

namespace Samovar.Ipc;

/// <summary>What was entered, until it is disposed. A process that dies with it loses it at once, and the next is told.</summary>
/// <remarks>It belongs to the process, not to a thread: it may be disposed on another one, after an <see langword="await"/>. Disposing it
/// twice does nothing more.</remarks>
[DebuggerDisplay("{_permits == null ? \"given back\" : \"held\",nq}{IsAbandoned ? \", abandoned before\" : \"\",nq}")]
public sealed class ProcessLease : IDisposable
{
    private const int Suspended = 1;
    private const int GivenUp = 2; // disposed of while suspended

    private readonly object _owner; // not to be collected, and so closed, while it is entered
    private readonly bool _isAll;
    private SharedPermits? _permits;
    private int _suspension; // 0 where no condition has left for its waiter

    internal ProcessLease(SharedPermits permits, object owner, bool isAll, bool isAbandoned)
    {
        _permits = permits;
        _owner = owner;
        _isAll = isAll;
        IsAbandoned = isAbandoned;
    }

    /// <summary>A process died while it held what is held now: what is protected may be half changed. Told once, to the next; of a
    /// <see cref="ProcessReaderWriterLock"/> whose writer died, to each reader, until a writer has entered.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Whether it holds all there is, as a writer does.</summary>
    internal bool IsAll => _isAll;

    /// <summary>Whether it is a hold on what is meant, and was not given back.</summary>
    internal bool IsOf(SharedPermits permits) => ReferenceEquals(Volatile.Read(ref _permits), permits);

    /// <summary>A condition leaves for its waiter; <see cref="Resume"/> follows.</summary>
    internal void Suspend()
    {
        Interlocked.Exchange(ref _suspension, Suspended);
        Leave();
    }

    /// <summary>A condition that had left for its waiter has entered again. False: the lease was disposed of meanwhile, and what was entered was left again.</summary>
    internal bool Resume(ProcessLease entered)
    {
        IsAbandoned |= entered.IsAbandoned;

        // SYNC: lease resumed or given up. It holds first, then it is read whether it was disposed of.
        Interlocked.Exchange(ref _permits, Interlocked.Exchange(ref entered._permits, null));
        if (Interlocked.Exchange(ref _suspension, 0) != GivenUp) return true;
        Leave();
        return false;
    }

    /// <summary>Leaves.</summary>
    public void Dispose()
    {
        // SYNC: lease resumed or given up. It is put down that it was disposed of, then what it holds is taken.
        Interlocked.CompareExchange(ref _suspension, GivenUp, Suspended);
        Leave();
    }

    private void Leave()
    {
        Interlocked.Exchange(ref _permits, null)?.Give(_isAll);
        GC.KeepAlive(_owner);
    }
}
