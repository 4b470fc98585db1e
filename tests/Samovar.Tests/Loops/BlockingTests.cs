using System.Collections.Concurrent;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Loops.Core;
using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops;

/// <summary>Code that blocks the loop's one thread, or delays it.</summary>
public sealed class BlockingTests
{
    private static readonly EventLoopOptions s_watched = Real with { SlowCallbackThreshold = TimeSpan.FromMilliseconds(5) };

    [ThreadFact]
    public async Task Waiting_for_a_task_of_the_loop_that_has_begun_is_refused() => await RunAsync(static async () =>
    {
        var loop = EventLoop.Current!;
        var future = loop.Submit(static async () =>
        {
            await EventLoop.SleepAsync(Second);
            return 1;
        });
        await Task.Yield();
        foreach (Action wait in (Action[])[() => _ = future.Result, () => future.Wait(), () => future.Wait(Second), () => future.GetResult(Second)])
        {
            var error = Should.Throw<InvalidOperationException>(wait);
            error.Message.ShouldContain("'loop under test'");
            error.Message.ShouldContain("Await");
        }

        future.Wait(TimeSpan.Zero).ShouldBeFalse("a look is no wait");
        (await future).ShouldBe(1);
    });

    [ThreadFact]
    public async Task Waiting_for_one_that_has_not_begun_runs_it_on_the_spot() => await RunAsync(static async () =>
    {
        var loop = EventLoop.Current!;
        loop.Submit(static () => 5).Result.ShouldBe(5);
        loop.Submit(static () => Task.FromResult(6)).Result.ShouldBe(6);
        var first = loop.Submit(static () => 1);
        loop.Submit(static () => 7).Result.ShouldBe(7);
        first.State.ShouldBe(FutureState.Queued, "only the one that is waited for is run");
        (await first).ShouldBe(1);
    });

    [ThreadFact]
    public async Task A_wait_that_nothing_could_end_fails_in_virtual_time() => await RunAsync(
        static () =>
        {
            var error = Should.Throw<LoopDeadlockException>(static () => new TaskCompletionSource().Task.GetAwaiter().GetResult());
            error.Message.ShouldContain("'loop under test'");
            error.Message.ShouldContain(nameof(A_wait_that_nothing_could_end_fails_in_virtual_time));
            return Task.CompletedTask;
        },
        Virtual with { SlowCallbackThreshold = TimeSpan.FromMilliseconds(5) });

    [ThreadFact]
    public async Task A_wait_without_an_end_is_reported_with_its_stack_while_it_lasts()
    {
        await using var loop = new EventLoop(s_watched);
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        var slow = new TaskCompletionSource<SlowCallback>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.UnobservedFailure += failure => reported.TrySetResult(failure);
        loop.SlowCallback += callback =>
        {
            if (callback.BlockedAt?.Contains(nameof(BlockUnseen), StringComparison.Ordinal) == true) slow.TrySetResult(callback);
        };
        var release = new TaskCompletionSource();
        var future = loop.Submit(() => BlockUnseen(release.Task), new() { Name = "the blocker" });
        var report = await reported.Task.WaitAsync(TestTimeout.Wait);
        report.Source.ShouldBe(FailureSource.BlockedLoop);
        report.TaskId.ShouldBe(future.Id);
        report.Exception.Message.ShouldContain(nameof(BlockUnseen));
        (await slow.Task.WaitAsync(TestTimeout.Wait)).Duration.ShouldBeLessThan(TestTimeout.Wait);
        future.IsCompleted.ShouldBeFalse();
        release.SetResult();
        await future;
    }

    [ThreadFact]
    public async Task A_slow_callback_is_reported_with_its_origin()
    {
        var time = new ManualTimeProvider();
        await using var loop = new EventLoop(new EventLoopOptions { TimeProvider = time, Name = "watched", SlowCallbackThreshold = Second });
        var reports = new List<SlowCallback>();
        loop.SlowCallback += static _ => throw new FormatException("the handler's own");
        loop.SlowCallback += reports.Add;
        loop.UnobservedFailure += static _ => { };
        await loop.Submit(SlowAsync).AsTask().WaitAsync(TestTimeout.Wait);
        await loop.Submit(static () => { }).AsTask().WaitAsync(TestTimeout.Wait);
        var report = reports.ShouldHaveSingleItem();
        report.Loop.ShouldBe("watched");
        report.Duration.ShouldBe(3 * Second);
        report.Origin.ShouldContain(nameof(SlowAsync));
        report.BlockedAt.ShouldBeNull();

        async Task SlowAsync()
        {
            time.Advance(Second);
            await Task.Yield();
            time.Advance(3 * Second);
        }
    }

    [ThreadFact]
    public async Task A_slow_callback_among_many_quick_ones_is_reported_with_its_own_origin()
    {
        // Quick callbacks share a measurement from this limit on.
        var limit = LoopCore.LeastCoarseLimit;
        await using var loop = new EventLoop(Real with { SlowCallbackThreshold = limit });
        var slow = new TaskCompletionSource<SlowCallback>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.SlowCallback += callback =>
        {
            if (callback.Duration >= 3 * limit && callback.Origin.Contains(nameof(ComputeAsync), StringComparison.Ordinal)) slow.TrySetResult(callback);
        };
        await Task.WhenAll(loop.Submit(YieldOftenAsync).AsTask(), loop.Submit(ComputeAsync).AsTask()).WaitAsync(TestTimeout.Wait);
        await slow.Task.WaitAsync(TestTimeout.Wait);

        static async Task YieldOftenAsync()
        {
            for (int i = 0; i < 20_000; i++) await Task.Yield();
        }

        static async Task ComputeAsync()
        {
            for (int i = 0; i < 5000; i++) await Task.Yield();
            long began = Stopwatch.GetTimestamp();
            BusyWork.ComputeUntil(() => Stopwatch.GetElapsedTime(began) >= 3 * LoopCore.LeastCoarseLimit);
        }
    }

