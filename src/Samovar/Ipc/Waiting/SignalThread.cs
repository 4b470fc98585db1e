using System.Diagnostics;
using System.Runtime.InteropServices;
using Samovar.Ipc.Platform;
using Samovar.Primitives;

namespace Samovar.Ipc.Waiting;

/// <summary>The thread that sleeps for all asynchronous waits of this process.</summary>
/// <remarks>
/// <list type="number">
/// <item>There is one, made at the first such wait. It sleeps at the words of all signals that are waited for; where these are more than
/// the kernel takes at once (127 on Linux), there is a further thread for each so many. A signal has its place at one of them until it is
/// closed, for it may be waited for again.</item>
/// <item>Signals, their waiters and the round are changed under the gate. The thread looks at words under the gate and sleeps outside of
/// it, at words that it has listed before.</item>
/// <item>Who closes a signal takes it off the list, and waits until the thread has begun another round: then the thread is at that
/// word no more. A wake-up that the thread had and did not look after goes on to all others at that word.</item>
/// <item>Woken for one, it lets one waiter go; the first that finds ready what it waits for. Woken for all, or in doubt, it lets all go
/// that do. A waiter that is served in order (<see cref="WaitOrder"/>) is not looked at while one before it waits that takes.</item>
/// <item>A wake-up for one counts as used only where it let a waiter go. Where the only waiters have ended by themselves meanwhile, it
/// goes on to another sleeper: that one is in another process, or waits synchronously.</item>
/// <item>Awaiting code never runs here.</item>
/// </list>
/// </remarks>
internal sealed unsafe class SignalThread
{
    public const string Name = "Samovar shared waits";

    private static readonly Lock s_gate = new();
    private static readonly List<SignalThread> s_threads = [];

    private readonly object _gate = new();
    private readonly List<SharedSignal> _signals = [];
    private readonly WaitPlatform _platform;
    private readonly uint* _control;
    private WaitedWord[] _words = [];
    private bool _sleeps;
    private long _round;
    private int _places; // s_gate: signals that were ever waited for here and are not closed

    private SignalThread(WaitPlatform platform)
    {
        _platform = platform;
        _control = (uint*)NativeMemory.AllocZeroed(sizeof(uint));
        new Thread(Run) { IsBackground = true, Name = Name }.UnsafeStart();
    }

    /// <summary>Threads made so far.</summary>
    public static int Count
    {
        get
        {
            lock (s_gate) return s_threads.Count;
        }
    }

    /// <summary>Takes over a wait.</summary>
    public static void Add(AsyncWaiter waiter)
    {
        SharedSignal signal = waiter.Signal;
        SignalThread thread;
        lock (s_gate)
        {
            if (signal.IsClosed)
            {
                waiter.Fail(SharedSignal.Disposed());
                return;
            }

            thread = signal.Thread ??= PlaceFor(signal);
            lock (thread._gate)
            {
                if (signal.IsClosed)
                {
                    waiter.Fail(SharedSignal.Disposed());
                    return;
                }

                if (waiter.Task.IsCompleted) return;
                signal.AsyncWaiters.Add(waiter);
                if (!thread._signals.Contains(signal)) thread._signals.Add(signal);
                thread.Poke();
            }
        }
    }

    /// <summary>A wait has ended by itself, on whatever thread: one that is interrupted too leaves the others to be looked at.</summary>
    public static void Forget(AsyncWaiter waiter)
    {
        if (ThreadOf(waiter.Signal) is not { } thread) return;
        using (GateEntry.HoldMonitorRegardless(thread._gate))
        {
            List<AsyncWaiter> waiters = waiter.Signal.AsyncWaiters;
            if (waiters.Remove(waiter) && waiter.Order == WaitOrder.Takes && waiters.Count > 0)
                thread.Poke(); // the next may be ready, and was not looked at
        }
    }

    /// <summary>Ends all waits at a signal, which is closed. The thread is at its word no more when this returns.</summary>
    /// <returns>Whether the thread may have slept at its word.</returns>
    public static bool Remove(SharedSignal signal)
    {
        SignalThread thread;
        using (s_gate.HoldRegardless())
        {
            if (signal.Thread is null) return false;
            thread = signal.Thread;
            if (signal.HasPlace) thread._places--;
            signal.HasPlace = false;
        }

        using (GateEntry.HoldMonitorRegardless(thread._gate))
        {
            foreach (AsyncWaiter waiter in signal.AsyncWaiters) waiter.Fail(SharedSignal.Disposed());
            signal.AsyncWaiters.Clear();
            if (!thread._signals.Remove(signal)) return false;
            if (!thread._sleeps) return true;
            long round = thread._round;
            thread.Poke();
            bool isInterrupted = false;
            while (thread._sleeps && thread._round == round)
            {
                try
                {
                    Monitor.Wait(thread._gate);
                }
                catch (ThreadInterruptedException)
                {
                    isInterrupted = true; // for this thread's next wait: the signal's memory must not go while the other thread looks at it
                }
            }

            if (isInterrupted) Thread.CurrentThread.Interrupt();
            return true;
        }
    }

