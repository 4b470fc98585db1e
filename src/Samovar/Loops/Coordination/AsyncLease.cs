namespace Samovar;

/// <summary>What <see cref="AsyncLock"/>, <see cref="AsyncSemaphore"/> and <see cref="CapacityLimiter"/> give to who enters; disposing it lets the next in. A second
/// time does nothing.</summary>
public sealed class AsyncLease : IDisposable
{
    private Action<AsyncLease>? _release;
    private object? _code;

    /// <summary>Makes one.</summary>
    /// <param name="release">Gives back what it holds.</param>
    /// <param name="holder">The task of a group that holds it; null for other code.</param>
    /// <param name="code">The code that holds it, as <see cref="Loops.LoopSelfWaits.CodeAtHand"/> tells it there: what gives the lease out may be other code.</param>
    internal AsyncLease(Action<AsyncLease> release, GroupTask? holder, object? code)
    {
        _release = release;
        _code = code;
        Holder = holder is null ? "code outside any group" : $"task {holder.Label}";
    }

    /// <summary>The code that holds it; null for the main work, and after the lease was given back.</summary>
    internal object? Code => Volatile.Read(ref _code);

    /// <summary>Who holds it, in words.</summary>
    internal string Holder { get; }

    /// <summary>Whether it still holds what it was given for.</summary>
    internal bool IsHeld => Volatile.Read(ref _release) is not null;

    /// <summary>Whether it holds a place of this one, and was not given back.</summary>
    internal bool IsOf(object owner) => ReferenceEquals(Volatile.Read(ref _release)?.Target, owner);

    /// <summary>A condition has left its lock for the one who waits; until <see cref="Resume"/> it holds nothing, and disposing it does nothing. False: it was given back.</summary>
    internal bool TrySuspend() => Interlocked.Exchange(ref _release, null) is not null;

    /// <summary>The lock is entered again.</summary>
    internal AsyncLease Resume(Action<AsyncLease> release)
    {
        Volatile.Write(ref _release, release);
        return this;
    }

    /// <summary>Leaves.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _code, null); // a lease that is kept does not keep the task that held it
        Interlocked.Exchange(ref _release, null)?.Invoke(this);
    }
}
