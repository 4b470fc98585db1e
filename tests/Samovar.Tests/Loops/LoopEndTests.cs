using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops;

/// <summary>Tasks that outlive the main work, and unobserved failures.</summary>
public sealed class LoopEndTests
{
    [ThreadFact]
    public async Task Tasks_left_over_are_cancelled_awaited_and_reported()
    {
        List<UnobservedFailure>? reports = null;
        Future? left = null, queued = null;
        bool isCleanedUp = false;
        await RunAsync(async () =>
        {
            var loop = EventLoop.Current!;
            reports = Listen(loop);
            left = loop.Submit(
                async () =>
                {
                    try
                    {
                        await EventLoop.SleepAsync(TimeSpan.FromDays(1));
                    }
                    finally
                    {
                        await Task.Delay(TimeSpan.FromMilliseconds(500), loop.Time);
                        isCleanedUp = true;
                    }
                },
                new() { Name = "forgotten" });
            await Task.Yield();
            queued = loop.Submit(static () => { });
        });
        isCleanedUp.ShouldBeTrue();
        left!.State.ShouldBe(FutureState.Canceled);
        queued!.State.ShouldBe(FutureState.Canceled);
        reports!.Select(static report => report.Source).ShouldBe([FailureSource.Orphaned, FailureSource.Orphaned]);
        reports![0].TaskName.ShouldBe("forgotten");
        reports[0].Exception.Message.ShouldContain("loop under test");
    }

