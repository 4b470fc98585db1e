using System.Runtime.CompilerServices;
using Samovar.Tasks.Core;

namespace Samovar.Loops.Core;

/// <summary>The inside of a loop: one thread, what is ready, what is due, what comes in from other threads. Of what runs it, it knows a
/// <see cref="LoopOwner"/> only.</summary>
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
/// <item>Any code ends it by <see cref="Stop"/>; the loop returns from <see cref="Run"/> before its next callback. It may be run again.</item>
/// <item><see cref="Close"/> makes it final: what is ready or comes in later is continuations of work that no thread runs any more, and goes
/// to the thread pool, so that none of it is lost.</item>
/// </list>
/// </remarks>
internal sealed partial class LoopCore
{
    [ThreadStatic]
    private static LoopCore? t_current;

    private readonly ReadyQueue _ready = new();
    private readonly ReadyOrder? _order;
    private readonly TimeProvider _source;
    private readonly LoopWatch? _watch; // null where slow callbacks are not measured, or by a clock other than the system's
    private readonly long _slow; // in units of the source's clock; long.MaxValue for never
    private bool _isStopping;
    private bool _stopsWhenQuiet;
    private int _untilClock;
    private int _untilEntries; // callbacks to run before more is taken in from other threads
    private ReadyItem _running;
    private long _began; // the callback at hand, by the source's clock; the loop's thread writes, others read
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
        if (_slow != long.MaxValue && ReferenceEquals(_source, TimeProvider.System)) _watch = new LoopWatch(this, options.SlowLimit);
    }

    /// <summary>The loop whose callback this thread runs; null on all other threads.</summary>
    public static LoopCore? Current => t_current;

    public LoopOwner Owner { get; }

    public LoopClock Clock { get; }

    public LoopContext Context { get; }

    public LoopTaskScheduler Scheduler { get; }

    public LoopTimeProvider Time { get; }

    /// <summary>How its thread sleeps.</summary>
    public LoopParker Parker { get; }

    /// <summary>What blocks its thread.</summary>
    public BlockedThreadWatch Blocking { get; }

    /// <summary>What of it is under way on other threads.</summary>
    public LoopExternalWork ExternalWork { get; }

    /// <summary>Looks, on the loop's thread, for code that waits for what it holds itself; null where nothing looks. Set before the first <see cref="Run"/>.</summary>
    public SelfWaitWatch? SelfWaits { get; set; }

    /// <summary>In which order it runs what is ready; null for the oldest first.</summary>
    public ReadyOrder? Order => _order;

    /// <summary>Callbacks that are ready. On the loop's thread.</summary>
    public int ReadyCallbacks => _ready.Count;

    /// <summary>What is ready next; its callback is null where nothing is. On the loop's thread.</summary>
    public ReadyItem NextReady => _ready.Count == 0 ? default : _ready.Oldest;

    /// <summary>The callback at hand; with a callback of null where none runs. Other threads see it as of some moment.</summary>
    public ReadyItem Running => _running;

    /// <summary>When the callback at hand began, by the source's clock; 0 where none runs, or where slow ones are not measured. From any thread.</summary>
    public long Began => Volatile.Read(ref _began);

    /// <summary>What it runs at this moment, seen from another thread: the callback, since when, and, if the thread is blocked, where. The three may be of
    /// different moments; of a callback that has run for long they are not.</summary>
    public (ReadyItem Callback, TimeSpan? RunsFor, string? BlockedAt) SeenFromOutside
    {
        get
        {
            long began = Began;
            return (_running, _slow == long.MaxValue || began == 0 ? null : _source.GetElapsedTime(began), Blocking.BlockedAt);
        }
    }

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

    /// <summary>Runs callbacks on this thread until some code asks it to stop.</summary>
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
                    // User code threw where no code awaits it: the loop's owner reports it, and the other callbacks go on.
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

    /// <summary>Runs what is ready, and what becomes so by that, and returns; what is due later is left.</summary>
    public void RunUntilQuiet()
    {
        _stopsWhenQuiet = true;
        Run();
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
            long ended = _source.GetTimestamp();
            if (ended - _began > _slow) Owner.CallbackIsSlow(_running, _source.GetElapsedTime(_began, ended), place: null);
            Volatile.Write(ref _began, ended);
        }
    }

    /// <summary>The next callback begins now.</summary>
    private void Begin()
    {
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

    /// <summary>Nothing is ready and nothing is due.</summary>
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
