using Samovar.Loops.Core;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <content>The sleeps that stand in the scope, on the loop where it was made.</content>
public sealed partial class CancelScope
{
    private static readonly Action<object?> s_cancelSleeps = static scope => ((CancelScope)scope!).CancelSleeps();

    private readonly LoopCore? _home = LoopCore.Current;
    private ScopedSleep? _sleeps; // the last one first; written on that loop's thread

    /// <summary>The loop that it was made on; null where it was made off any.</summary>
    internal LoopCore? Home => _home;

    /// <summary>A sleep has been armed. On that loop's thread.</summary>
    internal void Add(ScopedSleep sleep)
    {
        var next = _sleeps;
        sleep.Next = next;
        if (next is not null) next.Previous = sleep;

        // SYNC: sleep in scope. It is put down (a full fence), then it is read whether the scope has been cancelled. While others stand in the list a
        // canceller sees those, and comes.
        Volatile.Write(ref _sleeps, sleep);
        if (next is not null) return;
        Interlocked.MemoryBarrier();
        if (IsCancellationRequested) sleep.Cancel();
    }

    /// <summary>A sleep is over. On that loop's thread.</summary>
    internal void Remove(ScopedSleep sleep)
    {
        if (sleep.Next is { } next) next.Previous = sleep.Previous;
        if (sleep.Previous is { } previous) previous.Next = sleep.Next;
        else if (ReferenceEquals(_sleeps, sleep)) Volatile.Write(ref _sleeps, sleep.Next);
        sleep.Next = null;
        sleep.Previous = null;
    }

    /// <summary>The scope has been cancelled: so are its sleeps, on their thread.</summary>
    private void TripSleeps()
    {
        if (_home is not { } home) return;
        if (home.IsHere)
        {
            CancelSleeps();
            return;
        }

        // SYNC: sleep in scope. It is marked as cancelled (a full fence), then it is read whether anything sleeps in it.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeps) is not null) home.PostOrForward(s_cancelSleeps, this);
    }

    private void CancelSleeps()
    {
        if (!_home!.IsHere) return; // the loop has ended, and with it what slept there
        while (_sleeps is { } sleep)
        {
            Remove(sleep);
            sleep.Cancel();
        }
    }
}
