using Samovar.Diagnostics.Inspection;
using Samovar.Diagnostics.Recording;
using Samovar.Diagnostics.Watching;
using Samovar.Diagnostics.Watching.Advising;
using Samovar.Tests.Architecture;

namespace Samovar.Tests.Diagnostics.Watching.Advising;

/// <summary>Each rule on streams of pictures: it applies beyond its limit, not up to it, and names the right executor and function.</summary>
public sealed class AdvisorTests
{
    private const double Long = 12; // seconds, after which every rule has decided

    [ThreadTheory]
    [InlineData(180, 40L << 20, "90 % of the time of executor 'pool' goes into shipping (40 MB a task): pass a path, or keep the data in shared memory.")]
    [InlineData(180, 200, "90 % of the time of executor 'pool' goes into shipping (200 B a task): send many small tasks together, with Map.")]
    [InlineData(21, 40L << 20, null)] // more than half of the time, but the executor has hardly anything to do
    [InlineData(20, 40L << 20, null)]
    public void Shipping_takes_more_time_than_running(double shippingMilliseconds, long bytes, string? text) =>
        new PictureStream("process").Run(Long, executor =>
        {
            executor.Complete(5, runMilliseconds: 4);
            executor.Shipping += TimeSpan.FromMilliseconds(shippingMilliseconds);
            executor.ShippedBytes += 5 * bytes;
        }).Text("shipping").ShouldBe(text);

    [ThreadFact]
    public void Half_of_the_time_for_shipping_is_no_more_than_half() =>
        new PictureStream("process").Run(Long, static executor =>
        {
            executor.Complete(5, runMilliseconds: 20);
            executor.Shipping += TimeSpan.FromMilliseconds(100);
        }).Text("shipping").ShouldBeNull();

    [ThreadTheory]
    [InlineData(3, (40L << 20) + 1, true)]
    [InlineData(3, 1L << 20, false)]
    [InlineData(2, 40L << 20, false)]
    public void Each_task_captures_a_lot_of_data(int tasks, long bytes, bool applies)
    {
        var stream = new PictureStream("process");
        stream.Run(1);
        stream.Executor.Complete(tasks, "Kitchen.Scan", shipping: new RecordedShipping(TimeSpan.FromMilliseconds(30), TimeSpan.FromMilliseconds(10), bytes, "milk (byte[])"));
        string? text = stream.Run(5).Text("captured-data");

        (text is not null).ShouldBe(applies);
        if (!applies) return;
        text!.ShouldStartWith("Each task of Kitchen.Scan captures 40 MB, most of it in milk (byte[]): 3 tasks of executor 'pool' shipped 120 MB in the last ");
        text.ShouldEndWith(", which took 120 ms. Pass a path, or shared memory; or use Map, which sends what its delegate captures once to each worker.");
        stream.Advice.Single(static advice => advice.Rule == "captured-data").Function.ShouldBe("Kitchen.Scan");
    }

    [ThreadTheory]
    [InlineData(4, 1, true)]
    [InlineData(3, 2, false)] // 60 %
    public void Workers_wait_for_a_slow_source(int idle, int busy, bool applies)
    {
        var stream = new PictureStream { Executor = { Idle = idle, Busy = busy } };
        string? text = stream.Run(Long, static executor => executor.Complete(5, runMilliseconds: 2)).Text("slow-source");

        (text is not null).ShouldBe(applies);
        if (applies) text!.ShouldBe("The 5 workers of executor 'pool' are idle for 80 % of the time, and its queue is empty: 20 tasks a second are submitted, and each runs for 2.0 ms (p50). The source of the tasks is the limit: make it faster, or use fewer workers.");
    }

    [ThreadFact]
    public void Idle_workers_of_an_executor_without_work_give_no_advice() => new PictureStream { Executor = { Idle = 5, Busy = 0 } }.Run(Long).Advice.ShouldBeEmpty();

