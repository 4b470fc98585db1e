using Samovar.Loops.Groups;
using Samovar.Loops.Inspection;

namespace Samovar;

/// <summary>The hold on an <see cref="AsyncLock"/>, an <see cref="AsyncSemaphore"/> or a <see cref="CapacityLimiter"/> that entering it returns.
/// Disposing the lease releases the hold; disposing it again has no effect.</summary>
public sealed class AsyncLease : IDisposable
{
    private Action<AsyncLease>? _release; // the condition's method while the lease waits for a condition; null once it was disposed
    private object? _code;

    /// <summary>Initializes a lease.</summary>
    /// <param name="release">Releases the hold.</param>
    /// <param name="holder">The task of a group that holds the lease; null for other code.</param>
    /// <param name="code">The code that holds the lease, as <see cref="LoopSelfWaits.CodeAtHand"/> identifies it. The code that grants the lease may
    /// be different.</param>
    internal AsyncLease(Action<AsyncLease> release, IInspected? holder, object? code)
    {
        _release = release;
        _code = code;
        Holder = holder is null ? "code outside any group" : $"task {holder.Label}";
    }

    /// <summary>The code that holds the lease; null for the main work, and once the lease was disposed.</summary>
    internal object? Code => Volatile.Read(ref _code);

    /// <summary>A description of the holder.</summary>
    internal string Holder { get; }

    /// <summary>Whether the lease waits for a condition and holds nothing until it is resumed. False once it was disposed.</summary>
    internal bool IsSuspended => IsOfCondition(Volatile.Read(ref _release));

    /// <summary>Returns whether the lease is a hold on <paramref name="owner"/> and was not disposed.</summary>
    internal bool IsOf(object owner) => ReferenceEquals(Volatile.Read(ref _release)?.Target, owner);

    /// <summary>Suspends the hold while its code waits for a condition. Until <see cref="TryResume"/>, the lease holds nothing. Returns false if it
    /// was disposed.</summary>
    /// <param name="giveUp">The condition's method, which is called if the lease is disposed meanwhile.</param>
    internal bool TrySuspend(Action<AsyncLease> giveUp)
    {
        var release = Volatile.Read(ref _release);
        return release is not null && !IsOfCondition(release) && ReferenceEquals(Interlocked.CompareExchange(ref _release, giveUp, release), release);
    }

    /// <summary>Resumes the hold when the lock was acquired again. Returns false if the lease was disposed meanwhile; it holds nothing
    /// then.</summary>
    internal bool TryResume(Action<AsyncLease> release)
    {
        var giveUp = Volatile.Read(ref _release);
        return IsOfCondition(giveUp) && ReferenceEquals(Interlocked.CompareExchange(ref _release, release, giveUp), giveUp); // SYNC: lease resumed or released, whichever is first
    }

    /// <summary>Releases the hold.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _code, null); // a disposed lease must not keep its holder's task alive
        Interlocked.Exchange(ref _release, null)?.Invoke(this); // SYNC: lease resumed or released, whichever is first
    }

    private static bool IsOfCondition(Action<AsyncLease>? release) => release?.Target is AsyncCondition;
}
