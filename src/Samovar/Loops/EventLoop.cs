using System.Diagnostics;
using Samovar.Executors.Actors;
using Samovar.Loops.Core;
using Samovar.Loops.Inspection;
using Samovar.Loops.Scheduling;
using Samovar.Primitives;

namespace Samovar;

/// <summary>An event loop: one thread, a ready queue and a clock. Asynchronous tasks interleave on it at their awaits; between two awaits no other
/// code of the loop runs.</summary>
/// <remarks>
/// <para><see cref="Run(Func{Task}, EventLoopOptions?)"/> runs a program on a loop on the calling thread. A loop that is created by the constructor
/// is an <see cref="Executor"/> with its own thread: synchronous work runs sequentially, asynchronous work concurrently.</para>
/// <para>The <see cref="SynchronizationContext"/> resumes continuations on the loop. After <c>ConfigureAwait(false)</c>, code may resume on any
/// thread and must not touch state that belongs to the loop; its scope, its group and the completion of its task are not affected.</para>
/// <para>A task that blocks on another task of the same loop runs that task inline if it has not started; otherwise the wait throws.</para>
/// </remarks>
[DebuggerDisplay("{Name,nq}")]
public sealed partial class EventLoop : Executor
{
    private static int s_built;

    /// <summary>Initializes an event loop with its own thread, which starts with the first work item.</summary>
    public EventLoop()
        : this(new EventLoopOptions())
    {
    }

    /// <summary>Initializes an event loop with its own thread, which starts with the first work item.</summary>
    /// <param name="options">The loop's options.</param>
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

    /// <summary>Lets the thread of an unreferenced loop finish its work and exit.</summary>
    ~EventLoop()
    {
        // The shutdown needs no thread of its own. The scheduler completes the returned task, and no caller is left to await it.
        _ = ((LoopScheduler?)Core)?.ShutdownAsync(ShutdownMode.Drain, TimeSpan.Zero);
    }

    /// <summary>Occurs when a callback occupies the loop for longer than <see cref="EventLoopOptions.SlowCallbackThreshold"/>: once while it runs,
    /// and once when it has returned. Raised on the loop's thread, or on a thread-pool thread while the callback computes or is in native code.
    /// Without a handler, the event is logged.</summary>
    public event Action<SlowCallback>? SlowCallback
    {
        add => LoopScheduler.SlowCallbacks.Reported += value;
        remove => LoopScheduler.SlowCallbacks.Reported -= value;
    }

    /// <summary>Gets the loop that the calling code runs on, or null on other threads, including after <c>ConfigureAwait(false)</c> has left the
    /// loop.</summary>
    public static EventLoop? Current => LoopCore.Current is { } loop ? (EventLoop)LoopScheduler.Of(loop).GetFacade(static scheduler => Reattach(scheduler)) : null;

    /// <summary>Gets the loop's clock, for <c>Task.Delay(delay, loop.Time)</c>, <see cref="PeriodicTimer"/>, <see cref="CancellationTokenSource"/>
    /// and any other API that takes a <see cref="TimeProvider"/>. Its timers call back on the loop. Thread-safe.</summary>
    public TimeProvider Time => LoopScheduler.Loop.Time;

    /// <summary>Gets the task scheduler that runs the tasks of a <see cref="TaskFactory"/> on the loop.</summary>
    public TaskScheduler Scheduler => LoopScheduler.Loop.Scheduler;

    /// <summary>Gets the synchronization context that posts continuations to the loop.</summary>
    public SynchronizationContext SynchronizationContext => LoopScheduler.Loop.Context;

    private LoopScheduler LoopScheduler => (LoopScheduler)Core;

    /// <summary>Queues a callback to run on the loop after those that are already ready. Does not allocate on the loop's own thread and does not
    /// capture the execution context. Thread-safe.</summary>
    /// <param name="callback">The callback to run.</param>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The loop has stopped.</exception>
    public void Post(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        LoopScheduler.Loop.Post(callback, null);
    }

