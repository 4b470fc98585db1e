using Samovar.Loops.Core;
using Samovar.Loops.Scheduling;
using Samovar.Loops.Scopes;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar;

/// <content>Whole programs on a loop, and what their code asks of it.</content>
public sealed partial class EventLoop
{
    /// <summary>Runs <paramref name="main"/> on a loop on this thread, to its end. What it leaves behind is cancelled and reported to
    /// <see cref="Executor.UnobservedFailure"/>, or, without a handler and a logger, on the standard error stream.</summary>
    /// <remarks>Ctrl-C cancels the main work: its scope's token trips, sleeps and waits end. A second one ends the program.</remarks>
    /// <param name="main">The main work.</param>
    /// <param name="options">Clock, schedule and the rest; null for the defaults.</param>
    /// <exception cref="ArgumentNullException"><paramref name="main"/> is null.</exception>
    /// <exception cref="InvalidOperationException">This thread already runs a loop.</exception>
    /// <exception cref="LoopDeadlockException">In virtual time: nothing can go on.</exception>
    public static void Run(Func<Task> main, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        StartNew(options).Program.Run(main, main, HearsInterrupts(options)).GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run(Func{Task}, EventLoopOptions?)"/>
    /// <typeparam name="T">The type of the result.</typeparam>
    public static T Run<T>(Func<Task<T>> main, EventLoopOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        Task<T>? outcome = null;
        StartNew(options).Program.Run(() => outcome = main(), main, HearsInterrupts(options)).GetAwaiter().GetResult();
        return outcome!.GetAwaiter().GetResult();
    }

    /// <summary>As <see cref="Run(Func{Task}, EventLoopOptions?)"/>, on a thread of its own; Ctrl-C is left alone.</summary>
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
                // Whoever awaits the program is told.
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

    /// <summary>Sleeps by the clock of the loop whose code this is. Ends early with an <see cref="OperationCanceledException"/> when the token, or the
    /// scope it stands in, is cancelled.</summary>
    /// <remarks>It costs 64 bytes and no timer of the system's.</remarks>
    /// <param name="delay">How long, without a bound; zero lets the others that are ready run first, <see cref="Timeout.InfiniteTimeSpan"/> sleeps until it is cancelled.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative delay.</exception>
    /// <exception cref="NoEventLoopException">This is not code of a loop.</exception>
    public static ValueTask SleepAsync(TimeSpan delay, CancellationToken cancellationToken = default)
    {
        delay = TimeoutArguments.RequireAny(delay, nameof(delay));
        var loop = LoopCore.Current ?? throw new NoEventLoopException(
            "There is no event loop here to sleep on. Off a loop use Task.Delay; after ConfigureAwait(false) code may have left its loop.");
        return Sleep(loop, delay, CancelScope.Current, cancellationToken);
    }

    /// <summary>Lets the others that are ready run, and then goes on; or ends with an <see cref="OperationCanceledException"/> when the scope it stands in
    /// has been cancelled. For long computations, between their parts.</summary>
    /// <exception cref="NoEventLoopException">This is not code of a loop.</exception>
    public static ValueTask CheckpointAsync() => SleepAsync(TimeSpan.Zero);

    /// <summary>Runs blocking work on another executor, from code of a loop, and comes back to the loop with its result.</summary>
    /// <remarks>As <c>await executor.Submit(work)</c>, but when the scope it stands in is cancelled, the work is asked to give up.</remarks>
    /// <typeparam name="T">The type of the result.</typeparam>
    /// <param name="executor">Threads, worker processes, whatever.</param>
    /// <param name="work">What to run there.</param>
    /// <param name="options">As for <see cref="Executor.Submit(Action, TaskOptions?)"/>.</param>
    /// <exception cref="NoEventLoopException">This is not code of a loop.</exception>
    /// <exception cref="InvalidOperationException">The executor is the loop itself.</exception>
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
            "There is no event loop here to come back to. Off a loop await executor.Submit(…) itself.");
        if (loop.Owner.Owns(executor.Core))
            throw new InvalidOperationException($"Work of '{executor.Name}' runs on it anyway; RunOnAsync takes it to another executor.");
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
                $"This thread already runs event loop '{running.Owner.Name}', and would stop it. Await the work, or use EventLoop.RunAsync.");
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