    [ThreadTheory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Leftover_work_that_never_completes_is_left_behind(bool isVirtual, bool isSubmitted)
    {
        List<UnobservedFailure>? reports = null;
        bool stops = false;
        await RunAsync(
            async () =>
            {
                reports = Listen(EventLoop.Current!);
                if (isSubmitted) _ = EventLoop.Current!.Submit(InsistAsync);
                else _ = InsistAsync();
                await Task.Yield();
            },
            (isVirtual ? Virtual : Real) with { CancellationGrace = TimeSpan.FromMilliseconds(20) });
        reports!.ShouldContain(static report => report.Source == FailureSource.Orphaned);
        if (!isSubmitted) reports!.Single(static report => report.Source == FailureSource.Orphaned).Exception.Message.ShouldContain(nameof(InsistAsync));
        Volatile.Write(ref stops, true);

        async Task InsistAsync()
        {
            while (!Volatile.Read(ref stops))
            {
                try
                {
                    await EventLoop.SleepAsync(Second);
                }
                catch (OperationCanceledException)
                {
                    // And again.
                }
            }
        }
    }

    [ThreadFact]
    public async Task Much_that_is_left_over_is_cleaned_up_on_the_loop_however_short_the_grace()
    {
        const int count = 5000;
        int cleanedUp = 0, elsewhere = 0;
        await RunAsync(
            async () =>
            {
                int thread = Environment.CurrentManagedThreadId;
                for (int i = 0; i < count; i++) _ = SleepAsync();
                await Task.Yield();

                async Task SleepAsync()
                {
                    try
                    {
                        await EventLoop.SleepAsync(TimeSpan.FromDays(1));
                    }
                    finally
                    {
                        cleanedUp++;
                        if (Environment.CurrentManagedThreadId != thread) elsewhere++;
                    }
                }
            },
            Real with { CancellationGrace = TimeSpan.Zero });
        cleanedUp.ShouldBe(count);
        elsewhere.ShouldBe(0);
    }

    [ThreadFact]
    public async Task Much_that_is_left_over_is_cleaned_up_in_virtual_time_in_some_steps_each()
    {
        const int count = 20_000;
        int cleanedUp = 0, elsewhere = 0;
        List<UnobservedFailure>? reports = null;
        await RunAsync(async () =>
        {
            reports = Listen(EventLoop.Current!);
            int thread = Environment.CurrentManagedThreadId;
            for (int i = 0; i < count; i++) _ = SleepAsync();
            await Task.Yield();

            async Task SleepAsync()
            {
                try
                {
                    await EventLoop.SleepAsync(TimeSpan.FromDays(1));
                }
                finally
                {
                    for (int step = 0; step < 10; step++) await Task.Yield();
                    Interlocked.Increment(ref cleanedUp);
                    if (Environment.CurrentManagedThreadId != thread) Interlocked.Increment(ref elsewhere);
                }
            }
        });
        reports!.ShouldBeEmpty();
        cleanedUp.ShouldBe(count);
        elsewhere.ShouldBe(0);
    }

    [ThreadTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Work_left_over_that_does_not_give_up_is_left_behind_after_the_grace_or_when_virtual_time_is_stuck(bool isEndless)
    {
        var never = new TaskCompletionSource();
        Future? stubborn = null;
        List<UnobservedFailure>? reports = null;
        await RunAsync(
            async () =>
            {
                reports = Listen(EventLoop.Current!);
                stubborn = EventLoop.Current!.Submit(() => never.Task);
                await Task.Yield();
            },
            Virtual with { CancellationGrace = isEndless ? Timeout.InfiniteTimeSpan : Second });
        stubborn!.State.ShouldBe(FutureState.Canceled);
        reports!.ShouldHaveSingleItem().Source.ShouldBe(FailureSource.Orphaned);
    }

    [ThreadFact]
    public async Task Methods_that_are_not_awaited_stop_with_the_main_work()
    {
        bool isEnded = false;
        await RunAsync(async () =>
        {
            _ = ForgottenAsync();
            await SleepAsync(1);
        });
        isEnded.ShouldBeTrue();

        async Task ForgottenAsync()
        {
            try
            {
                await EventLoop.SleepAsync(TimeSpan.FromDays(1));
            }
            finally
            {
                isEnded = true;
            }
        }
    }

    [ThreadFact]
    public async Task A_failure_that_is_never_observed_is_reported_at_the_end_with_its_origin()
    {
        List<UnobservedFailure>? reports = null;
        Future? kept = null, seen = null;
        await RunAsync(async () =>
        {
            var loop = EventLoop.Current!;
            reports = Listen(loop);
            kept = loop.Submit(static () => throw new FormatException("unseen"), new() { Name = "background" });
            seen = loop.Submit(static () => throw new FormatException("seen"));
            await CaughtAsync(seen.AsTask());
        });
        GC.KeepAlive(kept);
        var report = reports!.ShouldHaveSingleItem();
        (report.Source, report.TaskName, report.Exception.Message).ShouldBe((FailureSource.Future, "background", "unseen"));
    }

    [ThreadFact]
    public async Task Callbacks_and_async_void_methods_that_throw_are_reported_with_their_origin_and_the_loop_continues()
    {
        List<UnobservedFailure>? reports = null;
        await RunAsync(async () =>
        {
            var loop = EventLoop.Current!;
            reports = Listen(loop);
            loop.Post(PostedCallback);
            loop.CallLater(Second, static () => throw new FormatException("timer"));
            ThrowLater();
            await SleepAsync(2);
        });
        reports!.ShouldAllBe(static report => report.Source == FailureSource.DetachedWork);
        reports!.Select(static report => report.Exception.Message).ShouldBe(["posted", "async void", "timer"]);
        reports![0].TaskName.ShouldNotBeNull().ShouldContain(nameof(PostedCallback));
        reports[0].Exception.StackTrace.ShouldNotBeNull().ShouldContain(nameof(PostedCallback));

        static async void ThrowLater()
        {
            await Task.Yield();
            throw new FormatException("async void");
        }
    }

    [ThreadFact]
    public async Task Without_a_handler_and_a_logger_failures_are_written_to_the_standard_error_stream()
    {
        var (_, _, errors) = await RunCommandAsync("loop-failure");
        errors.ShouldContain("posted and thrown");
        errors.ShouldContain("the loop of the child");
    }

    [ThreadFact]
    public async Task Ctrl_C_cancels_the_main_work_which_may_clean_up()
    {
        var (exitCode, output, errors) = await RunCommandAsync("loop-interrupt");
        output.ShouldBe("waiting\ncleaned up\ncancelled\n", errors);
        exitCode.ShouldBe(0);
    }

    [ThreadFact]
    public async Task A_second_Ctrl_C_kills_the_program()
    {
        var (exitCode, output, _) = await RunCommandAsync("loop-interrupt", "stubborn");
        output.ShouldBe("waiting\nstill here\n");
        exitCode.ShouldBe(130);
    }

    private static void PostedCallback() => throw new FormatException("posted");

    private static async Task<(int ExitCode, string Output, string Errors)> RunCommandAsync(params string[] command)
    {
        using var program = Processes.ProgramRun.Start("dotnet", [Processes.ProgramRun.ChildProgram, .. command]);
        return await program.EndAsync();
    }
}
