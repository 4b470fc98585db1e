using System.Threading.Tasks.Sources;

namespace Samovar.Loops.Core;

/// <summary>One sleep: timer, awaitable and continuation in a single object of 48 bytes.</summary>
/// <remarks>It can be awaited once, like any <see cref="ValueTask"/>. It completes on the loop's thread, while the awaiter may register on another
/// thread; one interlocked exchange of the continuation decides which of the two schedules it.</remarks>
internal class LoopSleep : TimerNode, IValueTaskSource
{
    private const byte Pending = 0;
    private const byte PendingUnderRoot = 1;
    private const byte Slept = 2;
    private const byte Canceled = 3;

    private static readonly Action<object?> s_over = static _ => { };

    private readonly LoopCore _loop;
    private Action<object?>? _continuation; // s_over once the sleep has completed
    private object? _state;

    public LoopSleep(LoopCore loop, bool obeysRoot)
    {
        _loop = loop;
        Mark = obeysRoot ? PendingUnderRoot : Pending;
    }

    /// <summary>Whether the sleep is cancelled together with everything on the loop. The loop finds such sleeps among its timers, so no scope has to
    /// list them.</summary>
    public bool ObeysRoot => Mark == PendingUnderRoot;

    protected LoopCore Loop => _loop;

    /// <summary>The token that a cancelled sleep throws with.</summary>
    protected virtual CancellationToken CanceledBy => _loop.Owner.Token;

    public sealed override void Due(LoopCore loop) => End(Slept);

    /// <summary>Cancels the sleep. On the loop's thread.</summary>
    public void Cancel()
    {
        if (_loop.Disarm(this)) End(Canceled);
    }

    public ValueTaskSourceStatus GetStatus(short token) => Mark switch
    {
        Slept => ValueTaskSourceStatus.Succeeded,
        Canceled => ValueTaskSourceStatus.Canceled,
        _ => ValueTaskSourceStatus.Pending,
    };

    public void GetResult(short token)
    {
        switch (Mark)
        {
            case Slept:
                return;
            case Canceled:
                throw new OperationCanceledException("The sleep was cancelled.", CanceledBy);
            default:
                throw new InvalidOperationException("The sleep has not completed. Await it; blocking on it would block the loop that it needs.");
        }
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext) || !_loop.IsHere)
            (continuation, state) = SleepContinuation.Capture(continuation, state, flags, _loop);
        _state = state;

        // SYNC: sleep awaited. The state is written, then the continuation is published; or the exchange finds that the sleep has completed.
        var seen = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (ReferenceEquals(seen, s_over)) _loop.PostOrForward(continuation, state);
        else if (seen is not null) throw new InvalidOperationException("A sleep can be awaited only once. Use AsTask() to await it more often.");
    }

    /// <summary>Called when the sleep has completed. Derived classes release their registrations.</summary>
    protected virtual void Ended()
    {
    }

    /// <summary>Cancels a sleep that was never armed. On the loop's thread.</summary>
    protected void EndCanceled() => End(Canceled);

    private void End(byte mark)
    {
        Mark = mark;

        // SYNC: sleep awaited. An awaiter that registers later finds s_over.
        var continuation = Interlocked.Exchange(ref _continuation, s_over);
        if (continuation is not null) _loop.Post(continuation, _state);
        _state = null;
        Ended();
    }
}
