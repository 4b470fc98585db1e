using System.Threading.Tasks.Sources;

namespace Samovar.Loops.Core;

/// <summary>A continuation of a sleep that restores its execution context, or that resumes outside the loop.</summary>
internal sealed class SleepContinuation
{
    private static readonly Action<object?> s_run = static self => ((SleepContinuation)self!).Run();

    private readonly Action<object?> _continuation;
    private readonly object? _state;
    private readonly ExecutionContext? _execution;
    private readonly SynchronizationContext? _context;
    private readonly bool _leavesLoop;

    private SleepContinuation(
        Action<object?> continuation, object? state, ExecutionContext? execution, SynchronizationContext? context, bool leavesLoop)
    {
        _continuation = continuation;
        _state = state;
        _execution = execution;
        _context = context;
        _leavesLoop = leavesLoop;
    }

    public static (Action<object?> Continuation, object? State) Capture(
        Action<object?> continuation, object? state, ValueTaskSourceOnCompletedFlags flags, LoopCore loop)
    {
        var execution = flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext) ? ExecutionContext.Capture() : null;
        bool returns = flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
        var context = returns && !loop.IsHere ? SynchronizationContext.Current : null;
        return (s_run, new SleepContinuation(continuation, state, execution, context, leavesLoop: !loop.IsHere));
    }

    private void Run()
    {
        if (_context is not null) _context.Post(static self => ((SleepContinuation)self!).Continue(), this);
        else if (_leavesLoop) ThreadPool.UnsafeQueueUserWorkItem(static self => self.Continue(), this, preferLocal: false);
        else Continue();
    }

    private void Continue()
    {
        if (_execution is null) _continuation(_state);
        else ExecutionContext.Run(_execution, static self => ((SleepContinuation)self!).Invoke(), this);
    }

    private void Invoke() => _continuation(_state);
}