    [ThreadTheory]
    [InlineData(3, 1, 20, 399, true)]
    [InlineData(2, 2, 20, 399, false)] // half of the workers
    [InlineData(3, 1, 5, 399, false)] // not longer than usual
    [InlineData(3, 1, 20, 398, false)] // another item is still to come
    public void A_map_waits_for_its_last_item(int idle, int busy, double seconds, long completed, bool applies)
    {
        var times = new TimeHistogram();
        times.Add(TimeSpan.FromSeconds(1), 399);
        var stream = new PictureStream
        {
            Executor =
            {
                Idle = idle,
                Busy = busy,
                Running = [new TaskActivity { Id = 400, Function = "Kitchen.Brew", For = TimeSpan.FromSeconds(seconds) }],
                Maps =
                [
                    new MapActivity
                    {
                        Number = 1, Name = "tea", Function = "Kitchen.Brew", Total = 400, Succeeded = completed, Failed = 0, Canceled = 0, Running = 1,
                        Elapsed = TimeSpan.FromMinutes(2), Rate = 3, HasEnded = false, Times = times,
                    },
                ],
            },
        };

        string? text = stream.Run(Long).Text("last-items");

        text.ShouldBe(applies ? "Map 'tea' of executor 'pool' waits for its last 1 item of 400, for 20 s so far, while 3 of 4 workers are idle; its items usually take 1 s (p50). Put the long items first in the source, or divide them." : null);
    }

    [ThreadFact]
    public void A_task_ignores_that_it_was_requested_to_stop()
    {
        var stream = new PictureStream();
        stream.Run(1);
        stream.Executor.Running = [new TaskActivity { Id = 17, Name = "stubborn", Function = "Kitchen.Simmer", Attempt = 1, IsStopping = true }];

        stream.Run(5.25).Text("ignored-stop").ShouldBeNull();
        stream.Run(0.25).Text("ignored-stop")!.ShouldStartWith("Task 17 'stubborn' of executor 'pool' was requested to stop 5.3 s ago and still runs: Kitchen.Simmer ignores its cancellation token.");
        stream.Advice.Single().Function.ShouldBe("Kitchen.Simmer");
        stream.Executor.Running = [];
        stream.Run(0.5).Text("ignored-stop").ShouldBeNull();
    }

    [ThreadFact]
    public void A_task_was_abandoned()
    {
        var stream = new PictureStream();
        stream.Run(1).Text("ignored-stop").ShouldBeNull();
        stream.Executor.Abandoned = 2;

        stream.Run(1).Text("ignored-stop")!.ShouldStartWith("Executor 'pool' abandoned 2 tasks in the last ");
        stream.Run(70).Text("ignored-stop").ShouldBeNull();
    }

    [ThreadTheory]
    [InlineData(220, 8, "increase Workers (there are 8 processors), or submit less at once.")]
    [InlineData(220, 4, "increase Workers if the tasks mostly wait; if they compute, the 4 processors are the limit.")]
    [InlineData(200, 8, null)]
    public void Tasks_wait_for_much_longer_than_they_run(double waitMilliseconds, int cores, string? remedy)
    {
        var stream = new PictureStream();
        stream.Process = stream.Process with { Cores = cores };
        string? text = stream.Run(Long, executor => executor.Complete(5, runMilliseconds: 20, waitMilliseconds: waitMilliseconds)).Text("long-queue");

        if (remedy is null) text.ShouldBeNull();
        else text.ShouldBe($"Tasks of executor 'pool' wait 220 ms (p95) for one of its 4 workers, and run for 20 ms (p50): {remedy}");
    }

    [ThreadTheory]
    [InlineData(5, 1, true)]
    [InlineData(8, 2, false)] // 80 %
    [InlineData(4, 0, false)]
    public void One_function_makes_most_of_the_failures(int ofOne, int ofOther, bool applies)
    {
        var stream = new PictureStream();
        stream.Run(1, static executor => executor.Complete(1, "Kitchen.Spill"));
        stream.Executor.Complete(ofOne, "Kitchen.Spill", outcome: AttemptOutcome.Failed);
        if (ofOther > 0) stream.Executor.Complete(ofOther, "Kitchen.Burn", outcome: AttemptOutcome.TimedOut);
        string? text = stream.Run(5).Text("failing-function");

        (text is not null).ShouldBe(applies);
        if (!applies) return;
        text!.ShouldContain("Kitchen.Spill makes 83 % of the failures of executor 'pool': 5 of its 8 tasks failed in the last ");
        text.ShouldEndWith("The newest error: System.FormatException: The milk is spilt.");
        stream.Advice.Single(static advice => advice.Rule == "failing-function").Function.ShouldBe("Kitchen.Spill");
    }

