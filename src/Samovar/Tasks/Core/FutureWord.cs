using System.Diagnostics;

namespace Samovar.Tasks.Core;

/// <summary>The atomic state of one future. Only the named transitions below change it.</summary>
/// <remarks>
/// <code>
///   31                          8   7      6          5         4          3        2..0
///  +-----------------------------+---+----------+---------+---------+----------+---------+
///  | attempt, counted from 1     | 0 | awaited  | timeout | cancel  | claimed  |  state  |
///  +-----------------------------+---+----------+---------+---------+----------+---------+
/// </code>
/// <list type="number">
/// <item>The outcome of an attempt belongs to the caller that sets <c>claimed</c>; there is one such caller. Only that caller may then
/// write the result or failure, and it must call <see cref="Finish"/>.</item>
/// <item>A caller that acts for a running attempt passes the attempt's number. An attempt that was abandoned (timed out, or lost with its
/// worker) finds another number in the word and can change nothing.</item>
/// <item><c>cancel</c> stays set; <c>timeout</c> belongs to one attempt and is cleared with it.</item>
/// <item><c>awaited</c> stays set until <see cref="Finish"/>: a completion may have been registered. It alone may be set on a claimed word.</item>
/// <item>Every transition is an interlocked operation, so a full fence. Plain fields written before a transition are visible to every thread that
/// reads the word after it.</item>
/// </list>
/// </remarks>
internal struct FutureWord
{
    private const int StateMask = 0b111;
    private const int Claimed = 1 << 3;
    private const int CancelFlag = 1 << 4;
    private const int TimeoutFlag = 1 << 5;
    private const int AwaitedFlag = 1 << 6;
    private const int AttemptShift = 8;
    private const int FirstAttempt = 1 << AttemptShift;

    private int _bits;

    /// <summary>A word in <see cref="FutureState.Queued"/>, at attempt 1.</summary>
    public static FutureWord Queued => new() { _bits = FirstAttempt };

    /// <summary>A word in <see cref="FutureState.Queued"/>, at the attempt number that another process has reached.</summary>
    public static FutureWord QueuedAt(int attempt) => new() { _bits = attempt << AttemptShift };

    public readonly FutureState State => (FutureState)(Volatile.Read(in _bits) & StateMask);

    public readonly int Attempt => Volatile.Read(in _bits) >>> AttemptShift;

    public readonly bool IsFinal => State >= FutureState.Succeeded;

    /// <summary>Whether the outcome is claimed or final.</summary>
    public readonly bool IsDecided => (Volatile.Read(in _bits) & Claimed) != 0 || IsFinal;

    public readonly bool IsCancelRequested => (Volatile.Read(in _bits) & CancelFlag) != 0;

    public readonly bool IsTimeoutRequested => (Volatile.Read(in _bits) & TimeoutFlag) != 0;

    /// <summary>Whether this attempt was requested to stop: by a cancellation, or by its own timeout.</summary>
    public readonly bool IsStopRequested(int attempt)
    {
        int bits = Volatile.Read(in _bits);
        return (bits & CancelFlag) != 0 || ((bits & TimeoutFlag) != 0 && bits >>> AttemptShift == attempt);
    }

    /// <summary>Whether the attempt is running and its outcome is not claimed.</summary>
    public readonly bool IsRunning(int attempt) => IsRunning(Volatile.Read(in _bits), attempt);

    /// <summary>Queued or Sent → Running. If it returns true, the caller must run the returned attempt.</summary>
    public bool TryStart(out int attempt)
    {
        int bits = Volatile.Read(ref _bits);
        while (IsUnstarted(bits))
        {
            int seen = Interlocked.CompareExchange(ref _bits, With(bits, FutureState.Running), bits);
            if (seen == bits)
            {
                attempt = bits >>> AttemptShift;
                return true;
            }

            bits = seen;
        }

        attempt = 0;
        return false;
    }

    /// <summary>Sent → Running, for the attempt that was sent. Returns false if it was already found to be running, was taken back, or
    /// another attempt is now sent. The notification of a start carries the attempt's number: when it arrives, that attempt may have
    /// completed and the next one may be waiting.</summary>
    public bool TryStartSent(int attempt)
    {
        int bits = Volatile.Read(ref _bits);
        while ((bits & (StateMask | Claimed)) == (int)FutureState.Sent && bits >>> AttemptShift == attempt)
        {
            int seen = Interlocked.CompareExchange(ref _bits, With(bits, FutureState.Running), bits);
            if (seen == bits) return true;
            bits = seen;
        }

        return false;
    }

    /// <summary>Queued → Sent. Returns false if the task was cancelled or taken by another caller.</summary>
    public bool TrySend() => TryMove(FutureState.Queued, FutureState.Sent);

