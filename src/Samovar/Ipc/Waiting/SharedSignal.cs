using System.Diagnostics;
using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Waiting;

/// <summary>A process's side of a signal: its threads wait here, synchronously or not, for what any process changes.</summary>
/// <remarks>
/// <para>The steps of a synchronous wait: look; spin (<see cref="SpinPolicy"/>, as <see cref="SpinHistory"/> advises); sleep in the kernel
/// until woken. An asynchronous one looks, and leaves the sleeping to <see cref="SignalThread"/>.</para>
/// <para>What is looked at must be quick, must not throw, and must not run user code. It looks at shared memory only; a waiter that
/// was told that it is ready then tries to take, and waits again where another was faster. Who takes one of several things that are
/// there wakes the next waiter.</para>
/// <para>All members are safe for any thread. <see cref="Close"/> comes before the memory is unmapped.</para>
/// </remarks>
internal sealed unsafe class SharedSignal
{
    private readonly SignalWord _word;
    private readonly WaitPlatform _platform;
    private readonly SpinPolicy _spin;
    private readonly ProcessRegistration? _registration;
    private SpinHistory _history = SpinHistory.OfSignal;
    private int _sleepers; // synchronous ones of this process; negative once it is closed
    private int _inOrder; // asynchronous waiters of this process that take, and are served in the order in which they came

    /// <param name="word">In shared memory; 0 at first.</param>
    /// <param name="platform">How to sleep.</param>
    /// <param name="registration">The processes whose death ends a sleep; null where there is one process only.</param>
    /// <param name="spin">How long to look before sleeping; null for the machine's default.</param>
    public SharedSignal(uint* word, WaitPlatform platform, ProcessRegistration? registration = null, SpinPolicy? spin = null)
    {
        _word = new SignalWord(word, platform);
        _platform = platform;
        _spin = spin ?? SpinPolicy.Processes;
        _registration = registration;
        registration?.Add(this);
    }

    /// <summary>Waiters of this process that sleep, about.</summary>
    public int Waiters => Math.Max(0, Volatile.Read(ref _sleepers)) + SignalThread.WaitersOf(this);

    /// <summary>Whether an asynchronous waiter of this process that takes is to be served before those who come now.</summary>
    public bool HasOrder => Volatile.Read(ref _inOrder) > 0; // SYNC: order of waiters

    internal SignalWord Word => _word;

    internal WaitPlatform Platform => _platform;

    // Kept by the SignalThread that serves this signal, the first two under the gate of all such threads, the others under its own.
    internal SignalThread? Thread { get; set; }

    internal bool HasPlace { get; set; }

    internal List<AsyncWaiter> AsyncWaiters { get; } = [];

    internal uint TurnSeen { get; set; }

    internal bool IsClosed => Volatile.Read(ref _sleepers) < 0;

    /// <summary>After publishing: wakes one waiter of any process, if one sleeps and none is on its way.</summary>
    public void WakeOne() => _word.WakeOne();

    /// <summary>After publishing: wakes all waiters of all processes.</summary>
    public void WakeAll() => _word.WakeAll();

    /// <summary>A process that uses the object has died, or joined.</summary>
    public void WakeAllRegardless() => _word.WakeAllRegardless();

    /// <summary>Blocks until something is there.</summary>
    /// <param name="state">Given to <paramref name="ready"/>.</param>
    /// <param name="ready">Whether it is there.</param>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False where the time ran out.</returns>
    /// <exception cref="OperationCanceledException">The token was tripped, and nothing was there.</exception>
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

    /// <summary>Completes when something is there.</summary>
    /// <inheritdoc cref="Wait{TState}"/>
    /// <param name="state">Given to <paramref name="ready"/>.</param>
    /// <param name="ready">Whether it is there; called by whatever thread.</param>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="time">By which the timeout is measured.</param>
    /// <param name="cancellationToken">Ends the wait. Cancelled means that <paramref name="ready"/> has taken nothing.</param>
    /// <param name="order">Where it stands among the asynchronous waiters of this process.</param>
    public ValueTask<bool> WaitAsync<TState>(
        TState state, Func<TState, bool> ready, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken, WaitOrder order = WaitOrder.None)
    {
        if (!(order != WaitOrder.None && HasOrder) && ready(state)) return new ValueTask<bool>(true);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<bool>(cancellationToken);
        return timeout == TimeSpan.Zero
            ? new ValueTask<bool>(false)
            : new ValueTask<bool>(new AsyncWaiter<TState>(this, state, ready, order).WaitAsync(timeout, time, cancellationToken));
    }

    /// <summary>Ends all waits of this process with <see cref="ObjectDisposedException"/>, and returns when nobody is at the word
    /// any more.</summary>
    public void Close()
    {
        int sleepers = Interlocked.Or(ref _sleepers, int.MinValue) | int.MinValue; // SYNC: closed or sleeping
        bool hasSlept = SignalThread.Remove(this) || sleepers != int.MinValue;
        var spin = default(SpinWait);
        for (; sleepers != int.MinValue; sleepers = Volatile.Read(ref _sleepers))
        {
            _word.WakeAllRegardless();
            spin.SpinOnce(sleep1Threshold: -1); // which no interrupt ends: the place must be given back
        }

        // A wake-up may have been meant for one that slept here and has not looked: those of other processes are to look.
        if (hasSlept) _word.WakeAllRegardless();
    }

    internal void JoinOrder() => Interlocked.Increment(ref _inOrder); // SYNC: order of waiters

    internal void LeaveOrder() => Interlocked.Decrement(ref _inOrder);

    internal static ObjectDisposedException Disposed() => new("A shared object", "The shared object was disposed in this process while it was waited for.");

    /// <summary>Whoever joined since the last sleep is watched from here on.</summary>
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
            registration.UnregisterRegardless(); // which does not wait for a callback that runs: an interrupt would end that wait
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
            WatchPeers(); // after the announcement: who joins from here on changes the turn
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

    /// <summary>Wakes a sleeper whose token trips, by a word in the sleeper's own frame: not after <see cref="Close"/>.</summary>
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
