using System.Runtime.CompilerServices;
using Samovar.Primitives;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Core;

/// <summary>The core of an event loop: one thread, its ready queue, its timers, and the entries from other threads. It knows the code that runs it
/// only as a <see cref="LoopOwner"/>.</summary>
/// <remarks>
/// Ownership:
/// <list type="number">
/// <item>The ready queue, the timers and all members without a remark belong to the loop's thread, which is the
/// thread inside <see cref="Run"/>; <see cref="IsHere"/> is true on that thread.</item>
/// <item>Other threads enqueue into the entry queue (see LoopCore.Entering.cs) and read the clock.</item>
/// <item>User code never runs under a lock of the loop.</item>
/// </list>
/// Shutdown:
/// <list type="number">
/// <item>Any code may call <see cref="Stop"/>; the loop returns from <see cref="Run"/> before its next callback. It can be run again.</item>
/// <item><see cref="Close"/> is final: callbacks that are ready then, or that enter later, are continuations of work that no loop thread will run.
/// They are forwarded to the thread pool, so that none is lost.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopCore
{
    [ThreadStatic]
    private static LoopCore? t_current;

    private readonly ReadyQueue _ready = new();
    private readonly ReadyOrder? _order;
    private readonly TimeProvider _source;
    private readonly LoopWatch? _watch; // null if slow callbacks are not measured, or are measured by a clock other than the system's
    private readonly long _slow; // in units of the source clock; long.MaxValue for no limit
    private readonly bool _isCoarse; // whether the source clock is read only when the coarse clock has advanced
    private bool _isStopping;
    private bool _stopsWhenQuiet;
    private int _untilClock;
    private int _untilEntries; // callbacks to run before more entries are taken from other threads
    private ReadyItem _running;
    private long _tick; // the coarse clock when the source clock was last read
    private long _began; // when the current callback started, or up to a tick before it, by the source clock; written by the loop's thread, read by others
    private List<TaskCompletionSource>? _quiet;

    public LoopCore(LoopOwner owner, LoopCoreOptions options)
    {
        Owner = owner;
        _source = options.Source;
        _order = options.Order;
        _slow = options.SlowLimit == Timeout.InfiniteTimeSpan
            ? long.MaxValue
            : (long)(options.SlowLimit.TotalSeconds * _source.TimestampFrequency);
        Clock = new LoopClock(_source, options.IsVirtual);
        Context = new LoopContext(this);
        Scheduler = new LoopTaskScheduler(this);
        Time = new LoopTimeProvider(this);
        Parker = new LoopParker(this);
        Blocking = new BlockedThreadWatch(this, options.BlockLimit);
        ExternalWork = new LoopExternalWork(this);
        _isCoarse = ReferenceEquals(_source, TimeProvider.System) && options.SlowLimit >= LeastCoarseLimit;
        if (_slow != long.MaxValue && ReferenceEquals(_source, TimeProvider.System)) _watch = new LoopWatch(this, options.SlowLimit);
    }

    /// <summary>From this limit on, slow callbacks are measured to a tick of the coarse clock (4 ms on most Linux systems, 16 ms on Windows), which takes a
    /// fifth of the time to read. Shorter ones are measured exactly.</summary>
    public static TimeSpan LeastCoarseLimit => TimeSpan.FromMilliseconds(100);

    /// <summary>The loop whose callback the calling thread runs; null on all other threads.</summary>
    public static LoopCore? Current => t_current;

    public LoopOwner Owner { get; }

    public LoopClock Clock { get; }

    public LoopContext Context { get; }

    public LoopTaskScheduler Scheduler { get; }

    public LoopTimeProvider Time { get; }

    /// <summary>Puts the loop's thread to sleep and wakes it.</summary>
    public LoopParker Parker { get; }

    /// <summary>Watches waits that block the loop's thread.</summary>
    public BlockedThreadWatch Blocking { get; }

    /// <summary>Tracks the loop's work that is in progress on other threads.</summary>
    public LoopExternalWork ExternalWork { get; }

    /// <summary>Detects code on the loop's thread that waits for a resource that it holds itself; null for no detection. Set before the first
    /// <see cref="Run"/>.</summary>
    public SelfWaitWatch? SelfWaits { get; set; }

    /// <summary>The order in which ready callbacks run; null for oldest first.</summary>
    public ReadyOrder? Order => _order;

    /// <summary>Whether the running callback may spin: no other is ready or was posted by another thread, and the loop has read its clock in this tick
    /// of the coarse clock. Later, the callback must give the thread back, so that the loop finds the timers that are due.</summary>
    public bool MaySpin => _isCoarse && _ready.Count == 0 && !HasEntries && CoarseClock.Tick == _tick;

    /// <summary>The number of ready callbacks. On the loop's thread.</summary>
    public int ReadyCallbacks => _ready.Count;

    /// <summary>The oldest ready callback; its <see cref="ReadyItem.Callback"/> is null if the queue is empty. On the loop's thread.</summary>
    public ReadyItem NextReady => _ready.Count == 0 ? default : _ready.Oldest;

    /// <summary>The running callback; its <see cref="ReadyItem.Callback"/> is null if none runs. Other threads may see a stale or torn
    /// value.</summary>
    public ReadyItem Running => _running;

    /// <summary>When the running callback started, by the source clock, or up to a tick before (<see cref="LeastCoarseLimit"/>); 0 if none runs, or
    /// if slow callbacks are not measured. From any thread.</summary>
    public long Began => Volatile.Read(ref _began);

    /// <summary>The running callback as another thread sees it: the callback, how long it has run, and, if the thread is blocked, where. The three
    /// values may be from different moments, but not for a callback that has run for a long time.</summary>
    public (ReadyItem Callback, TimeSpan? RunsFor, string? BlockedAt) SeenFromOutside
    {
        get
        {
            long began = Began;
            return (_running, _slow == long.MaxValue || began == 0 ? null : _source.GetElapsedTime(began), Blocking.BlockedAt);
        }
    }

    /// <summary>Whether the calling thread is the loop's thread.</summary>
    public bool IsHere => ReferenceEquals(t_current, this);

    /// <summary>Queues a callback. From any thread.</summary>
    /// <exception cref="ObjectDisposedException">The loop is closed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Post(object callback, object? state)
    {
        if (ReferenceEquals(t_current, this)) _ready.Enqueue(callback, state);
        else Enter(callback, state);
    }

    /// <summary>Like <see cref="Post"/>, but on a closed loop the callback runs on the thread pool.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PostOrForward(object callback, object? state)
    {
        if (ReferenceEquals(t_current, this)) _ready.Enqueue(callback, state);
        else if (!TryEnter(callback, state)) Forward(new ReadyItem(callback, state));
    }

    /// <summary>Makes the loop return from <see cref="Run"/>: after the running callback on the loop's thread, after the entries queued before it
    /// otherwise.</summary>
    public void Stop()
    {
        if (IsHere) _isStopping = true;
        else PostOrForward(StopWork.Callback, this);
    }

    /// <summary>Runs callbacks on the calling thread until <see cref="Stop"/> is called.</summary>
    public void Run()
    {
        var outer = t_current;
        var outerContext = SynchronizationContext.Current;
        t_current = this;
        var outerWaits = SelfWaitWatch.Enter(SelfWaits);
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
                    // User code threw and no code awaits the callback: the loop's owner reports the error, and the loop continues.
                    Owner.CallbackFailed(error, _running);
                }
            }
        }
        finally
        {
            _running = default;
            Volatile.Write(ref _began, 0);
            SynchronizationContext.SetSynchronizationContext(outerContext);
            SelfWaitWatch.Enter(outerWaits);
            t_current = outer;
        }
    }

    /// <summary>Runs the ready callbacks, and those that they make ready, and returns. Timers that are due later stay armed.</summary>
    public void RunUntilQuiet()
    {
        _stopsWhenQuiet = true;
        Run();
    }

    /// <summary>Completes when no other callback is ready, before virtual time jumps. On the loop's thread.</summary>
    public Task WhenQuietAsync()
    {
        var quiet = new TaskCompletionSource(); // completed in a separate callback, so its continuations run inline without the thread pool
        (_quiet ??= []).Add(quiet);
        return quiet.Task;
    }

    private void RunUnwatched()
    {
        const int clockInterval = 64; // callbacks between two clock checks while callbacks are ready
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
            _running.Run(); // called on the field: a copy in this frame would keep the callback's objects alive
        }
    }

    /// <summary>Like <see cref="RunUnwatched"/>, but measures each callback. A slow one takes many ticks of the coarse clock; while that clock does not
    /// advance, no callback was slow.</summary>
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
            if (!_isCoarse || CoarseClock.Tick != _tick) Measure();
        }
    }

    /// <summary>Measures the callbacks that ran since the last measurement: one, or all that ran within a tick of the coarse clock.</summary>
    private void Measure()
    {
        _tick = CoarseClock.Tick;
        long ended = _source.GetTimestamp();
        if (ended - _began > _slow) Owner.CallbackIsSlow(_running, _source.GetElapsedTime(_began, ended), place: null);
        Volatile.Write(ref _began, ended);
    }

    /// <summary>Records that the next callback starts now.</summary>
    private void Begin()
    {
        _tick = CoarseClock.Tick;
        Volatile.Write(ref _began, _source.GetTimestamp());
        _watch?.Awake();
    }

    private void Take() => _running = _order is null || _ready.Count == 1 ? _ready.Dequeue() : TakeInOrder(_order);

    private ReadyItem TakeInOrder(ReadyOrder order)
    {
        int place = order.Pick(_ready.Count);
        if (place == 0) return _ready.Dequeue();
        var oldest = _ready.Oldest;
        var taken = _ready.TakeAt(place);
        order.Taken(taken, oldest);
        return taken;
    }

    /// <summary>Called when no callback is ready and no timer is due.</summary>
    private void Idle()
    {
        CheckInvariants();
        bool isLast = _quiet is not { Count: > 0 } && !_stopsWhenQuiet && !HasNext(out _);
        bool isAlone = ExternalWork.Announced == 0 && !HasEntries && (!Clock.IsVirtual || ExternalWork.IsQuiet(isLast));
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

        if (isAlone && Clock.IsVirtual && TryJump()) return;
        if (isAlone && !HasNext(out _) && Owner.IsStuck()) return;
        Parker.ParkUntil(HasNext(out long due) && !Clock.IsVirtual ? due : TimerQueue.Never);
    }

    private static class StopWork
    {
        public static readonly SendOrPostCallback Callback = static loop => ((LoopCore)loop!)._isStopping = true;
    }
}
