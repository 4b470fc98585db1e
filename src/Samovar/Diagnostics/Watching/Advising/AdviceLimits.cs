namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>The thresholds of all rules. A rule applies when a figure is beyond its limit.</summary>
internal sealed record AdviceLimits
{
    /// <summary>How long a rule must apply before its sentence appears.</summary>
    public TimeSpan HoldsFor { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the sentence remains after the rule has ceased to apply.</summary>
    public TimeSpan Lingers { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a sentence keeps its figures.</summary>
    public TimeSpan KeepsFigures { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The shortest time over which shares and rates are computed.</summary>
    public TimeSpan LeastSpan { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The maximum number of sentences.</summary>
    public int Most { get; init; } = 12;

    /// <summary>Shipping: its share of the time for shipping and running.</summary>
    public double ShippingShare { get; init; } = 0.5;

    /// <summary>Shipping: its least share of the elapsed time, so that an executor with little work gives no advice.</summary>
    public double ShippingLoad { get; init; } = 0.1;

    /// <summary>Shipping: from this size of a task, in bytes, its data are what takes the time; below, the number of tasks.</summary>
    public double LargeTaskBytes { get; init; } = 64 * 1024;

    /// <summary>Captured data: the size of a task's serialized work, on average, in bytes.</summary>
    public double CapturedBytes { get; init; } = 1 << 20;

    /// <summary>Captured data: the least number of tasks in a minute; data that are sent once or twice cost little.</summary>
    public long CapturedTasks { get; init; } = 3;

    /// <summary>Slow source: the share of the time in which workers are idle.</summary>
    public double IdleShare { get; init; } = 0.6;

    /// <summary>Slow source: the share of the time in which the queue is empty.</summary>
    public double EmptyQueueShare { get; init; } = 0.9;

    /// <summary>Slow source: the least number of tasks submitted a second; an executor with fewer has nothing to do.</summary>
    public double SourceRate { get; init; } = 2;

    /// <summary>Last items: the share of the workers that is idle.</summary>
    public double TailIdleShare { get; init; } = 0.5;

    /// <summary>Last items: how long one of them has been running.</summary>
    public TimeSpan TailTime { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Last items: how many times as long as the items usually take (p50).</summary>
    public double TailFactor { get; init; } = 5;

    /// <summary>Ignored stop: how long a task may run after it was requested to stop.</summary>
    public TimeSpan StopPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Long queue: how many times the run time (p50) the queue wait (p95) is.</summary>
    public double WaitFactor { get; init; } = 10;

    /// <summary>Long queue: the least queue wait (p95).</summary>
    public TimeSpan LeastWait { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Long queue: the least number of tasks that waited.</summary>
    public long LeastWaits { get; init; } = 20;

    /// <summary>Long queue: the share of the time in which workers may be idle.</summary>
    public double BusyIdleShare { get; init; } = 0.2;

    /// <summary>Failing function: its share of the failures.</summary>
    public double FailureShare { get; init; } = 0.8;

    /// <summary>Failing function: the least number of its failures in a minute.</summary>
    public long LeastFailures { get; init; } = 5;

    /// <summary>Restarts: how many workers may be lost, or not start, in a minute.</summary>
    public long Restarts { get; init; } = 3;

    /// <summary>Tiny tasks: the run time (p50) of a task that is too short.</summary>
    public TimeSpan TinyTask { get; init; } = TimeSpan.FromMicroseconds(20);

    /// <summary>Tiny tasks: the least number of tasks a second.</summary>
    public double TinyTaskRate { get; init; } = 2_000;

    /// <summary>Too many workers: the share of the processors that is in use.</summary>
    public double ProcessorShare { get; init; } = 0.9;

    /// <summary>Held loop: how long a callback may hold the loop.</summary>
    public TimeSpan LoopHeld { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Held loop: in how many pictures of a minute the loop is held.</summary>
    public int LoopHeldPictures { get; init; } = 3;

    /// <summary>Lock wait: for how long a lock may be held while others wait for it.</summary>
    public TimeSpan LockHeld { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Starved thread pool: the least number of work items that wait.</summary>
    public long PoolQueue { get; init; } = 20;

    /// <summary>Starved thread pool: the share of the processors below which its threads wait rather than compute.</summary>
    public double PoolProcessorShare { get; init; } = 0.5;

    /// <summary>Garbage collection: the share of the time in which it pauses the process.</summary>
    public double GcPause { get; init; } = 0.1;
}