    [ThreadFact]
    public async Task A_short_wait_of_the_loop_s_thread_is_not_reported()
    {
        await using var loop = new EventLoop(Real with { SlowCallbackThreshold = TestTimeout.Wait });
        var reports = new List<SlowCallback>();
        loop.SlowCallback += reports.Add;
        var gate = new Gate();
        var future = loop.Submit(() => gate.Pass());
        gate.Open();
        await future;
        reports.ShouldBeEmpty();
    }

    [ThreadFact]
    public async Task A_callback_that_blocks_in_native_code_is_reported_while_it_lasts()
    {
        await using var loop = new EventLoop(s_watched);
        var slow = new TaskCompletionSource<SlowCallback>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.SlowCallback += callback =>
        {
            if (callback.BlockedAt is not null && callback.Origin.Contains("the reader", StringComparison.Ordinal)) slow.TrySetResult(callback);
        };
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var input = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        var future = loop.Submit(() => input.ReadByte(), new() { Name = "the reader" });
        var report = await slow.Task.WaitAsync(TestTimeout.Wait);
        future.IsCompleted.ShouldBeFalse();
        report.Duration.ShouldBeGreaterThanOrEqualTo(s_watched.SlowCallbackThreshold);
        if (File.Exists("/proc/thread-self/syscall")) report.BlockedAt.ShouldNotBeNull().ShouldContain("The thread runs user code: it ");
        pipe.WriteByte(7);
        (await future).ShouldBe(7);
    }

    [ThreadFact]
    public async Task What_a_thread_does_in_the_system_is_reported_by_call_and_descriptor()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/proc/thread-self/syscall")) Assert.Skip("This system does not tell what its threads do.");
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var input = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        var place = new TaskCompletionSource<ThreadPlace>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reader = TestSupport.OnOwnThread(() =>
        {
            place.SetResult(ThreadPlace.OfThisThread());
            input.ReadByte().ShouldBe(7);
        });
        var seen = await place.Task.WaitAsync(TestTimeout.Wait);
        await TestTimeout.UntilAsync(() => seen.ToString().Contains("(pipe:[", StringComparison.Ordinal));
        pipe.WriteByte(7);
        await reader.WaitAsync(TestTimeout.Wait);
    }

    [ThreadFact]
    public async Task A_callback_whose_wait_was_reported_is_not_reported_again_while_it_continues()
    {
        var limit = TimeSpan.FromMilliseconds(20);
        await using var loop = new EventLoop(Real with { SlowCallbackThreshold = limit });
        var reports = new ConcurrentQueue<SlowCallback>();
        var release = new TaskCompletionSource();
        loop.UnobservedFailure += static _ => { };
        loop.SlowCallback += callback =>
        {
            if (!callback.Origin.Contains("the waiter", StringComparison.Ordinal)) return;
            if (callback.BlockedAt?.Contains(nameof(BlockUnseen), StringComparison.Ordinal) == true) release.TrySetResult();
            if (release.Task.IsCompleted) reports.Enqueue(callback);
        };
        await loop.Submit(
            () =>
            {
                BlockUnseen(release.Task);
                Compute(5 * limit);
            },
            new() { Name = "the waiter" });
        reports.ShouldHaveSingleItem();

        static void Compute(TimeSpan time)
        {
            long began = Stopwatch.GetTimestamp();
            double sum = 0;
            while (Stopwatch.GetElapsedTime(began) < time) sum = Math.Sqrt(sum + 1);
            sum.ShouldBeGreaterThan(0);
        }
    }

    [ThreadFact]
    public async Task A_logger_that_throws_ends_neither_the_program_nor_the_callback()
    {
        using var loggers = new DisposableLoggers();
        await using var loop = new EventLoop(s_watched with { LoggerFactory = loggers });
        loggers.Dispose();
        var reported = new TaskCompletionSource<UnobservedFailure>(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.UnobservedFailure += failure =>
        {
            if (failure.Exception is ObjectDisposedException) reported.TrySetResult(failure);
        };
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var input = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        var future = loop.Submit(() => input.ReadByte());
        var report = await reported.Task.WaitAsync(TestTimeout.Wait);
        report.Source.ShouldBe(FailureSource.DetachedWork);
        report.TaskName.ShouldBe("the logger of slow callbacks");
        pipe.WriteByte(7);
        (await future).ShouldBe(7);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)] // its frame is looked for
    private static void BlockUnseen(Task task) => ((IAsyncResult)task).AsyncWaitHandle.WaitOne();

    /// <summary>Throws, once it was disposed, as the real one does.</summary>
    private sealed class DisposableLoggers : ILoggerFactory
    {
        private bool _isDisposed;

        public ILogger CreateLogger(string categoryName)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
            return NullLogger.Instance;
        }

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose() => Volatile.Write(ref _isDisposed, true);
    }
}