    [ThreadTheory]
    [InlineData(4, 0, true)]
    [InlineData(3, 0, false)]
    [InlineData(2, 2, true)]
    [InlineData(0, 3, false)]
    public void Workers_are_lost_again_and_again(int lost, int failedStarts, bool applies)
    {
        var stream = new PictureStream("process");
        stream.Run(1);
        if (lost > 0) stream.Executor.Complete(lost, outcome: AttemptOutcome.Retried, losesWorker: true);
        stream.Executor.FailedStarts = failedStarts;
        string? text = stream.Run(5).Text("restarts");

        (text is not null).ShouldBe(applies);
        text?.ShouldStartWith($"Executor 'pool' lost {lost} workers while they ran tasks in the last ");
        stream.Run(70).Text("restarts").ShouldBeNull();
    }

    [ThreadTheory]
    [InlineData(1_000, 0.01, true)]
    [InlineData(1_000, 0.02, false)]
    [InlineData(499, 0.01, false)]
    public void Very_short_tasks_are_submitted_singly(int count, double runMilliseconds, bool applies)
    {
        var stream = new PictureStream();
        string? text = stream.Run(6, executor => executor.Complete(count, runMilliseconds: runMilliseconds)).Text("tiny-tasks");

        (text is not null).ShouldBe(applies);
        text?.ShouldBe("Executor 'pool' runs 4,000 tasks a second of Kitchen.Brew, each for 10 µs (p50): submit them with Map, which runs many as one task.");
    }

    [ThreadTheory]
    [InlineData("thread", 3.7, null, true)]
    [InlineData("thread", 3.5, 1.0, false)]
    [InlineData("process", 0.1, 0.95, true)]
    [InlineData("process", 4.0, 0.85, false)]
    [InlineData("process", 4.0, null, false)]
    public void More_workers_compute_than_there_are_processors(string type, double processors, double? machine, bool applies)
    {
        var stream = new PictureStream(type) { Executor = { Workers = 8, Busy = 6 } };
        stream.Process = stream.Process with { Processors = processors, Cores = 4, MachineLoad = machine };
        string? text = stream.Run(Long).Text("too-many-workers");

        (text is not null).ShouldBe(applies);
        text?.ShouldStartWith("Executor 'pool' has 8 workers, of which 6 are busy on 4 processors, and 9");
        text?.ShouldEndWith("set Workers to 4, more only take turns.");
    }

    [ThreadFact]
    public void As_many_busy_workers_as_processors_are_not_too_many()
    {
        var stream = new PictureStream { Executor = { Workers = 8, Busy = 4 } };
        stream.Process = stream.Process with { Processors = 4, Cores = 4 };

        stream.Run(Long).Text("too-many-workers").ShouldBeNull();
    }

    [ThreadTheory]
    [InlineData(150, 3, "Warning")]
    [InlineData(150, 2, null)]
    [InlineData(100, 9, null)]
    [InlineData(1_200, 1, "Error")]
    public void Callbacks_hold_a_loop(double milliseconds, int times, string? severity)
    {
        var stream = new PictureStream("loop");
        for (int i = 0; i < times; i++)
        {
            stream.Executor.Activity = [Held(milliseconds)];
            stream.Run(0.25);
            stream.Executor.Activity = [Held(null)];
            stream.Run(1);
        }

        var advice = stream.Advice.SingleOrDefault(static advice => advice.Rule == "held-loop");
        (advice?.Severity.ToString()).ShouldBe(severity);
        advice?.Text.ShouldStartWith("Event loop 'pool' was held by a callback for more than 100 ms in ");
        advice?.Text.ShouldContain(" Kitchen.Knead held it for ");
    }

    [ThreadFact]
    public void A_callback_in_several_pictures_counts_once()
    {
        var stream = new PictureStream("loop");
        stream.Run(0.25);
        for (int i = 1; i <= 3; i++)
        {
            stream.Executor.Activity = [Held(i * 255)];
            stream.Run(0.25);
        }

        stream.Text("held-loop").ShouldBeNull();
    }

    [ThreadTheory]
    [InlineData(10, 4, 0.2, true)]
    [InlineData(0, 4, 0.2, false)] // it does not grow
    [InlineData(10, 9, 7.0, false)] // its threads compute
    [InlineData(10, 9, 1.0, true)] // it has more threads than processors, and they wait
    public void The_thread_pool_is_starved(int growth, int threads, double processors, bool applies)
    {
        var stream = new PictureStream();
        string? text = stream.Run(Long, _ => stream.Process = stream.Process with { PoolQueue = stream.Process.PoolQueue + growth + (stream.Process.PoolQueue == 0 ? 100 : 0), PoolThreads = threads, Processors = processors })
            .Text("starved-pool");

        (text is not null).ShouldBe(applies);
        text?.ShouldContain($"wait for its {threads} threads");
    }