    /// <inheritdoc cref="Post(Action)"/>
    /// <param name="callback">The callback to run.</param>
    /// <param name="state">The argument passed to <paramref name="callback"/>.</param>
    public void Post(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        LoopScheduler.Loop.Post(callback, state);
    }

    /// <summary>Queues a callback to run on the loop after those that are already ready, unless it is cancelled first. Thread-safe.</summary>
    /// <param name="callback">The callback to run, in the caller's execution context.</param>
    /// <returns>A handle that can cancel the call.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The loop has stopped.</exception>
    public ScheduledCall CallSoon(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var call = new ScheduledCall(LoopScheduler.Loop, callback);
        LoopScheduler.Loop.Post(ScheduledCall.RunCallback, call);
        return call;
    }

    /// <summary>Schedules a callback to run on the loop after <paramref name="delay"/>, unless it is cancelled first. Thread-safe.</summary>
    /// <param name="delay">The delay by the loop's clock; <see cref="Timeout.InfiniteTimeSpan"/> never runs the callback.</param>
    /// <param name="callback">The callback to run, in the caller's execution context.</param>
    /// <returns>A handle that can cancel the call.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="callback"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The loop has stopped.</exception>
    public ScheduledCall CallLater(TimeSpan delay, Action callback)
    {
        delay = TimeoutArguments.RequireAny(delay, nameof(delay));
        ArgumentNullException.ThrowIfNull(callback);
        var call = new ScheduledCall(LoopScheduler.Loop, callback);
        if (LoopScheduler.Loop.IsHere) call.Arm(delay);
        else LoopScheduler.Loop.Post(ScheduledCall.ArmCallback(delay), call);
        return call;
    }

    /// <summary>Schedules a callback to run on the loop at a point in time of its clock, <see cref="Time"/>. A time in the past runs it as soon as
    /// possible. Thread-safe.</summary>
    /// <param name="moment">When to run the callback.</param>
    /// <param name="callback">The callback to run, in the caller's execution context.</param>
    /// <returns>A handle that can cancel the call.</returns>
    /// <inheritdoc cref="CallLater" path="/exception"/>
    public ScheduledCall CallAt(DateTimeOffset moment, Action callback)
    {
        var delay = moment - Time.GetUtcNow();
        return CallLater(delay > TimeSpan.Zero ? delay : TimeSpan.Zero, callback);
    }

    /// <summary>Captures a snapshot of the loop's main work, groups and tasks, with the state of each and what it waits for. Thread-safe; the
    /// snapshot is taken on the loop's thread when its turn comes.</summary>
    /// <remarks>Source lines are included where debug symbols are available.</remarks>
    /// <returns>The root of the tree.</returns>
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
                    // The error is passed to the caller that awaits the snapshot.
                    snapshot.SetException(error);
                }
            },
            null);
        return snapshot.Task;
    }

    /// <summary>Stops virtual time and suspends deadlock detection until the returned value is disposed. For pending work that the loop cannot see,
    /// such as a read from a socket. Thread-safe.</summary>
    /// <returns>The hold; dispose it when the work has completed.</returns>
    public IDisposable HoldTime() => new TimeHold(LoopScheduler.Loop);

    private protected override ActorHost<T> HostActor<T>(ActorPlan<T> plan)
    {
        if (plan.Options.QueueCapacity is { } capacity)
        {
            throw new NotSupportedException(
                $"Actor '{plan.Name}' has a QueueCapacity of {capacity}, but event loop '{Name}' cannot let a caller wait for room: the caller may be code of the loop, " +
                "which the calls in the queue wait for. Leave QueueCapacity out, and limit the callers with an AsyncSemaphore.");
        }

        return new LocalActorHost<T>(plan, LoopScheduler.CreateForActor(plan.Options.Concurrency, plan.FullName));
    }

    private static EventLoop Reattach(LoopScheduler scheduler)
    {
        var facade = new EventLoop(scheduler);
        GC.SuppressFinalize(facade); // the finalizer of the first facade has already requested the shutdown
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
