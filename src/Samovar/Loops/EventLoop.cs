using System.Diagnostics;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scheduling;
using Samovar.Primitives;

namespace Samovar;

/// <summary>One thread, a ready queue and a clock. Asynchronous work overlaps on it; between two awaits nothing else runs.</summary>
/// <remarks>
/// <para><see cref="Run(Func{Task}, EventLoopOptions?)"/> runs a program on a loop, on the calling thread. A loop that is built is an
/// <see cref="Executor"/> with a thread of its own: synchronous work runs one after the other, asynchronous work side by side.</para>
/// <para>Continuations come back to the loop by its <see cref="SynchronizationContext"/>. After <c>ConfigureAwait(false)</c> code may go on
/// anywhere: it must not touch what belongs to the loop; its scope, its group and the end of its task are as before.</para>
/// <para>A task that blocks for another of the same loop runs that one at once if it has not begun; if it has, the wait is refused.</para>
/// </remarks>
[DebuggerDisplay("{Name,nq}")]
public sealed partial class EventLoop : Executor
{
    private static int s_built;

    /// <summary>Builds a loop with a thread of its own, which starts with the first work.</summary>
    public EventLoop()
        : this(new EventLoopOptions())
    {
    }

    /// <summary>Builds a loop with a thread of its own, which starts with the first work.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public EventLoop(EventLoopOptions options)
        : this(NewScheduler(options, hasThread: true))
    {
        LoopScheduler.SetFace(this);
    }

    private EventLoop(LoopScheduler scheduler)
        : base(scheduler)
    {
    }

    /// <summary>Lets the thread of a loop that nobody holds any more finish its work and end.</summary>
    ~EventLoop()
    {
        // The shutdown needs no thread of its own; its task is the scheduler's to finish, and nobody is left to be told.
        _ = ((LoopScheduler?)Core)?.ShutdownAsync(ShutdownMode.Drain, TimeSpan.Zero);
    }

    /// <summary>Raised when a callback holds up the loop for longer than <see cref="EventLoopOptions.SlowCallbackThreshold"/>: once while it does, and once when it has
    /// ended. On the loop's thread, or, while that computes or is in native code, on one of the thread pool. Without a handler it is logged.</summary>
    public event Action<SlowCallback>? SlowCallback
    {
        add => LoopScheduler.SlowCallbacks.Reported += value;
        remove => LoopScheduler.SlowCallbacks.Reported -= value;
    }

    /// <summary>The loop whose code this is; null on other threads, and after <c>ConfigureAwait(false)</c> has left the loop.</summary>
    public static EventLoop? Current => LoopCore.Current is { } loop ? (EventLoop)LoopScheduler.Of(loop).GetFacade(static scheduler => Reattach(scheduler)) : null;

    /// <summary>The loop's clock, for <c>Task.Delay(delay, loop.Time)</c>, <see cref="PeriodicTimer"/>, <see cref="CancellationTokenSource"/> and
    /// all that takes one. Its timers call back on the loop. From any thread.</summary>
    public TimeProvider Time => LoopScheduler.Loop.Time;

    /// <summary>Runs tasks of a <see cref="TaskFactory"/> on the loop.</summary>
    public TaskScheduler Scheduler => LoopScheduler.Loop.Scheduler;

    /// <summary>Brings continuations to the loop.</summary>
    public SynchronizationContext SynchronizationContext => LoopScheduler.Loop.Context;

    private LoopScheduler LoopScheduler => (LoopScheduler)Core;

    /// <summary>Runs a callback on the loop, after those that are ready. Allocates nothing on the loop's own thread; does not carry the execution
    /// context. From any thread.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public void Post(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        LoopScheduler.Loop.Post(callback, null);
    }

    /// <inheritdoc cref="Post(Action)"/>
    /// <param name="callback">What to run.</param>
    /// <param name="state">What it is given.</param>
    public void Post(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        LoopScheduler.Loop.Post(callback, state);
    }

    /// <summary>Runs a callback on the loop after those that are ready, unless it is called off before. From any thread.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public ScheduledCall CallSoon(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var call = new ScheduledCall(LoopScheduler.Loop, callback);
        LoopScheduler.Loop.Post(ScheduledCall.RunCallback, call);
        return call;
    }

    /// <summary>Runs a callback on the loop after <paramref name="delay"/>, unless it is called off before. From any thread.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative delay.</exception>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public ScheduledCall CallLater(TimeSpan delay, Action callback)
    {
        delay = TimeoutArguments.RequireAny(delay, nameof(delay));
        ArgumentNullException.ThrowIfNull(callback);
        var call = new ScheduledCall(LoopScheduler.Loop, callback);
        if (LoopScheduler.Loop.IsHere) call.Arm(delay);
        else LoopScheduler.Loop.Post(ScheduledCall.ArmCallback(delay), call);
        return call;
    }

    /// <summary>Runs a callback on the loop at a moment of its clock, <see cref="Time"/>; at once when that is past. From any thread.</summary>
    /// <inheritdoc cref="CallLater" path="/exception"/>
    public ScheduledCall CallAt(DateTimeOffset moment, Action callback)
    {
        var delay = moment - Time.GetUtcNow();
        return CallLater(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, callback);
    }

    /// <summary>A snapshot of the loop's main work, groups and tasks, with the state of each and what it waits for. From any thread; it is taken on the
    /// loop's, in its turn.</summary>
    /// <remarks>Source lines are there where symbols are.</remarks>
    public Task<TaskTreeNode> GetTaskTreeAsync()
    {
        if (LoopScheduler.Loop.IsHere) return Task.FromResult(TaskTree.Of(LoopScheduler.Program));
        var snapshot = new TaskCompletionSource<TaskTreeNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        LoopScheduler.Loop.Post(
            () =>
            {
                try
                {
                    snapshot.SetResult(TaskTree.Of(LoopScheduler.Program));
                }
                catch (Exception error)
                {
                    // Whoever asked is told.
                    snapshot.SetException(error);
                }
            },
            null);
        return snapshot.Task;
    }

    /// <summary>Until the returned value is disposed, virtual time stands still and the loop is not held to be deadlocked: for work under way that it
    /// cannot see, such as a read from a socket. From any thread.</summary>
    public IDisposable HoldTime() => new TimeHold(LoopScheduler.Loop);

    private static EventLoop Reattach(LoopScheduler scheduler)
    {
        var facade = new EventLoop(scheduler);
        GC.SuppressFinalize(facade); // the first one's finalizer has asked for the end
        return facade;
    }

    private static LoopScheduler NewScheduler(EventLoopOptions options, bool hasThread)
    {
        ArgumentNullException.ThrowIfNull(options);
        var loop = new LoopCoreOptions
        {
            Source = options.TimeProvider,
            IsVirtual = options.VirtualTime,
            Order = options.Schedule?.Begin(),
            SlowLimit = options.SlowCallbackThreshold,
            BlockLimit = options.BlockLimit ?? options.SlowCallbackThreshold,
        };
        return new LoopScheduler(options, loop, options.Name ?? $"{nameof(EventLoop)}-{Interlocked.Increment(ref s_built)}", hasThread);
    }
}