    public static int WaitersOf(SharedSignal signal)
    {
        if (ThreadOf(signal) is not { } thread) return 0;
        lock (thread._gate) return signal.AsyncWaiters.Count;
    }

    private static SignalThread? ThreadOf(SharedSignal signal)
    {
        using (s_gate.HoldRegardless()) return signal.Thread;
    }

    private static SignalThread PlaceFor(SharedSignal signal)
    {
        SignalThread? thread = s_threads.Find(t => t._platform == signal.Platform && t._places < t._platform.MostWords - 1);
        if (thread is null) s_threads.Add(thread = new SignalThread(signal.Platform));
        thread._places++;
        signal.HasPlace = true;
        return thread;
    }

    private void Poke()
    {
        Interlocked.Increment(ref *_control);
        _platform.WakeAll(_control);
    }

    private void Run()
    {
        while (true)
        {
            ReadOnlySpan<WaitedWord> words;
            lock (_gate)
            {
                _sleeps = false;
                _round++;
                Monitor.PulseAll(_gate);
                words = LookLocked();
                CheckInvariantsLocked();
                _sleeps = true;
            }

            _platform.WaitAny(words, Timeout.InfiniteTimeSpan);
        }
    }

    private ReadOnlySpan<WaitedWord> LookLocked()
    {
        if (_words.Length <= _signals.Count) _words = new WaitedWord[Math.Max(8, 2 * (_signals.Count + 1))];
        _words[0] = new WaitedWord((nint)_control, Volatile.Read(ref *_control));
        int count = 1;
        for (int i = _signals.Count - 1; i >= 0; i--)
        {
            SharedSignal signal = _signals[i];
            bool isUnused = false;
            if (signal.AsyncWaiters.Count > 0)
            {
                WaitedWord word = signal.Word.Prepare(out bool wasNotified);
                WatchLocked(signal); // after the announcement: who joins from here on changes the turn
                bool isForOne = wasNotified && SignalWord.TurnsBetween(signal.TurnSeen, word.Expected) == 1;
                signal.TurnSeen = word.Expected;
                isUnused = !LetGo(signal.AsyncWaiters, isForOne) && wasNotified;
                if (signal.AsyncWaiters.Count > 0)
                {
                    _words[count++] = word;
                    continue;
                }
            }

            _signals.RemoveAt(i);
            PassOn(signal, isUnused);
        }

        return _words.AsSpan(0, count);
    }

    [Conditional("DEBUG")]
    private void CheckInvariantsLocked()
    {
        Debug.Assert(_words.Length > _signals.Count, "there is a word for each signal, and one for this thread");
        foreach (SharedSignal signal in _signals)
        {
            Debug.Assert(ReferenceEquals(signal.Thread, this), "a signal is looked at where it has its place");
            Debug.Assert(signal.AsyncWaiters.Count > 0, "after a look only signals are kept that are waited for");
        }
    }

    // The last waiter here has gone. Where it went by a token, its time or an error, a wake-up may have been meant for it, before this
    // round (isUnused) or since: then another that sleeps is to look.
    private static void PassOn(SharedSignal signal, bool isUnused)
    {
        signal.Word.Prepare(out bool wasNotified);
        if (wasNotified || isUnused) signal.WakeOne();
    }

    private static void WatchLocked(SharedSignal signal)
    {
        try
        {
            signal.WatchPeers();
        }
        catch (IOException e)
        {
            // No descriptor is left to watch the others with: waiting would not be safe.
            foreach (AsyncWaiter waiter in signal.AsyncWaiters) waiter.Fail(e);
            signal.AsyncWaiters.Clear();
        }
    }

    /// <returns>Whether a waiter found what it waited for.</returns>
    private static bool LetGo(List<AsyncWaiter> waiters, bool isForOne)
    {
        int kept = 0;
        bool any = false;
        bool isDone = false;
        bool isOrderHeldUp = false;
        for (int i = 0; i < waiters.Count; i++)
        {
            AsyncWaiter waiter = waiters[i];
            WaiterLook look = WaiterLook.NotReady;
            try
            {
                if (!isDone && !(waiter.Order != WaitOrder.None && isOrderHeldUp)) look = waiter.Look();
            }
            catch (Exception e)
            {
                // The memory is damaged, or there is none left for a large item: that concerns the one who waits, not this thread.
                waiter.Fail(e);
                continue;
            }

            if (look == WaiterLook.Ready)
            {
                any = true;
                isDone = isForOne;
            }

            if (look != WaiterLook.NotReady) continue;
            isOrderHeldUp |= waiter.Order == WaitOrder.Takes;
            waiters[kept++] = waiter;
        }

        waiters.RemoveRange(kept, waiters.Count - kept);
        return any;
    }
}
