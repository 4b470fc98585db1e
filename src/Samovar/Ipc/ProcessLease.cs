using System.Diagnostics;

namespace Samovar.Ipc;

/// <summary>What was entered, until it is disposed. A process that dies with it loses it at once, and the next is told.</summary>
/// <remarks>It belongs to the process, not to a thread: it may be disposed on another one, after an <see langword="await"/>. Disposing it
/// twice does nothing more.</remarks>
[DebuggerDisplay("{_permits == null ? \"given back\" : \"held\",nq}{IsAbandoned ? \", abandoned before\" : \"\",nq}")]
public sealed class ProcessLease : IDisposable
{
    private readonly object _owner; // not to be collected, and so closed, while it is entered
    private readonly bool _isAll;
    private SharedPermits? _permits;

    internal ProcessLease(SharedPermits permits, object owner, bool isAll, bool isAbandoned)
    {
        _permits = permits;
        _owner = owner;
        _isAll = isAll;
        IsAbandoned = isAbandoned;
    }

    /// <summary>A process died while it held what is held now: what is protected may be half changed. Told once, to the next; of a
    /// <c>ProcessReaderWriterLock</c> whose writer died, to each reader, until a writer has entered.</summary>
    public bool IsAbandoned { get; }

    internal bool IsOf(object owner) => Volatile.Read(ref _permits) is not null && ReferenceEquals(_owner, owner);

    /// <summary>Leaves.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _permits, null)?.Give(_isAll);
        GC.KeepAlive(_owner);
    }
}
