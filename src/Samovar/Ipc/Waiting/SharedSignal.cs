using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Waiting;

/// <summary>A signal as one process uses it: threads and asynchronous methods wait here for a change by any process.</summary>
/// <remarks>
/// <para>A synchronous wait looks, then spins (<see cref="SpinPolicy"/>, as <see cref="SpinHistory"/> decides), then sleeps in the kernel until woken. An asynchronous wait looks, and
/// leaves the sleeping to <see cref="SignalThread"/>. Before that, the waits of a queue's readers and writers (<see cref="WaitOrder"/>) spin too, where
/// no other callback waits for the thread (<see cref="ISpinContext"/>) and not in a context of others, such as that of a user interface.</para>
/// <para>The look must be quick, must not throw and must not run user code. It reads shared memory only. A waiter for which it was true then tries to
/// take, and waits again if another one was faster. A waiter that takes one of several available things wakes the next waiter.</para>
/// <para>All members are thread-safe. <see cref="Close"/> is called before the memory is unmapped.</para>
/// </remarks>
internal sealed unsafe class SharedSignal
{
    private readonly SignalWord _word;
    private readonly WaitPlatform _platform;
    private readonly SpinPolicy _spin;
    private readonly ProcessRegistration? _registration;
    private SpinHistory _history = SpinHistory.OfSignal;
    private SpinHistory _asyncHistory = SpinHistory.OfAsynchronousWaits;
    private int _sleepers; // synchronous waiters of this process; negative once the signal is closed
    private int _inOrder; // asynchronous waiters of this process that take, and are served in the order of arrival

    /// <param name="word">The word in shared memory, initially 0.</param>
    /// <param name="platform">How threads sleep.</param>
    /// <param name="registration">The processes whose death interrupts a sleep; null if there is one process only.</param>
    /// <param name="spin">How long to spin before sleeping; null for the machine's default.</param>
    public SharedSignal(uint* word, WaitPlatform platform, ProcessRegistration? registration = null, SpinPolicy? spin = null)
    {
        _word = new SignalWord(word, platform);
        _platform = platform;
        _spin = spin ?? SpinPolicy.Processes;
        _registration = registration;
        registration?.Add(this);
    }

    /// <summary>The approximate number of waiters of this process that sleep.</summary>
    public int Waiters => Math.Max(0, Volatile.Read(ref _sleepers)) + SignalThread.WaitersOf(this);

    /// <summary>Whether an asynchronous waiter of this process that takes is to be served before new waiters.</summary>
    public bool HasOrder => Volatile.Read(ref _inOrder) > 0; // SYNC: order of waiters

    internal SignalWord Word => _word;

    internal WaitPlatform Platform => _platform;

    // Owned by the SignalThread that serves this signal: the first two under the gate of all such threads, the others under that thread's gate.
    internal SignalThread? Thread { get; set; }

    internal bool HasPlace { get; set; }

    internal List<AsyncWaiter> AsyncWaiters { get; } = [];

    internal uint TurnSeen { get; set; }

    private static bool MaySpin => SynchronizationContext.Current is null or ISpinContext { MaySpin: true };

    internal bool IsClosed => Volatile.Read(ref _sleepers) < 0;

    /// <summary>Called after publishing: wakes one waiter of any process, if one sleeps and no woken waiter has yet to look.</summary>
    public void WakeOne() => _word.WakeOne();

    /// <summary>Called after publishing: wakes all waiters of all processes.</summary>
    public void WakeAll() => _word.WakeAll();

    /// <summary>Wakes all waiters, whatever the word contains; called when a process has died or joined.</summary>
    public void WakeAllRegardless() => _word.WakeAllRegardless();

