using Samovar.Loops.Core;
using Samovar.Loops.Scopes;

namespace Samovar;

/// <content>The sleeps in the scope, on the loop that created it.</content>
public sealed partial class CancelScope
{
    private static readonly Action<object?> s_cancelSleeps = static scope => ((CancelScope)scope!).CancelSleeps();

    private readonly LoopCore? _home = LoopCore.Current;
    private ScopedSleep? _sleeps; // a linked list, newest first; written on that loop's thread

    /// <summary>The loop that created the scope; null if it was created off a loop.</summary>
    internal LoopCore? Home => _home;

    /// <summary>Adds an armed sleep. On that loop's thread.</summary>
    internal void Add(ScopedSleep sleep)
    {
        var next = _sleeps;
        sleep.Next = next;
        if (next is not null) next.Previous = sleep;

        // SYNC: sleep in scope. The sleep is published (a full fence), then the cancellation is read. If the list already contains another sleep, no
        // read is needed: a canceller sees that one and cancels the whole list.
        Volatile.Write(ref _sleeps, sleep);
        if (next is not null) return;
        Interlocked.MemoryBarrier();
        if (IsCancellationRequested) sleep.Cancel();
    }

    /// <summary>Removes a completed sleep. On that loop's thread.</summary>
    internal void Remove(ScopedSleep sleep)
    {
        if (sleep.Next is { } next) next.Previous = sleep.Previous;
        if (sleep.Previous is { } previous) previous.Next = sleep.Next;
        else if (ReferenceEquals(_sleeps, sleep)) Volatile.Write(ref _sleeps, sleep.Next);
        sleep.Next = null;
        sleep.Previous = null;
    }

    /// <summary>Cancels the scope's sleeps, on their loop's thread, after the scope was cancelled.</summary>
    private void TripSleeps()
    {
        if (_home is not { } home) return;
        if (home.IsHere)
        {
            CancelSleeps();
            return;
        }

        // SYNC: sleep in scope. The cancellation is published (a full fence), then the list of sleeps is read.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeps) is not null) home.PostOrForward(s_cancelSleeps, this);
    }

    private void CancelSleeps()
    {
        if (!_home!.IsHere) return; // the loop has stopped, and its sleeps with it
        while (_sleeps is { } sleep)
        {
            Remove(sleep);
            sleep.Cancel();
        }
    }
}
