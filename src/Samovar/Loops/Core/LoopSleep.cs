using System.Threading.Tasks.Sources;

namespace Samovar.Loops.Core;

/// <summary>One sleep: timer, awaitable and continuation in one object of 48 bytes.</summary>
/// <remarks>It is awaited once, as a <see cref="ValueTask"/> is. It ends on the loop's thread; whoever registers may be elsewhere, and one
/// exchange of the continuation decides who of both makes it ready.</remarks>
internal class LoopSleep : TimerNode, IValueTaskSource
{
    private const byte Pending = 0;
    private const byte PendingUnderRoot = 1;
    private const byte Slept = 2;
    private const byte Canceled = 3;

    private static readonly Action<object?> s_over = static _ => { };

    private readonly LoopCore _loop;
    private Action<object?>? _continuation; // s_over once it is over
    private object? _state;

    public LoopSleep(LoopCore loop, bool obeysRoot)
    {
        _loop = loop;
        Mark = obeysRoot ? PendingUnderRoot : Pending;
    }

    /// <summary>Whether it is cancelled with everything on the loop, which looks for it: so it need not be in a list of its own.</summary>
    public bool ObeysRoot => Mark == PendingUnderRoot;

    protected LoopCore Loop => _loop;

    /// <summary>The token to name when it was cancelled.</summary>
    protected virtual CancellationToken CanceledBy => _loop.Owner.Token;

    public sealed override void Due(LoopCore loop) => End(Slept);

    /// <summary>Ends it early. On the loop's thread.</summary>
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
                throw new InvalidOperationException("A sleep is awaited; it cannot be waited for on the thread that it needs.");
        }
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext) || !_loop.IsHere)
            (continuation, state) = SleepContinuation.Capture(continuation, state, flags, _loop);
        _state = state;

        // SYNC: sleep awaited. The state is written, then the continuation is put in place; or it is over, and found so.
        var seen = Interlocked.CompareExchange(ref _continuation, continuation, null);
        if (ReferenceEquals(seen, s_over)) _loop.PostOrForward(continuation, state);
        else if (seen is not null) throw new InvalidOperationException("A sleep can be awaited once.");
    }

    /// <summary>It is over: whatever it was registered with can go.</summary>
    protected virtual void Ended()
    {
    }

    /// <summary>Ends it without a timer: it was never armed. On the loop's thread.</summary>
    protected void EndCanceled() => End(Canceled);

    private void End(byte mark)
    {
        Mark = mark;

        // SYNC: sleep awaited. Whoever comes later finds s_over.
        var continuation = Interlocked.Exchange(ref _continuation, s_over);
        if (continuation is not null) _loop.Post(continuation, _state);
        _state = null;
        Ended();
    }
}