    /// <summary>Blocks until a condition is true.</summary>
    /// <param name="state">Passed to <paramref name="ready"/>.</param>
    /// <param name="ready">The condition.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>False if the timeout elapsed.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the condition was true.</exception>
    /// <exception cref="ObjectDisposedException">The object was disposed in this process.</exception>
    public bool Wait<TState>(TState state, Func<TState, bool> ready, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (ready(state)) return true;
        cancellationToken.ThrowIfCancellationRequested();
        if (timeout == TimeSpan.Zero) return false;
        long start = Stopwatch.GetTimestamp();
        if (_spin.SpinUntil(state, ready, ref _history)) return true;
        if (!TryEnter()) throw Disposed();
        try
        {
            if (!Sleep(state, ready, timeout, start, cancellationToken)) return false;
            _history.Slept(Stopwatch.GetElapsedTime(start));
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _sleepers);
        }
    }

    /// <summary>Completes when a condition is true.</summary>
    /// <inheritdoc cref="Wait{TState}"/>
    /// <param name="state">Passed to <paramref name="ready"/>.</param>
    /// <param name="ready">The condition; called by any thread.</param>
    /// <param name="timeout">How long to wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait indefinitely.</param>
    /// <param name="time">Measures the timeout.</param>
    /// <param name="cancellationToken">Cancels the wait. If the wait is cancelled, <paramref name="ready"/> has taken nothing.</param>
    /// <param name="order">The position among the asynchronous waiters of this process.</param>
    public ValueTask<bool> WaitAsync<TState>(
        TState state, Func<TState, bool> ready, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken, WaitOrder order = WaitOrder.None)
    {
        if (!(order != WaitOrder.None && HasOrder) && ready(state)) return new ValueTask<bool>(true);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<bool>(cancellationToken);
        if (timeout == TimeSpan.Zero) return new ValueTask<bool>(false);
        long start = Stopwatch.GetTimestamp();
        // The calls of two waiters that spin overlap, so neither has arrived before the other.
        if (order != WaitOrder.None && MaySpin && !HasOrder && _spin.SpinAsynchronously(state, ready, ref _asyncHistory)) return new ValueTask<bool>(true);
        return new ValueTask<bool>(new AsyncWaiter<TState>(this, state, ready, order).WaitAsync(start, timeout, time, cancellationToken));
    }

    /// <summary>Fails all waits of this process with <see cref="ObjectDisposedException"/>, and returns when no thread accesses the word any
    /// more.</summary>
    public void Close()
    {
        int sleepers = Interlocked.Or(ref _sleepers, int.MinValue) | int.MinValue; // SYNC: closed or sleeping
        bool hasSlept = SignalThread.Remove(this) || sleepers != int.MinValue;
        var spin = default(SpinWait);
        for (; sleepers != int.MinValue; sleepers = Volatile.Read(ref _sleepers))
        {
            _word.WakeAllRegardless();
            spin.SpinOnce(sleep1Threshold: -1); // not interruptible: the slot must be returned
        }

        // A wake-up may have been intended for a waiter that slept here and has not looked, so the waiters of other processes look instead.
        if (hasSlept) _word.WakeAllRegardless();
    }

    /// <summary>Records the length of an asynchronous wait that found what it waited for, from its first look.</summary>
    internal void SleptAsynchronously(TimeSpan wait) => _asyncHistory.SleptAsynchronously(wait);

    internal void JoinOrder() => Interlocked.Increment(ref _inOrder); // SYNC: order of waiters

    internal void LeaveOrder() => Interlocked.Decrement(ref _inOrder);

    internal static ObjectDisposedException Disposed() => new("A shared object", "The shared object was disposed in this process during a wait.");

    /// <summary>Watches the processes that have joined since the last sleep.</summary>
    internal void WatchPeers() => _registration?.Watch();

    private bool Sleep<TState>(TState state, Func<TState, bool> ready, TimeSpan timeout, long start, CancellationToken cancellationToken)
    {
        uint canceled = 0;
        if (!cancellationToken.CanBeCanceled) return Sleep(state, ready, timeout, start, &canceled, cancellationToken);
        var wake = new CancelWake(&canceled, _platform);
        var registration = cancellationToken.UnsafeRegister(static wake => ((CancelWake)wake!).Invoke(), wake);
        try
        {
            return Sleep(state, ready, timeout, start, &canceled, cancellationToken);
        }
        finally
        {
            registration.UnregisterRegardless(); // does not wait for a running callback, because an interrupt would break that wait
            wake.Close();
        }
    }

    private bool Sleep<TState>(TState state, Func<TState, bool> ready, TimeSpan timeout, long start, uint* canceled, CancellationToken cancellationToken)
    {
        Span<WaitedWord> words = [default, new WaitedWord((nint)canceled, 0)];
        words = cancellationToken.CanBeCanceled ? words : words[..1];
        while (true)
        {
            words[0] = _word.Prepare();
            WatchPeers(); // after the announcement: a process that joins from here on changes the turn
            if (ready(state)) return true;
            if (IsClosed) // SYNC: closed or sleeping
                throw Disposed();
            cancellationToken.ThrowIfCancellationRequested();
            TimeSpan left = timeout;
            if (timeout != Timeout.InfiniteTimeSpan && (left = timeout - Stopwatch.GetElapsedTime(start)) <= TimeSpan.Zero)
                return false;
            _platform.WaitAny(words, left);
        }
    }

    private bool TryEnter()
    {
        if (Interlocked.Increment(ref _sleepers) > 0) return true;
        Interlocked.Decrement(ref _sleepers);
        return false;
    }

    /// <summary>Wakes a sleeper when its token is cancelled, through a word in the sleeper's stack frame; does nothing after
    /// <see cref="Close"/>.</summary>
    private sealed class CancelWake(uint* canceled, WaitPlatform platform)
    {
        private readonly Lock _gate = new();
        private bool _isClosed; // gate

        public void Invoke()
        {
            using (_gate.HoldRegardless())
            {
                if (_isClosed) return;
                Volatile.Write(ref *canceled, 1);
                platform.WakeAll(canceled);
            }
        }

        public void Close()
        {
            using (_gate.HoldRegardless()) _isClosed = true;
        }
    }
}