    [ThreadTheory]
    [InlineData(0.12, true)]
    [InlineData(0.1, false)]
    public void Collections_pause_the_process(double share, bool applies)
    {
        var stream = new PictureStream();
        string? text = stream.Run(Long, _ => stream.Process = stream.Process with { GcPause = share, Allocated = stream.Process.Allocated + (256 << 20) }).Text("gc-pauses");

        (text is not null).ShouldBe(applies);
        text?.ShouldStartWith("Garbage collections pause the process for 12 % of the time (1 GB allocated a second, 0 full collections in ");
    }

    [ThreadFact]
    public void A_broken_executor_and_one_that_cannot_start_workers_are_reported_at_once()
    {
        var stream = new PictureStream("process");
        stream.Executor.BrokenBy = "InvalidOperationException: no kettle.\n   at Kitchen.Open()";
        stream.Executors.Add(new StreamedExecutor(8, "other", "process") { StartError = "dotnet was not found.", FailedStarts = 3, Queued = 2 });
        stream.Run(0.25);

        stream.Advice.Select(static advice => (advice.Executor, advice.Severity, advice.Text)).ShouldBe(
        [
            (7, AdviceSeverity.Error, "Executor 'pool' is broken and accepts no more work: InvalidOperationException: no kettle. Fix the cause, and create a new executor."),
            (8, AdviceSeverity.Error, "Executor 'other' cannot start workers (3 failed starts, 2 tasks queued): dotnet was not found."),
        ]);
        stream.Executors[1].StartError = null;
        stream.Run(0.25).Advice.ShouldHaveSingleItem().Executor.ShouldBe(7);
    }

    [ThreadFact]
    public void Only_the_executor_with_the_problem_gets_advice()
    {
        var stream = new PictureStream("process");
        var well = new StreamedExecutor(8, "well", "process");
        stream.Executors.Insert(0, well);
        stream.Run(Long, executor =>
        {
            well.Complete(5, runMilliseconds: 100);
            executor.Complete(5, runMilliseconds: 1);
            executor.Shipping += TimeSpan.FromMilliseconds(100);
        });

        stream.Advice.ShouldHaveSingleItem().Executor.ShouldBe(7);
    }

    [ThreadTheory]
    [InlineData(5.1, 2, true)]
    [InlineData(5, 2, false)]
    [InlineData(60, 0, false)] // without waiters
    public void A_lock_is_held_while_others_wait(double seconds, int waiting, bool applies)
    {
        var stream = new PictureStream { Held = [Lock("till", seconds, waiting), Lock("shelf", 5, 1)] };

        stream.Run(2.75).Text("lock-wait").ShouldBeNull();
        stream.Run(1).Text("lock-wait").ShouldBe(applies
            ? "The lock 'till' has been held by process 4711 for at least 5.1 s, and 2 callers wait for it: hold a lock only while no other caller may see what it protects, and do slow work before or after that."
            : null);
    }

    [ThreadFact]
    public void Of_several_locks_the_one_that_is_held_for_the_longest_is_named()
    {
        var stream = new PictureStream { Held = [Lock("till", 6, 1), Lock(null, 9, 1), Lock("shelf", 8, 3)] };

        stream.Run(4).Text("lock-wait")!.ShouldStartWith("A lock without a name has been held by process 4711 for at least 9 s, and 1 caller waits for it: ");
        stream.Text("lock-wait")!.ShouldEndWith("The same goes for 2 other locks.");
    }

    [ThreadFact]
    public void The_page_about_watching_has_every_rule()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs/how-to/watch-a-program.md"));
        foreach (string rule in new Advisor().Rules) page.ShouldContain($"| `{rule}` | ");
    }

    private static HeldLock Lock(string? name, double seconds, int waiting) =>
        new(new PrimitiveActivity("lock", name, "held") { Holders = ["process 4711"], Waiting = waiting }, TimeSpan.FromSeconds(seconds));

    private static WorkerActivity Held(double? milliseconds) =>
        new(1, "loop", "busy") { HeldFor = milliseconds is { } held ? TimeSpan.FromMilliseconds(held) : null, HeldBy = milliseconds is null ? null : "Kitchen.Knead" };
}
