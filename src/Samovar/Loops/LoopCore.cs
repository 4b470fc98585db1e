using System.Runtime.CompilerServices;

namespace Samovar.Loops;

/// <summary>The inside of a loop: one thread, what is ready, what is due, what comes in from other threads.</summary>
/// <remarks>
/// Who touches what:
/// <list type="number">
/// <item>Ready queue, timers and everything without a remark belong to the loop's thread, that is the
/// thread inside <see cref="Run"/>; <see cref="Current"/> tells whether that is the caller.</item>
/// <item>Other threads put into the entry queue (see LoopCore.Entering.cs) and read the clock.</item>
/// <item>User code runs under no lock.</item>
/// </list>
/// The end:
/// <list type="number">
/// <item>Whoever ends it asks <see cref="Stop"/>; the loop returns from <see cref="Run"/> before its next callback. It may be run again.</item>
/// <item><see cref="Close"/> makes it final: what is ready or comes in later is continuations of work that nobody runs any more, and goes
/// to the thread pool, so that none of it is lost.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopCore : FlowHome
{
    [ThreadStatic]
    private static LoopCore? t_current;

    private readonly ReadyQueue _ready = new();
    private readonly ScheduleRun? _schedule;
    private readonly LoopSelfWaits _selfWaits;
    private readonly LoopWatch? _watch; // null where slow callbacks are not measured, or by a clock other than the system's
    private readonly long _slow; // in units of the source's clock; long.MaxValue for never
    private bool _isStopping;
    private bool _stopsWhenQuiet;
    private int _untilClock;
    private int _untilEntries; // callbacks to run before more is taken in from other threads
    private ReadyItem _running;
    private List<TaskCompletionSource>? _quiet;

    public LoopCore(LoopHost host, EventLoopOptions options)
    {
        Host = host;
        Source = options.TimeProvider;
        IsVirtual = options.VirtualTime;
        _schedule = options.Schedule?.Begin();
        _slow = options.SlowCallbackThreshold == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : (long)(options.SlowCallbackThreshold.TotalSeconds * Source.TimestampFrequency);
        Context = new LoopContext(this);
        Scheduler = new LoopTaskScheduler(this);
        Time = new LoopTimeProvider(this);
        Root = CancelScope.NewRoot(this);
        _selfWaits = new LoopSelfWaits(host);
        if (_slow != long.MaxValue && ReferenceEquals(Source, TimeProvider.System)) _watch = new LoopWatch(host, options.SlowCallbackThreshold);
        BlockLimit = options.BlockLimit ?? options.SlowCallbackThreshold;
    }

    /// <summary>The loop whose callback this thread runs; null on all other threads.</summary>
    public static new LoopCore? Current => t_current;

    public LoopHost Host { get; }

    public LoopContext Context { get; }

    public LoopTaskScheduler Scheduler { get; }

    public LoopTimeProvider Time { get; }

    /// <summary>The scope around everything that the loop runs.</summary>
    public CancelScope Root { get; }

    /// <summary>The groups that stand in no other.</summary>
    public GroupList Groups { get; } = new();

    /// <summary>In which order it runs what is ready; null for the oldest first.</summary>
    public ScheduleRun? Schedule => _schedule;

    /// <summary>Callbacks that are ready. On the loop's thread.</summary>
    public int ReadyCallbacks => _ready.Count;

    /// <summary>Whether this is the loop's thread.</summary>
    public bool IsHere => ReferenceEquals(t_current, this);

    /// <summary>Makes a callback ready, from whatever thread.</summary>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Post(object callback, object? state)
    {
        if (ReferenceEquals(t_current, this)) _ready.Enqueue(callback, state);
        else Enter(callback, state);
    }

    /// <summary>As <see cref="Post"/>, but on a loop that has ended the thread pool runs it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PostOrForward(object callback, object? state)
    {
        if (ReferenceEquals(t_current, this)) _ready.Enqueue(callback, state);
        else if (!TryEnter(callback, state)) Forward(new ReadyItem(callback, state));
    }

    /// <summary>Lets the loop return from <see cref="Run"/>. On the loop's thread at once, that is after this callback.</summary>
    public void Stop()
    {
        if (IsHere) _isStopping = true;
        else PostOrForward(StopWork.Callback, this);
    }

    /// <summary>Runs callbacks on this thread until somebody asks it to stop.</summary>
    public void Run()
    {
        var outer = t_current;
        var outerContext = SynchronizationContext.Current;
        t_current = this;
        var outerWaits = _selfWaits.Enter();
        SynchronizationContext.SetSynchronizationContext(Context);
        _isStopping = false;
        _watch?.Begin();
        try
        {
            while (!_isStopping)
            {
                try
                {
                    if (_slow == long.MaxValue) RunUnwatched();
                    else RunWatched();
                }
                catch (Exception error)
                {
                    // User code threw where nobody awaits it: whoever owns the loop is told, and the others go on.
                    Host.CallbackFailed(error, _running);
                }
            }
        }
        finally
        {
            _running = default;
            Volatile.Write(ref _began, 0);
            SynchronizationContext.SetSynchronizationContext(outerContext);
            LoopSelfWaits.Leave(outerWaits);
            t_current = outer;
        }
    }

    /// <summary>Runs what is ready, and what becomes so by that, and returns; what is due later is left.</summary>
    public void RunUntilQuiet()
    {
        _stopsWhenQuiet = true;
        Run();
    }

    /// <summary>The scope around everything was cancelled.</summary>
    public void RootCanceled()
    {
        if (IsHere) CancelRootSleeps();
    }

    /// <summary>Completes when nothing else is ready; before time jumps. On the loop's thread.</summary>
    public Task WhenQuietAsync()
    {
        var quiet = new TaskCompletionSource(); // completed in a callback of its own, and so without a way over the thread pool
        (_quiet ??= []).Add(quiet);
        return quiet.Task;
    }

    private void RunUnwatched()
    {
        const int clockInterval = 64; // callbacks between two looks at the clock while some are ready
        while (!_isStopping)
        {
            if (HasEntries && (--_untilEntries <= 0 || _ready.Count == 0)) TakeEntries();
            if (--_untilClock <= 0 || _ready.Count == 0)
            {
                _untilClock = clockInterval;
                QueueDue();
                if (_ready.Count == 0)
                {
                    _running = default;
                    Idle();
                    continue;
                }
            }

            Take();
            _running.Run(); // from the field: a copy in this frame would outlive it, and what it holds
        }
    }

    /// <summary>As <see cref="RunUnwatched"/>, with a look at the clock after each callback.</summary>
    private void RunWatched()
    {
        Begin();
        while (!_isStopping)
        {
            if (HasEntries && (--_untilEntries <= 0 || _ready.Count == 0)) TakeEntries();
            if (--_untilClock <= 0 || _ready.Count == 0)
            {
                _untilClock = 64;
                QueueDue();
                if (_ready.Count == 0)
                {
                    _running = default;
                    Volatile.Write(ref _began, 0);
                    Idle();
                    Begin();
                    continue;
                }
            }

            Take();
            _running.Run();
            long ended = Source.GetTimestamp();
            if (ended - _began > _slow) Host.CallbackWasSlow(_running, Source.GetElapsedTime(_began, ended));
            Volatile.Write(ref _began, ended);
        }
    }

    /// <summary>The next callback begins now.</summary>
    private void Begin()
    {
        Volatile.Write(ref _began, Source.GetTimestamp());
        _watch?.Awake();
    }

    private void Take() => _running = _schedule is null || _ready.Count == 1 ? _ready.Dequeue() : TakeScheduled(_schedule);

    private ReadyItem TakeScheduled(ScheduleRun schedule)
    {
        int place = schedule.Pick(_ready.Count);
        if (place == 0) return _ready.Dequeue();
        var oldest = _ready.Oldest;
        var taken = _ready.TakeAt(place);
        if (schedule.Explains) schedule.Explain(taken, oldest);
        return taken;
    }

    /// <summary>Nothing is ready and nothing is due.</summary>
    private void Idle()
    {
        bool isLast = _quiet is not { Count: > 0 } && !_stopsWhenQuiet && !HasNext(out _);
        bool isAlone = OutsideWorks == 0 && !HasEntries && (!IsVirtual || IsQuietElsewhere(isLast));
        if (_stopsWhenQuiet)
        {
            _isStopping = !HasEntries;
            return;
        }

        if (isAlone && _quiet is { Count: > 0 } quiet)
        {
            _quiet = null;
            foreach (var waiter in quiet) _ready.Enqueue(new Action(waiter.SetResult), null);
            return;
        }

        if (isAlone && IsVirtual && TryJump()) return;
        if (isAlone && !HasNext(out _) && Host.IsStuck()) return;
        SleepUntilCalled();
    }

    private static class StopWork
    {
        public static readonly SendOrPostCallback Callback = static loop => ((LoopCore)loop!)._isStopping = true;
    }
}
