using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;

namespace Samovar;

/// <summary>What <see cref="AsyncLock"/>, <see cref="AsyncSemaphore"/> and <see cref="CapacityLimiter"/> give to who enters; disposing it lets the next in. A second
/// time does nothing.</summary>
public sealed class AsyncLease : IDisposable
{
    private Action<AsyncLease>? _release; // a condition's while it waits there; null when it was given back
    private object? _code;

    /// <summary>Makes one.</summary>
    /// <param name="release">Gives back what it holds.</param>
    /// <param name="holder">The task of a group that holds it; null for other code.</param>
    /// <param name="code">The code that holds it, as <see cref="LoopSelfWaits.CodeAtHand"/> tells it there: what gives the lease out may be other code.</param>
    internal AsyncLease(Action<AsyncLease> release, IInspected? holder, object? code)
    {
        _release = release;
        _code = code;
        Holder = holder is null ? "code outside any group" : $"task {holder.Label}";
    }

    /// <summary>The code that holds it; null for the main work, and after the lease was given back.</summary>
    internal object? Code => Volatile.Read(ref _code);

    /// <summary>Who holds it, in words.</summary>
    internal string Holder { get; }

    /// <summary>Whether it waits for a condition, and holds nothing until it is resumed. False once it was given back.</summary>
    internal bool IsSuspended => IsOfCondition(Volatile.Read(ref _release));

    /// <summary>Whether it holds a place of this one, and was not given back.</summary>
    internal bool IsOf(object owner) => ReferenceEquals(Volatile.Read(ref _release)?.Target, owner);

    /// <summary>A condition leaves its lock for the one who waits; until <see cref="TryResume"/> it holds nothing. False: it was given back.</summary>
    /// <param name="giveUp">The condition's, called where the lease is disposed of meanwhile.</param>
    internal bool TrySuspend(Action<AsyncLease> giveUp)
    {
        var release = Volatile.Read(ref _release);
        return release is not null && !IsOfCondition(release) && ReferenceEquals(Interlocked.CompareExchange(ref _release, giveUp, release), release);
    }

    /// <summary>The lock is entered again. False: it was disposed of meanwhile, and holds nothing any more.</summary>
    internal bool TryResume(Action<AsyncLease> release)
    {
        var giveUp = Volatile.Read(ref _release);
        return IsOfCondition(giveUp) && ReferenceEquals(Interlocked.CompareExchange(ref _release, release, giveUp), giveUp); // SYNC: lease resumed or given back, whichever is first
    }

    /// <summary>Leaves.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _code, null); // a lease that is kept does not keep the task that held it
        Interlocked.Exchange(ref _release, null)?.Invoke(this); // SYNC: lease resumed or given back, whichever is first
    }

    private static bool IsOfCondition(Action<AsyncLease>? release) => release?.Target is AsyncCondition;
}
