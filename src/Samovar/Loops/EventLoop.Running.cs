using Samovar.Loops.Core;
using Samovar.Loops.Scheduling;
using Samovar.Loops.Scopes;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Runs whole programs on a loop, and the operations for code that runs on one.</content>
public sealed partial class EventLoop
{
    /// <summary>Runs <paramref name="main"/> on a new loop on the calling thread until it completes. Tasks that are still running then are cancelled;
    /// their failures are reported to <see cref="Executor.UnobservedFailure"/> or, without a handler and a logger, written to standard
    /// error.</summary>
    /// <remarks>The first Ctrl-C cancels <paramref name="main"/>: the token of its scope is cancelled, and its sleeps and waits throw. The second one
    /// terminates the process.</remarks>
    /// <param name="main">The asynchronous program to run.</param>
    /// <param name="options">The clock, the schedule and other options; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="main"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The calling thread already runs a loop.</exception>
    /// <exception cref="LoopDeadlockException">The program runs in virtual time and cannot make progress.</exception>
    /// <example>
    /// <code>
    /// string drink = EventLoop.Run(
    ///     async () =>
    ///     {
    ///         await EventLoop.SleepAsync(TimeSpan.FromMinutes(5)); // returns at once, because time is virtual
    ///         return "tea";
    ///     },
    ///     new() { VirtualTime = true });
    /// </code>
    /// </example>
    public static void Run(Func<Task> main, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        StartNew(options).Program.Run(main, main, HearsInterrupts(options)).GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run(Func{Task}, EventLoopOptions?)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <returns>The result of <paramref name="main"/>.</returns>
    public static T Run<T>(Func<Task<T>> main, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        Task<T>? outcome = null;
        StartNew(options).Program.Run(() => outcome = main(), main, HearsInterrupts(options)).GetAwaiter().GetResult();
        return outcome!.GetAwaiter().GetResult();
    }

    /// <summary>Runs <paramref name="main"/> on a new loop on a dedicated background thread. Otherwise like
    /// <see cref="Run(Func{Task}, EventLoopOptions?)"/>, except that Ctrl-C is not handled.</summary>
    /// <param name="main">The asynchronous program to run.</param>
    /// <param name="options">The clock, the schedule and other options; null for the defaults.</param>
    /// <returns>A task that completes with the outcome of <paramref name="main"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="main"/> is null.</exception>
    public static Task RunAsync(Func<Task> main, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        return RunOnThreadAsync(
            async () =>
            {
                await main().ConfigureAwait(true);
                return true;
            },
            main, options);
    }

    /// <inheritdoc cref="RunAsync(Func{Task}, EventLoopOptions?)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    public static Task<T> RunAsync<T>(Func<Task<T>> main, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        return RunOnThreadAsync(main, main, options);
    }