    /// <summary>Sent → Queued. Returns false if the task has started or was cancelled in the meantime.</summary>
    public bool TryTakeBack() => TryMove(FutureState.Sent, FutureState.Queued);

    /// <summary>Claims the outcome of a task that is queued here. If it returns true, the caller must record the outcome and call
    /// <see cref="Finish"/>. A task that was sent must be taken back first: its worker may be starting it at this moment.</summary>
    public bool TryClaimUnstarted()
    {
        int bits = Volatile.Read(ref _bits);
        while ((bits & (StateMask | Claimed)) == (int)FutureState.Queued)
        {
            int seen = Interlocked.CompareExchange(ref _bits, bits | Claimed, bits);
            if (seen == bits) return true;
            bits = seen;
        }

        return false;
    }

    /// <summary>Claims the outcome of a running attempt. If it returns true, the caller must record the outcome and call
    /// <see cref="Finish"/>.</summary>
    public bool TryClaim(int attempt)
    {
        int bits = Volatile.Read(ref _bits);
        while (IsRunning(bits, attempt))
        {
            int seen = Interlocked.CompareExchange(ref _bits, bits | Claimed, bits);
            if (seen == bits) return true;
            bits = seen;
        }

        return false;
    }

    /// <summary>Running → Queued with the next attempt number. Returns false if the outcome is claimed, or cancellation was
    /// requested.</summary>
    public bool TryRequeue(int attempt)
    {
        int bits = Volatile.Read(ref _bits);
        while (IsRunning(bits, attempt) && (bits & CancelFlag) == 0)
        {
            int next = ((attempt + 1) << AttemptShift) | (bits & AwaitedFlag);
            int seen = Interlocked.CompareExchange(ref _bits, next, bits);
            if (seen == bits) return true;
            bits = seen;
        }

        return false;
    }

    /// <summary>Marks a running task as requested to cancel. Returns true only for the first such request, whose caller must cancel the
    /// token.</summary>
    public bool TryRequestCancel() => TryFlagRunning(CancelFlag, attempt: null);

    /// <summary>Marks a running attempt as timed out. If it returns true, the caller must cancel the token.</summary>
    public bool TryRequestTimeout(int attempt) => TryFlagRunning(TimeoutFlag, attempt);

    /// <summary>Marks the word as awaited, so that <see cref="Finish"/> returns true. Returns false if it is final.</summary>
    public bool TryMarkAwaited()
    {
        int bits = Volatile.Read(ref _bits);

        // SYNC: completion registered. The mark is set before the entry is added.
        if ((bits & AwaitedFlag) == 0 && (bits & StateMask) < (int)FutureState.Succeeded) bits = Interlocked.Or(ref _bits, AwaitedFlag);
        return (bits & StateMask) < (int)FutureState.Succeeded;
    }

    /// <summary>Sets the final state; only for the caller that claimed the outcome.</summary>
    /// <returns>Whether the word is marked as awaited.</returns>
    public bool Finish(FutureState final)
    {
        int bits = Volatile.Read(ref _bits);
        Debug.Assert((bits & Claimed) != 0, "only a claimed outcome may be finished");
        Debug.Assert(final >= FutureState.Succeeded, "only a final state finishes a future");

        // SYNC: completion registered. The state is set and the mark is read at once.
        return (Interlocked.Exchange(ref _bits, With(bits, final) & ~(Claimed | AwaitedFlag)) & AwaitedFlag) != 0;
    }

    private bool TryMove(FutureState from, FutureState to)
    {
        int bits = Volatile.Read(ref _bits);
        while ((bits & (StateMask | Claimed)) == (int)from)
        {
            int seen = Interlocked.CompareExchange(ref _bits, With(bits, to), bits);
            if (seen == bits) return true;
            bits = seen;
        }

        return false;
    }

    private bool TryFlagRunning(int flag, int? attempt)
    {
        int bits = Volatile.Read(ref _bits);
        while (IsRunning(bits, attempt ?? bits >>> AttemptShift) && (bits & flag) == 0)
        {
            int seen = Interlocked.CompareExchange(ref _bits, bits | flag, bits);
            if (seen == bits) return true;
            bits = seen;
        }

        return false;
    }

    private static bool IsUnstarted(int bits) => (bits & Claimed) == 0 && (bits & StateMask) <= (int)FutureState.Sent;

    private static bool IsRunning(int bits, int attempt) =>
        (bits & (StateMask | Claimed)) == (int)FutureState.Running && bits >>> AttemptShift == attempt;

    private static int With(int bits, FutureState state) => (bits & ~StateMask) | (int)state;
}
