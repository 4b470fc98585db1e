using static Samovar.Tests.Loops.LoopUnderTest;

namespace Samovar.Tests.Loops;

/// <summary>Other threads that come in at the moment in which something ends.</summary>
public sealed class EventLoopRaceTests
{
    [ThreadFact]
    public async Task A_callback_posted_while_the_loop_stops_runs_once_or_is_refused_and_is_never_lost()
    {
        for (int round = 0; round < 20; round++)
        {
            var loop = new EventLoop(Real);
            int ran = 0, accepted = 0;
            using var begun = new CountdownEvent(3);
            var posters = Enumerable.Range(0, 3).Select(_ => TestSupport.OnOwnThread(() =>
            {
                try
                {
                    while (true)
                    {
                        loop.Post(() => Interlocked.Increment(ref ran));
                        if (Interlocked.Increment(ref accepted) == 100) begun.Signal(3);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // Waits until the loop reports that it has stopped.
                }
            })).ToList();
            begun.Wait(TestTimeout.Wait).ShouldBeTrue();
            await loop.DisposeAsync().AsTask().WaitAsync(TestTimeout.Wait);
            await Task.WhenAll(posters).WaitAsync(TestTimeout.Wait);
            await TestTimeout.UntilAsync(() => Volatile.Read(ref ran) == Volatile.Read(ref accepted));
        }
    }

    [ThreadFact]
    public async Task Tasks_submitted_while_the_loop_stops_all_complete()
    {
        for (int round = 0; round < 50; round++)
        {
            var loop = new EventLoop(Real);
            var futures = new List<Future>();
            var first = new Gate();
            var submitter = TestSupport.OnOwnThread(() =>
            {
                try
                {
                    while (true)
                    {
                        futures.Add(loop.Submit(static async () => await Task.Yield()));
                        first.Open();
                    }
                }
                catch (ObjectDisposedException)
                {
                    // As above.
                }
            });
            await first.PassAsync();
            await loop.ShutdownAsync(round % 2 == 0 ? ShutdownMode.Drain : ShutdownMode.Kill, TimeSpan.FromSeconds(5)).WaitAsync(TestTimeout.Wait);
            await submitter.WaitAsync(TestTimeout.Wait);
            futures.ShouldAllBe(static future => future.IsCompleted);
        }
    }

    [ThreadFact]
    public async Task A_call_that_another_thread_calls_off_as_it_becomes_due_runs_or_is_called_off_and_not_both()
    {
        await using var loop = new EventLoop(Real);
        int ran = 0, calledOff = 0;
        const int count = 20_000;
        await TestSupport.OnOwnThread(() =>
        {
            for (int i = 0; i < count; i++)
            {
                var call = i % 2 == 0 ? loop.CallSoon(() => Interlocked.Increment(ref ran)) : loop.CallLater(TimeSpan.FromTicks(i % 7), () => Interlocked.Increment(ref ran));
                if (i % 3 == 0) BusyWork.Yield();
                if (call.Cancel()) calledOff++;
            }
        }).WaitAsync(TestTimeout.Wait);
        await loop.Submit(static async () => await EventLoop.SleepAsync(TimeSpan.FromMilliseconds(1))).AsTask().WaitAsync(TestTimeout.Wait);
        await TestTimeout.UntilAsync(() => Volatile.Read(ref ran) + calledOff == count);
    }

    [ThreadFact]
    public async Task Two_loops_that_hand_work_to_each_other_keep_each_to_its_thread()
    {
        await using var left = new EventLoop(Real with { Name = "left" });
        await using var right = new EventLoop(Real with { Name = "right" });
        string names = await left.Submit(async () =>
        {
            string seen = EventLoop.Current!.Name;
            for (int i = 0; i < 1000; i++)
            {
                string other = await right.Submit(async () =>
                {
                    string here = EventLoop.Current!.Name;
                    (await left.Submit(static () => EventLoop.Current!.Name)).ShouldBe("left");
                    EventLoop.Current!.Name.ShouldBe(here);
                    return here;
                });
                other.ShouldBe("right");
                EventLoop.Current!.Name.ShouldBe(seen);
            }

            return seen;
        }).AsTask().WaitAsync(TestTimeout.Wait);
        names.ShouldBe("left");
    }
}