    private static Task<T> RunOnThreadAsync<T>(Func<Task<T>> main, Delegate origin, EventLoopOptions? options)
    {
        var scheduler = NewMainScheduler(options);
        var source = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                var ended = scheduler.Program.Run(main, origin, hearsInterrupts: false);
                if (ended is Task<T> typed) source.SetFromTask(typed);
                else source.SetException(ended.Exception!.InnerExceptions);
            }
            catch (Exception error)
            {
                // The error is passed to the caller that awaits the program.
                source.SetException(error);
            }
        })
        {
            IsBackground = true,
            Name = scheduler.Name,
        };
        thread.Start();
        return ExternalWorkTracker.Current is null ? source.Task : ExternalWorkTracker.TrackExternalAsync(scheduler, source.Task);
    }

    /// <summary>Sleeps by the clock of the current loop. Throws an <see cref="OperationCanceledException"/> early when the token or the enclosing
    /// cancel scope is cancelled.</summary>
    /// <remarks>A sleep allocates 64 bytes and uses no system timer.</remarks>
    /// <param name="delay">How long to sleep; there is no upper limit. <see cref="TimeSpan.Zero"/> lets the other ready callbacks run first;
    /// <see cref="Timeout.InfiniteTimeSpan"/> sleeps until the sleep is cancelled.</param>
    /// <param name="cancellationToken">Cancels the sleep.</param>
    /// <returns>A task that completes when the delay has elapsed. It can be awaited once.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is negative.</exception>
    /// <exception cref="NoEventLoopException">The caller does not run on an event loop.</exception>
    /// <example>
    /// <code>
    /// TimeProvider clock = EventLoop.Current!.Time;
    /// long began = clock.GetTimestamp();
    /// await EventLoop.SleepAsync(TimeSpan.FromSeconds(2));
    /// Console.WriteLine(clock.GetElapsedTime(began)); // 00:00:02, exactly, if time is virtual
    /// </code>
    /// </example>
    public static ValueTask SleepAsync(TimeSpan delay, CancellationToken cancellationToken = default)
    {
        delay = TimeoutArguments.RequireAny(delay, nameof(delay));
        var loop = LoopCore.Current ?? throw new NoEventLoopException(
            "There is no event loop here to sleep on. Off a loop, use Task.Delay. Awaiting with ConfigureAwait(false) may have left the loop.");
        return Sleep(loop, delay, CancelScope.Current, cancellationToken);
    }

    /// <summary>Lets the other ready callbacks run and then continues, or throws an <see cref="OperationCanceledException"/> if the enclosing scope
    /// has been cancelled. Call it between the parts of a long computation.</summary>
    /// <returns>A task that completes when the callbacks that were ready have run. It can be awaited once.</returns>
    /// <exception cref="NoEventLoopException">The caller does not run on an event loop.</exception>
    public static ValueTask CheckpointAsync() => SleepAsync(TimeSpan.Zero);

    /// <summary>Runs blocking work on another executor and resumes on the current loop with its result.</summary>
    /// <remarks>Like <c>await executor.Submit(work)</c>, but the work is also cancelled when the enclosing scope is cancelled.</remarks>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="executor">The executor that runs the work, such as a <see cref="ThreadExecutor"/> or a <see cref="ProcessExecutor"/>.</param>
    /// <param name="work">The work to run.</param>
    /// <param name="options">The task's options, as for <see cref="Executor.Submit(Action, TaskOptions?)"/>; null for the defaults.</param>
    /// <returns>The result of <paramref name="work"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="executor"/> or <paramref name="work"/> is null.</exception>
    /// <exception cref="NoEventLoopException">The caller does not run on an event loop.</exception>
    /// <exception cref="InvalidOperationException"><paramref name="executor"/> is the current loop.</exception>
    /// <example>
    /// <code>
    /// await using var threads = new ThreadExecutor();
    /// int sum = await EventLoop.RunOnAsync(threads, () => Enumerable.Range(1, 100).Sum()); // does not block the loop
    /// </code>
    /// </example>
    public static async Task<T> RunOnAsync<T>(Executor executor, Func<T> work, TaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentNullException.ThrowIfNull(work);
        RefuseOwn(executor);
        if (CancelScope.Current is { IsCancellationRequested: true } canceled) return await RefusedWait.Cancel<T>(canceled.Token).ConfigureAwait(true);
        using var linked = LinkToScope(ref options);
        return await executor.Submit(work, options).ConfigureAwait(true);
    }

    /// <inheritdoc cref="RunOnAsync{T}(Executor, Func{T}, TaskOptions?)"/>
    public static async Task RunOnAsync(Executor executor, Action work, TaskOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(executor);
        ArgumentNullException.ThrowIfNull(work);
        RefuseOwn(executor);
        if (CancelScope.Current is { IsCancellationRequested: true } canceled) await RefusedWait.Cancel(canceled.Token).ConfigureAwait(true);
        using var linked = LinkToScope(ref options);
        await executor.Submit(work, options).ConfigureAwait(true);
    }

    private static ValueTask Sleep(LoopCore loop, TimeSpan delay, CancelScope? scope, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested) return RefusedWait.Cancel(cancellationToken);
        if (scope is { IsCancellationRequested: true }) return RefusedWait.Cancel(scope.Token);
        LoopSleep sleep;
        if (scope is null or { IsRoot: true } && !cancellationToken.CanBeCanceled)
        {
            sleep = new LoopSleep(loop, obeysRoot: scope is not null);
            loop.Arm(sleep, delay);
        }
        else if (!cancellationToken.CanBeCanceled && ReferenceEquals(scope!.Home, loop))
        {
            var scoped = new ScopedSleep(loop, scope);
            loop.Arm(scoped, delay);
            scope.Add(scoped);
            sleep = scoped;
        }
        else
        {
            var cancellable = new CancellableSleep(loop, cancellationToken, scope?.Token ?? CancellationToken.None);
            loop.Arm(cancellable, delay);
            cancellable.Listen();
            sleep = cancellable;
        }

        return new ValueTask(sleep, 0);
    }

    private static void RefuseOwn(Executor executor)
    {
        var loop = LoopCore.Current ?? throw new NoEventLoopException(
            "There is no event loop here to resume on. Off a loop, await executor.Submit(…) instead.");
        if (loop.Owner.Owns(executor.Core))
        {
            throw new InvalidOperationException(
                $"Executor '{executor.Name}' is the loop that this code already runs on. Call the work directly, or use another executor.");
        }
    }

    private static CancellationTokenSource? LinkToScope(ref TaskOptions? options)
    {
        var ofScope = CancelScope.CurrentToken;
        if (!ofScope.CanBeCanceled) return null;
        options ??= new TaskOptions();
        var linked = CancellationTokenSource.CreateLinkedTokenSource(ofScope, options.CancellationToken);
        options = options with { CancellationToken = linked.Token };
        return linked;
    }

    private static bool HearsInterrupts(EventLoopOptions? options) => (options ?? new EventLoopOptions()).HandlesInterrupt;

    private static LoopScheduler StartNew(EventLoopOptions? options)
    {
        if (LoopCore.Current is { } running)
        {
            throw new InvalidOperationException(
                $"This thread already runs event loop '{running.Owner.Name}'; a second one would block it. Await the work, or use EventLoop.RunAsync.");
        }

        return NewMainScheduler(options);
    }

    private static LoopScheduler NewMainScheduler(EventLoopOptions? options)
    {
        var scheduler = NewScheduler(options ?? new EventLoopOptions(), hasThread: false);
        scheduler.SetFace(Reattach(scheduler));
        return scheduler;
    }
}
