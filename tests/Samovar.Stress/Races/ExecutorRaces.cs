using Samovar.Ipc;

namespace Samovar.Stress.Races;

/// <summary>Submitting and starting: room in a bounded queue, tasks that wait for a worker, tasks of a group, and an executor that is shut down.</summary>
internal static class ExecutorRaces
{
    public static IEnumerable<CancelRace> All =>
    [
        new("ThreadExecutor.Submit into a full queue", SubmitIntoFullQueue),
        new("Start of a task on a thread", static () => StartOf(new ThreadExecutor(new() { Workers = 1 }))),
        new("Start of a task on an event loop", static () => StartOf(new EventLoop())),
        new("Start of a task on a worker in this process", static () => StartElsewhere(new ProcessExecutor(new() { Workers = 1, InProcess = true }))),
        new("Start of a task in a worker process", static () => StartElsewhere(new ProcessExecutor(new() { Workers = 1 }))),
        new("Start of a task on a thread, and a shutdown", StartOrShutdown),
        new("TaskGroup.StartAsync", StartInGroup),
    ];

    private static RaceSetup SubmitIntoFullQueue()
    {
        var executor = new ThreadExecutor(new() { Workers = 1, QueueCapacity = 1 });
        int ran = 0;
        var release = Fill();
        return new RaceSetup
        {
            Begin = RaceSetup.Blocking(token => executor.Submit(() => Interlocked.Increment(ref ran), new() { CancellationToken = token }).GetResult(cancellationToken: CancellationToken.None)),
            Succeed = () => release.Set(),
            Settle = () => executor.DrainAsync(),
            HasHappened = () =>
            {
                release = Fill();
                return Interlocked.Exchange(ref ran, 0) == 1;
            },
            End = () => EndAsync(release.Set, executor),
        };

        // One task runs, and one takes the only place in the queue.
        ManualResetEventSlim Fill()
        {
            var gate = new ManualResetEventSlim();
            var runs = new ManualResetEventSlim();
            _ = executor.Submit(() =>
            {
                runs.Set();
                gate.Wait();
            });
            runs.Wait();
            _ = executor.Submit(static () => { });
            return gate;
        }
    }

    private static RaceSetup StartOf(Executor executor)
    {
        int ran = 0;
        var release = new ManualResetEventSlim();
        return new RaceSetup
        {
            Begin = token =>
            {
                release = new ManualResetEventSlim();
                var gate = release;
                _ = executor.Submit(() => gate.Wait());
                return executor.Submit(() => Interlocked.Increment(ref ran), new() { CancellationToken = token }).AsTask();
            },
            Succeed = () => release.Set(),
            Settle = () => executor.DrainAsync(),
            HasHappened = () => Interlocked.Exchange(ref ran, 0) == 1,
            End = () => EndAsync(release.Set, executor),
            EndsWhenCancelled = executor is not EventLoop,
        };
    }

    private static RaceSetup StartElsewhere(ProcessExecutor executor)
    {
        var ran = new SharedValue<int>();
        var release = new ProcessEvent(false, EventResetMode.AutoReset);
        return new RaceSetup
        {
            Begin = token =>
            {
                _ = executor.Submit(Waiting(release));
                return executor.Submit(Counting(ran), new() { CancellationToken = token }).AsTask();
            },
            Succeed = release.Set,
            Settle = () => executor.DrainAsync(),
            HasHappened = () => ran.Exchange(0) == 1,
            End = () => EndAsync(release.Set, executor),
            Owned = [ran, release],
        };

        // Each in a closure of its own, so that it takes nothing else along.
        static Action Waiting(ProcessEvent gate) => () => gate.Wait();

        static Func<int> Counting(SharedValue<int> counter) => () => counter.Add(1);
    }

    private static RaceSetup StartOrShutdown()
    {
        int ran = 0;
        var release = new ManualResetEventSlim();
        var executor = new ThreadExecutor(new() { Workers = 1 });
        return new RaceSetup
        {
            Begin = token =>
            {
                release = new ManualResetEventSlim();
                executor = new ThreadExecutor(new() { Workers = 1 });
                var (gate, ended) = (release, executor);
                _ = executor.Submit(() => gate.Wait());
                token.UnsafeRegister(_ => ended.ShutdownAsync(ShutdownMode.CancelQueued), null);
                return executor.Submit(() => Interlocked.Increment(ref ran)).AsTask();
            },
            Succeed = () => release.Set(),
            Settle = () => executor.ShutdownAsync(),
            HasHappened = () => Interlocked.Exchange(ref ran, 0) == 1,
            End = () => EndAsync(release.Set, executor),
        };
    }

    private static RaceSetup StartInGroup()
    {
        var release = new TaskCompletionSource();
        bool isReady = false;
        return new RaceSetup
        {
            Begin = async token =>
            {
                (release, isReady) = (new TaskCompletionSource(), false);
                bool hasStarted = false;
                try
                {
                    await TaskGroup.RunAsync(
                        async group =>
                        {
                            await group.StartAsync(async signal =>
                            {
                                await release.Task.WaitAsync(group.CancellationToken).ConfigureAwait(false);
                                isReady = true;
                                signal.Ready();
                            }).ConfigureAwait(false);
                            hasStarted = true;
                        },
                        cancellationToken: token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (hasStarted)
                {
                    // Cancelled after the start: what is raced here has succeeded.
                }
            },
            Succeed = () => release.TrySetResult(),
            HasHappened = () => isReady,
        };
    }

    /// <summary>Releases what an executor still runs, and ends it.</summary>
    private static Task EndAsync(Action release, Executor executor)
    {
        release();
        return executor.ShutdownAsync(ShutdownMode.Kill);
    }
}
