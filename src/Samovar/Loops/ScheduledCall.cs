using System.Diagnostics;
using Samovar.Loops.Core;

namespace Samovar;

/// <summary>A callback that is scheduled on a loop and can be cancelled until it runs.</summary>
/// <remarks>All members are thread-safe.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed class ScheduledCall
{
    internal static readonly Action<object?> RunCallback = static call => ((ScheduledCall)call!).Run();

    private static readonly ContextCallback s_inContext = static call => ((ScheduledCall)call!).Invoke();

    private readonly LoopCore _loop;
    private readonly ExecutionContext? _context;
    private Action? _callback; // exchanged for null by the caller that runs it or cancels it
    private Moment? _moment; // on the loop's thread

    internal ScheduledCall(LoopCore loop, Action callback)
    {
        _loop = loop;
        _callback = callback;
        _context = ExecutionContext.Capture();
    }

    /// <summary>Gets whether the callback has neither started nor been cancelled.</summary>
    public bool IsPending => Volatile.Read(ref _callback) is not null;

    private string DebuggerText => IsPending ? "ScheduledCall: pending" : "ScheduledCall: started or cancelled";

    /// <summary>Cancels the call.</summary>
    /// <returns>true if the callback will never run; false if it has started or was cancelled before.</returns>
    public bool Cancel()
    {
        if (Interlocked.Exchange(ref _callback, null) is null) return false;
        if (_loop.IsHere) Disarm();
        else _loop.PostOrForward((Action<object?>)(static call => ((ScheduledCall)call!).Disarm()), this);
        return true;
    }

    internal static Action<object?> ArmCallback(TimeSpan delay) => call => ((ScheduledCall)call!).Arm(delay);

    internal void Arm(TimeSpan delay)
    {
        if (!IsPending) return;
        _moment = new Moment(this);
        _loop.Arm(_moment, delay);
    }

    private void Disarm()
    {
        if (_moment is { } moment && _loop.IsHere) _loop.Disarm(moment);
        _moment = null;
    }

    private void Run()
    {
        if (!IsPending) return;
        if (_context is null) Invoke();
        else ExecutionContext.Run(_context, s_inContext, this);
    }

    private void Invoke() => Interlocked.Exchange(ref _callback, null)?.Invoke();

    private sealed class Moment(ScheduledCall call) : TimerNode
    {
        public override void Due(LoopCore loop) => loop.Post(RunCallback, call);
    }
}
